/** The file that is written can be read again, whatever the project contains. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { makeFolder } from "../../tests/kit/test_process.ts";
import { LANGUAGES } from "../core/model.ts";
import { printable } from "../core/printable.ts";
import { loadDetails } from "../report/messages/load_messages.ts";
import type { Evidence } from "./detect/candidate.ts";
import { detect } from "./detect/detect.ts";
import { openTree } from "./detect/folder_tree.ts";
import { loadProject } from "../config/load.ts";
import type { Os } from "../platform/os.ts";
import { renderFile } from "./render.ts";
import {
  planFile,
  type PlannedFile,
  type PlannedService,
} from "./plan_file.ts";

const SYSTEMS: readonly Os[] = ["linux", "darwin", "windows"];

const EVIDENCE: Evidence = { file: "a.bat", line: 3, text: "start x" };

const SERVICE: PlannedService = {
  name: "api",
  label: "API",
  cwd: "",
  command: { posix: "serve", windows: "serve" },
  env: {},
  dependsOn: [],
  evidence: [EVIDENCE],
};

for (const language of LANGUAGES) {
  Deno.test(`renderFile() comments in ${language}`, async () => {
    const { file: comments } = (await loadDetails(language)).init;
    const text = renderFile(
      {
        services: [{
          ...SERVICE,
          port: { value: 8001, movedFrom: 8000 },
          envFileBeside: ".env",
        }],
        composeServices: [{ from: EVIDENCE, names: ["db"], ports: [5432] }],
      },
      comments,
      language,
    );
    ok(text.startsWith("#:schema ./services.schema.json\n# "), text);
    ok(text.includes(`\nlanguage = "${language}"\n`), text);
    ok(text.includes(`# ${comments.understoodFrom("a.bat:3", "start x")}\n`));
    ok(text.includes(`port = 8001 # ${comments.movedPort(8000)}\n`), text);
    ok(text.includes(comments.compose("a.bat:3", ["db"], [5432])), text);
  });
}

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom(
    "\\",
    "'",
    '"',
    "#",
    "\n",
    "\r\n",
    "\x7f",
    "\0",
    "a\\b'c",
    "'''",
  ),
);

const serviceOf = fc.record({
  label: anyText.filter((text) => /\S/.test(text)),
  posix: anyText.filter((text) => /\S/.test(text)),
  windows: anyText.filter((text) => /\S/.test(text)),
  quote: anyText,
  file: anyText,
  value: anyText,
});

Deno.test("renderFile() writes values so that they are read as they were", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/services.toml`;
  const { file: comments } = (await loadDetails("fr")).init;
  await fc.assert(
    fc.asyncProperty(
      fc.array(serviceOf, { minLength: 1, maxLength: 4 }),
      async (given) => {
        const plan: PlannedFile = {
          services: given.map((one, index) => ({
            ...SERVICE,
            name: `s${index}`,
            label: one.label,
            command: { posix: one.posix, windows: one.windows },
            port: {
              value: 8000 + index,
              from: { file: one.file, text: one.quote },
            },
            env: { "A.B C": one.value },
            evidence: [{ file: one.file, line: 1, text: one.quote }],
          })),
          composeServices: [{
            from: { file: one(given) },
            names: [one(given)],
            ports: [],
          }],
        };
        await Deno.writeTextFile(file, renderFile(plan, comments));
        for (const os of SYSTEMS) {
          const { services } = await loadProject(file, os);
          deepStrictEqual(
            services.map((
              { label, command, env },
            ) => [label, command, env["A.B C"]]),
            given.map((one) => [
              printable(one.label.toWellFormed()),
              (os === "windows" ? one.windows : one.posix).toWellFormed(),
              one.value.toWellFormed(),
            ]),
          );
        }
      },
    ),
    { numRuns: 200 },
  );
});

function one(given: readonly { readonly quote: string }[]): string {
  return given[0]?.quote ?? "";
}

const FOLDERS = ["", "api/", "web app/", "été/", "app/", "a/b/", "x'y/"];

const scriptOf = fc.oneof(
  fc.constantFrom(
    ...[
      "vite",
      "vite --port 5173",
      "next dev",
      "next dev -p 3000",
      "node x.js",
    ],
    ...[
      "PORT=99999 node x.js",
      "react-scripts start",
      "turbo dev",
      "uvicorn a:b",
    ],
    ...[
      'concurrently "npm:*"',
      "npm run dev",
      "cd .. && vite",
      "vite && x | y",
    ],
  ),
  anyText,
);

const batchLine = fc.record({
  title: anyText,
  folder: fc.constantFrom(...FOLDERS),
  command: fc.oneof(
    fc.constantFrom(
      ...[
        "uvicorn main:app --port 8000",
        "python manage.py runserver",
        "npm run dev",
      ],
      ...["venv\\Scripts\\python.exe x.py", "flask run -p 0", "x --port 65536"],
    ),
    anyText,
  ),
});

const PYTHON = [
  "app = FastAPI()\nuvicorn.run(app, port=8000)\n",
  'app = FastAPI()\n@app.get("/health\u00e9")\n',
  "app = Flask(__name__)\napp.run(port=0)\n",
  "",
];

const projectOf = fc.record({
  packages: fc.dictionary(
    fc.constantFrom(...FOLDERS),
    fc.dictionary(fc.constantFrom("dev", "start", "serve"), scriptOf),
    { maxKeys: 4 },
  ),
  python: fc.dictionary(
    fc.constantFrom(...FOLDERS),
    fc.constantFrom(...PYTHON),
  ),
  batch: fc.array(batchLine, { maxLength: 4 }),
  procfile: fc.array(anyText, { maxLength: 3 }),
  env: fc.constantFrom(
    "",
    "PORT=8000\n",
    "PORT=0\n",
    "A\n",
    "PORT=8001\r\nX='\n",
  ),
});

Deno.test("what init writes for any project can be loaded on every OS", async () => {
  const { file: comments } = (await loadDetails("en")).init;
  let filled = 0;
  await fc.assert(
    fc.asyncProperty(projectOf, async (project) => {
      await using folder = await makeFolder();
      const root = folder.path;
      for (const at of FOLDERS) {
        await Deno.mkdir(`${root}/${at}`, { recursive: true });
      }
      const put = (path: string, text: string) =>
        Deno.writeTextFileSync(`${root}/${path}`, text);
      for (const [at, scripts] of Object.entries(project.packages)) {
        put(`${at}package.json`, JSON.stringify({ name: "@x/y", scripts }));
      }
      for (const [at, text] of Object.entries(project.python)) {
        put(`${at}main.py`, text);
        put(`${at}manage.py`, "DJANGO_SETTINGS_MODULE\n");
      }
      put(
        "start.bat",
        project.batch.map(({ title, folder, command }) =>
          `start "${title}" cmd /k "cd ${folder} && ${command}"`
        ).join("\r\n"),
      );
      put(
        "Procfile",
        project.procfile.map((text) => `web: ${text}`).join("\n"),
      );
      put(".env", project.env);
      const tree = openTree(root);
      const plan = planFile(tree, detect(tree));
      if (plan.services.length === 0) return;
      filled++;
      const file = `${root}/services.toml`;
      await Deno.writeTextFile(file, renderFile(plan, comments));
      for (const os of SYSTEMS) {
        const { services } = await loadProject(file, os);
        strictEqual(services.length, plan.services.length);
      }
    }),
    { numRuns: 60 },
  );
  ok(filled > 40, `only ${filled} projects had services`);
});
