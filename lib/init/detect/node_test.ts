/** Vite, Next.js, the scripts of npm and the tasks of Deno. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { memoryTree } from "../../../tests/kit/memory_tree.ts";
import type { Candidate, Detector } from "./candidate.ts";
import { denoTasks } from "./deno_tasks.ts";
import { next } from "./next.ts";
import { npmScripts } from "./npm_scripts.ts";
import { vite } from "./vite.ts";

type Files = Readonly<Record<string, string>>;

function only(detector: Detector, files: Files): Candidate {
  const [candidate, ...others] = detector(memoryTree(files));
  deepStrictEqual(others, []);
  if (!candidate) throw new Error("Cannot find a candidate");
  return candidate;
}

function packageJson(scripts: Files, more: object = {}): string {
  return JSON.stringify({ scripts, ...more }, null, 2);
}

Deno.test("vite() takes the default port and makes Vite fail rather than take another", () => {
  const candidate = only(vite, {
    "package.json": packageJson({ dev: "vite" }),
  });
  strictEqual(
    candidate.command.posix,
    "npm run dev -- --port {port} --strictPort",
  );
  deepStrictEqual(candidate.port, { number: 5173 });
  deepStrictEqual(candidate.evidence, [
    { file: "package.json", line: 3, text: '"dev": "vite"' },
  ]);
});

/** A lock file, and what runs the script with it. */
const MANAGERS: readonly (readonly [string, string])[] = [
  ["package-lock.json", "npm run dev -- --port {port} --strictPort"],
  ["pnpm-lock.yaml", "pnpm run dev --port {port} --strictPort"],
  ["yarn.lock", "yarn run dev --port {port} --strictPort"],
  ["bun.lock", "bun run dev --port {port} --strictPort"],
  ["bun.lockb", "bun run dev --port {port} --strictPort"],
];

for (const [lock, command] of MANAGERS) {
  Deno.test(`vite() is run by the package manager of ${lock}, beside or above`, () => {
    const file = packageJson({ dev: "vite" });
    const beside = { "package.json": file, [lock]: "" };
    strictEqual(only(vite, beside).command.posix, command);
    const above = { "apps/web/package.json": file, [lock]: "" };
    strictEqual(only(vite, above).command.posix, command);
  });
}

Deno.test("vite() prefers packageManager to a lock file", () => {
  const files = {
    "package.json": packageJson({ dev: "vite" }, {
      packageManager: "pnpm@10.0.0",
    }),
    "package-lock.json": "",
  };
  strictEqual(
    only(vite, files).command.windows,
    "pnpm run dev --port {port} --strictPort",
  );
});

Deno.test("vite() keeps the port of the script, and adds the flags that are missing", () => {
  const scripts = { dev: "tsc -b && vite --host --port 4000" };
  const candidate = only(vite, { "package.json": packageJson(scripts) });
  strictEqual(candidate.command.posix, "npm run dev -- --strictPort");
  strictEqual(candidate.port?.number, 4000);
  const strict = { dev: "vite --port=4000 --strictPort" };
  strictEqual(
    only(vite, { "package.json": packageJson(strict) }).command.posix,
    "npm run dev",
  );
});

Deno.test("vite() adds no argument behind a pipe or another command", () => {
  const scripts = { dev: "vite | tee vite.log" };
  const { command } = only(vite, { "package.json": packageJson(scripts) });
  strictEqual(command.posix, "npm run dev");
});

/** A configuration of Vite, and the port that it says. */
const CONFIGS: readonly (readonly [string, number])[] = [
  ["export default { server: { port: 3100 } }", 3100],
  ["server: {\n  host: true,\n  port: 3101, // x\n}", 3101],
  [
    "server: {\n  // port: 4000,\n  hmr: { port: 24678 },\n  port: 3102 }",
    3102,
  ],
  ["preview: { port: 4173 }, server: { open: true }", 5173],
  ["server: { port: Number(process.env.PORT) }", 3103],
];

for (const [config, port] of CONFIGS) {
  Deno.test(`vite() reads ${port} in ${JSON.stringify(config)}`, () => {
    const candidate = only(vite, {
      "package.json": packageJson({ dev: "vite" }),
      "vite.config.ts": config,
      ".env": "PORT=3103\n",
    });
    strictEqual(candidate.port?.number, port);
  });
}

Deno.test("vite() ignores builds and previews", () => {
  const scripts = {
    build: "vite build",
    start: "vite preview",
    test: "vitest",
  };
  deepStrictEqual(
    vite(memoryTree({ "package.json": packageJson(scripts) })),
    [],
  );
});

Deno.test("vite() runs without a script where there is an index.html", () => {
  const files = {
    "package.json": packageJson({}, { devDependencies: { vite: "7" } }),
    "vite.config.js": "export default {}",
  };
  deepStrictEqual(vite(memoryTree(files)), []);
  const candidate = only(vite, { ...files, "index.html": "" });
  strictEqual(candidate.command.posix, "npx vite --port {port} --strictPort");
  strictEqual(candidate.port?.number, 5173);
  strictEqual(candidate.ready?.path, "/");
});

