import { strictEqual } from "node:assert/strict";
import type { Command } from "./model.ts";
import { runsServiceCommand } from "./service_command.ts";

const CWD = "/home/ada/shop/backend";
const UVICORN = "uvicorn app.main:app --port 8000";

/** The command of the service, the arguments of a process, and its folder. */
type Case = readonly [
  command: Command,
  args: readonly string[],
  cwd?: string | null,
];

const OWN: Readonly<Record<string, Case>> = {
  "the same words": [UVICORN, UVICORN.split(" ")],
  "a program of a venv": [UVICORN, [
    "/home/ada/shop/.venv/bin/python3.11",
    "/home/ada/shop/.venv/bin/uvicorn",
    ...UVICORN.split(" ").slice(1),
  ]],
  "a module": [UVICORN, ["python3", "-u", "-m", ...UVICORN.split(" ")]],
  "a module in the service": [
    ["python", "-m", "uvicorn", "app.main:app"],
    ["/usr/bin/python3", "/usr/local/bin/uvicorn", "app.main:app"],
  ],
  "a shell around it": [UVICORN, ["sh", "-c", `exec ${UVICORN}`]],
  "a window of start.bat": [
    UVICORN,
    ["C:\\Windows\\system32\\cmd.exe", "/k", UVICORN],
    null,
  ],
  "a program of Windows": [
    UVICORN,
    ["C:\\shop\\venv\\Scripts\\uvicorn.exe", ...UVICORN.split(" ").slice(1)],
    null,
  ],
  "an option with = instead of a blank": [
    UVICORN,
    ["uvicorn", "app.main:app", "--port=8000"],
  ],
  "a program of node_modules": [
    "vite --port 5173",
    ["node", `${CWD}/node_modules/.bin/vite`, "--port", "5173"],
  ],
  "its file": [
    "npx vite",
    ["node", `${CWD}/node_modules/.bin/../vite/bin/vite.js`],
  ],
  "npm, which sets its title": ["npm run dev", ["npm run dev"]],
  "npm, run by node": [
    "npm run dev",
    ["node", "/usr/lib/node_modules/npm/bin/npm-cli.js", "run", "dev"],
  ],
  "one of several commands": [
    "cd web && NODE_ENV=development vite 2>&1 | tee log",
    ["node", `${CWD}/node_modules/.bin/vite`],
    `${CWD}/web`,
  ],
  "a folder that cd leads to": [
    "cd app && python3 -m http.server 8000",
    ["python3", "-m", "http.server", "8000"],
    `${CWD}/app`,
  ],
  "a script in a folder that cd leads to": [
    ["sh", "-c", "cd ./app; cd ../web\nnode server.js"],
    ["node", `${CWD}/web/server.js`],
    `${CWD}/web`,
  ],
  "the shell of a cd, before it": [
    "cd app && python3 -m http.server 8000",
    ["sh", "-c", "cd app && python3 -m http.server 8000"],
  ],
  "the shell of a cd, after it": [
    "cd app && python3 -m http.server 8000",
    ["sh", "-c", "cd app && python3 -m http.server 8000"],
    `${CWD}/app`,
  ],
  "a shell of all its commands": [
    "node a.js & node server.js",
    ["sh", "-c", "node a.js & node server.js"],
  ],
  "a variable": [
    "uvicorn app.main:app --port $PORT",
    ["uvicorn", "app.main:app", "--port", "8000"],
  ],
  "quoted words": [
    `python -c "print('a b')"`,
    ["/usr/bin/python3", "-c", "print('a b')"],
  ],
  "a script": ["node server.js", ["/usr/bin/node", `${CWD}/server.js`]],
  "a script with its own interpreter": [
    "./manage.py runserver",
    ["python", "manage.py", "runserver"],
  ],
  "a runner": [
    "uv run uvicorn app:app",
    [
      "/home/ada/shop/.venv/bin/python",
      "/home/ada/shop/.venv/bin/uvicorn",
      "app:app",
    ],
  ],
  "no folder is known": ["node server.js", ["node", "server.js"], null],
};

const OTHER: Readonly<Record<string, Case>> = {
  "another program": [UVICORN, ["postgres", "-D", "data", "-p", "8000"]],
  "another app": [UVICORN, ["uvicorn", "other:app", "--port", "8000"]],
  "more arguments": [UVICORN, [...UVICORN.split(" "), "--reload"]],
  "fewer arguments": [UVICORN, ["uvicorn", "app.main:app"]],
  "another folder": [UVICORN, UVICORN.split(" "), "/home/ada/shop/other"],
  "a script of another folder": [
    "node server.js",
    ["node", "/home/ada/shop/other/server.js"],
  ],
  "a script of that name": ["uvicorn app:app", [
    "python",
    "uvicorn",
    "app:app",
  ]],
  "another script of npm": ["npm run dev", ["npm run test"]],
  "the shell alone": [UVICORN, ["bash"]],
  "a variable as the program": ["$SERVER", ["postgres"]],
  "an argument only": [UVICORN, ["vim", ...UVICORN.split(" ")]],
  "no arguments shown": [UVICORN, []],
  "the folder of the service, where cd leads to another": [
    "cd app && python3 -m http.server 8000",
    ["python3", "-m", "http.server", "8000"],
  ],
  "a script of the folder that cd leaves": [
    "cd app && node server.js",
    ["node", `${CWD}/server.js`],
    `${CWD}/app`,
  ],
  ...Object.fromEntries(
    [
      "cd $APP && node server.js",
      "cd ~/app && node server.js",
      "cd && node server.js",
      "cd - && node server.js",
      "test -d app || cd app; node server.js",
      "if test -d app; then cd app; fi; node server.js",
      "(cd app; node server.js)",
      "pushd app; popd; node server.js",
    ].map((line): [string, Case] => [
      `a folder that is not certain: ${line}`,
      [line, ["node", "server.js"]],
    ]),
  ),
  "a shell that runs other commands, too": [
    "node server.js",
    ["bash", "-c", "node server.js & python3 ../srv.py 8001 & wait"],
  ],
  "a shell that runs an unknown program, too": [
    "node server.js",
    ["bash", "-c", "$SERVER & node server.js"],
  ],
  "another inline program": [
    `python -c "import app"`,
    ["python", "-c", "import other"],
  ],
};

for (const [cases, is] of [[OWN, true], [OTHER, false]] as const) {
  for (const [name, [command, args, cwd = CWD]] of Object.entries(cases)) {
    Deno.test(`runsServiceCommand() is ${is}: ${name}`, () => {
      const process = { args, ...(cwd === null ? {} : { cwd }) };
      strictEqual(runsServiceCommand(process, { command, cwd: CWD }), is);
    });
  }
}
