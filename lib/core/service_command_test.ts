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