Deno.test("vite() finds the ports that its proxy forwards to", () => {
  const candidate = only(vite, {
    "package.json": packageJson({ dev: "vite" }),
    "vite.config.js":
      'proxy: { "/api": "http://127.0.0.1:8000", x: { target: "http://localhost:8001/" } }',
  });
  deepStrictEqual(candidate.uses.map(({ port }) => port), [8000, 8001]);
});

Deno.test("next() takes its port from the script, else the default", () => {
  const usual = only(next, {
    "package.json": packageJson({ dev: "next dev" }),
  });
  strictEqual(usual.command.posix, "npm run dev -- --port {port}");
  deepStrictEqual(usual.port, { number: 3000 });
  const found = only(next, {
    "package.json": packageJson({ dev: "next dev -p 3200" }),
  });
  strictEqual(found.command.posix, "npm run dev");
  strictEqual(found.port?.number, 3200);
  strictEqual(found.port?.from?.file, "package.json");
});

/** A script with what it runs, and the command, the port and PORT. */
const SCRIPTS: readonly (readonly [string, string, string, number, boolean])[] =
  [
    [
      "node server.js",
      "require('http').listen(4010)",
      "npm run start",
      4010,
      false,
    ],
    [
      "nodemon server.js",
      "const port = process.env.PORT || 4011;",
      "npm run start",
      4011,
      true,
    ],
    [
      "PORT=4012 node server.js",
      "listen(process.env.PORT ?? 1)",
      "npm run start",
      4012,
      false,
    ],
    ["react-scripts start", "", "npm run start", 3000, true],
    ["ng serve", "", "npm run start -- --port {port}", 4200, false],
    ["astro dev", "", "npm run start -- --port {port}", 4321, false],
    ["http-server -p 4013", "", "npm run start", 4013, false],
    ["uvicorn main:app --port 4014", "", "npm run start", 4014, false],
  ];

for (const [script, source, command, port, isTold] of SCRIPTS) {
  Deno.test(`npmScripts() parses ${script}`, () => {
    const candidate = only(npmScripts, {
      "package.json": packageJson({ start: script }),
      "server.js": source,
    });
    strictEqual(candidate.command.posix, command);
    strictEqual(candidate.port?.number, port);
    deepStrictEqual(candidate.env, isTold ? { PORT: "{port}" } : {});
  });
}

Deno.test("npmScripts() ignores what builds, tests or watches", () => {
  const scripts = { dev: "tsc --watch", start: "vite build", serve: "jest" };
  deepStrictEqual(
    npmScripts(memoryTree({ "package.json": packageJson(scripts) })),
    [],
  );
});

Deno.test("npmScripts() finds the services of concurrently and run-p, not those of turbo", () => {
  const server = "require('http').listen(4020)";
  const found = (dev: string) =>
    npmScripts(memoryTree({
      "package.json": packageJson({
        dev,
        "dev:api": "cd api && node index.js",
        "dev:css": "tailwindcss --watch",
      }),
      "api/index.js": server,
      "web/package.json": "{}",
    })).map(({ command, port, cwd }) => [command.posix, port?.number, cwd]);
  deepStrictEqual(found('concurrently "npm:dev:*"'), [
    ["npm run dev:api", 4020, ""],
  ]);
  deepStrictEqual(found("run-p dev:*"), [["npm run dev:api", 4020, ""]]);
  deepStrictEqual(found('concurrently -n a,b "cd api && node index.js"'), [
    ["node index.js", 4020, "api"],
  ]);
  deepStrictEqual(found("turbo dev"), []);
});

Deno.test("npmScripts() ends where scripts call each other in a cycle", () => {
  const scripts = { dev: "npm run start", start: "npm run dev" };
  strictEqual(
    npmScripts(memoryTree({ "package.json": packageJson(scripts) })).length,
    1,
  );
});

Deno.test("npmScripts() ignores a package.json that is not valid", () => {
  for (
    const text of [
      "",
      "{",
      "[]",
      "null",
      '{"scripts":[1]}',
      '{"scripts":{"dev":1}}',
    ]
  ) {
    deepStrictEqual(npmScripts(memoryTree({ "package.json": text })), [], text);
  }
});

Deno.test("denoTasks() reads deno.json with comments", () => {
  const candidate = only(denoTasks, {
    "api/deno.jsonc":
      '{\n  // "dev": 1\n  "tasks": {\n    "dev": "deno run -A main.ts",\n  },\n}',
    "api/main.ts": "Deno.serve({ port: 4030 }, f);",
  });
  strictEqual(candidate.command.posix, "deno task dev");
  strictEqual(candidate.cwd, "api");
  strictEqual(candidate.name, "api");
  strictEqual(candidate.port?.number, 4030);
  strictEqual(candidate.evidence[0]?.line, 4);
});
