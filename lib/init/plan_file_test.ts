import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { memoryTree } from "../../tests/kit/memory_tree.ts";
import { detect } from "./detect/detect.ts";
import { planFile, type PlannedFile, toName } from "./plan_file.ts";

function plan(files: Readonly<Record<string, string>>): PlannedFile {
  const tree = memoryTree(files);
  return planFile(tree, detect(tree));
}

const APP = "app = FastAPI()\n";
const VITE = '{"scripts":{"dev":"vite"}}';

Deno.test("planFile() merges a service that two detectors found", () => {
  const { services } = plan({
    "start.bat":
      'start "Le serveur" /D backend uvicorn main:app --port 8042\n' +
      'start "La page" /D web npm run dev\n',
    "backend/main.py": `${APP}@app.get("/health")\n`,
    "web/package.json": VITE,
    "web/vite.config.js": "server: { port: 3100 }",
  });
  deepStrictEqual(
    services.map(({ name, label, port, ready, command, evidence }) => [
      name,
      label,
      port?.value,
      ready?.value,
      command.posix,
      evidence.map(({ file }) => file),
    ]),
    [
      [
        "le-serveur",
        "Le serveur",
        8042,
        "/health",
        "uvicorn main:app --port 8042",
        ["start.bat", "backend/main.py"],
      ],
      [
        "la-page",
        "La page",
        3100,
        undefined,
        "npm run dev -- --port 3100 --strictPort",
        ["start.bat", "web/package.json"],
      ],
    ],
  );
});

Deno.test("planFile() prefers the command of the batch file to code that it does not run", () => {
  const { services } = plan({
    "start.bat": "start uvicorn main:app",
    "main.py": `${APP}uvicorn.run(app, port=9000)\n`,
    ".env": "PORT=9001\n",
  });
  deepStrictEqual(services.map(({ port }) => port), [{ value: 8000 }]);
});

Deno.test("planFile() moves a service off its default port, past the ports of the others", () => {
  const { services } = plan({
    "a/main.py": APP,
    "b/main.py": APP,
    "b/.env": "PORT=8000\n",
    "c/main.py": APP,
    "c/.env": "PORT=8001\n",
    "docker-compose.yml": 'services:\n  x:\n    ports:\n      - "8002:80"\n',
  });
  deepStrictEqual(
    services.map(({ name, port, command }) => [
      name,
      port?.value,
      port?.movedFrom,
      command.posix.endsWith(`--port ${port?.value}`),
    ]),
    [
      ["a", 8003, 8000, true],
      ["b", 8000, undefined, true],
      ["c", 8001, undefined, true],
    ],
  );
});

Deno.test("planFile() writes no port twice where neither can be moved", () => {
  const { services } = plan({
    "a/package.json": '{"scripts":{"dev":"node a.js"}}',
    "a/a.js": "listen(4000)",
    "b/package.json": '{"scripts":{"dev":"node b.js"}}',
    "b/b.js": "listen(4000)",
  });
  deepStrictEqual(
    services.map(({ port, sharedPort }) => [port?.value, sharedPort?.value]),
    [[4000, undefined], [undefined, 4000]],
  );
});

Deno.test("planFile() makes a service depend on those that it uses, without cycles", () => {
  const proxy = (port: number) => `x: "http://localhost:${port}"`;
  const names = (files: Readonly<Record<string, string>>) =>
    plan(files).services.map(({ name, dependsOn }) => [
      name,
      dependsOn.map(({ value }) => value),
    ]);
  deepStrictEqual(
    names({
      "api/main.py": APP,
      "web/package.json": VITE,
      "web/vite.config.js": `${proxy(8000)}\n${proxy(8000)}\n${proxy(9999)}`,
    }),
    [["fastapi", []], ["vite", ["fastapi"]]],
  );
  deepStrictEqual(
    names({
      "a/package.json": VITE,
      "a/vite.config.js": `server: { port: 3001 }\n${proxy(3002)}`,
      "b/package.json": VITE,
      "b/vite.config.js": `server: { port: 3002 }\n${proxy(3001)}`,
    }),
    [["a", []], ["b", []]],
  );
});

Deno.test("planFile() gives distinct names", () => {
  const { services } = plan({
    "apps/web/package.json": VITE,
    "sites/web/package.json": VITE,
    "apps/con/package.json": VITE,
  });
  deepStrictEqual(services.map(({ name }) => name), [
    "con-service",
    "web",
    "web-2",
  ]);
  ok(services.every(({ label }) => label.startsWith("Vite (")));
});

Deno.test("toName() makes of any text a name that services.toml accepts", () => {
  deepStrictEqual(
    ["Été à l'Île", "  ", "--", "漢字", "NUL", "constructor", "a".repeat(99)]
      .map(toName),
    [
      "ete-a-l-ile",
      "service",
      "service",
      "service",
      "nul-service",
      "constructor-service",
      "a".repeat(32),
    ],
  );
});

Deno.test("planFile() plans no service for an empty project", () => {
  strictEqual(plan({ "README.md": "# x\n" }).services.length, 0);
});
