/**
 * `devsvc init` in ten small projects: what it writes, and that it runs.
 *
 * uvicorn, Django, Flask, Vite and Next.js are stand-ins here, as are the
 * package managers (see `helpers/samples.ts`); Python, Node and Deno are real.
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { loadProject } from "../../lib/config/load.ts";
import type { Service } from "../../lib/core/model.ts";
import { reservePorts } from "../kit/ports.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers } from "../kit/processes.ts";
import { copySample, type Sample, standIn } from "../kit/samples.ts";

/** A service: name, label, folder, command, port, and the path of its check. */
type Expected = readonly [
  name: string,
  label: string,
  cwd: string,
  command: string,
  port: number | undefined,
  path?: string,
];

interface Case {
  /** The project. */
  readonly name: string;
  /** What services.toml says on Linux and macOS. */
  readonly services: readonly Expected[];
  /** The commands that are others on Windows. */
  readonly windows?: Readonly<Record<string, string>>;
  /** Programs that stand in for what would be installed. */
  readonly servers?: readonly string[];
  /** Package managers that are stood in for. */
  readonly managers?: readonly string[];
}

const STRICT = "--strictPort";

const CASES: readonly Case[] = [
  {
    name: "guide",
    services: [
      [
        "fastapi",
        "FastAPI",
        "backend",
        "uvicorn app.main:app --reload --port 8000",
        8000,
        "/health",
      ],
      [
        "django",
        "Django",
        "admin",
        "python3 manage.py runserver 8001",
        8001,
        "/health/",
      ],
      [
        "react",
        "React (Vite)",
        "frontend",
        `npm run dev -- --port 5173 ${STRICT}`,
        5173,
        "/",
      ],
    ],
    windows: { django: "python manage.py runserver 8001" },
    servers: [
      ".bin/uvicorn",
      ".bin/python3",
      "frontend/node_modules/.bin/vite",
    ],
    managers: [".bin/npm"],
  },
  {
    name: "fastapi_env",
    services: [[
      "fastapi",
      "FastAPI",
      "",
      "uvicorn main:app --reload --port 8123",
      8123,
      "/health",
    ]],
    servers: [".bin/uvicorn"],
  },
  {
    name: "flask_port",
    services: [[
      "flask",
      "Flask",
      "",
      "flask --app app run --debug --port 5050",
      5050,
      "/healthz",
    ]],
    servers: [".bin/flask"],
  },
  {
    name: "two_defaults",
    services: [
      [
        "fastapi",
        "FastAPI",
        "",
        "uv run uvicorn api.main:app --reload --port 8000",
        8000,
        "/health",
      ],
      [
        // 8001 is what Compose publishes.
        "django",
        "Django",
        "",
        "uv run python manage.py runserver 8002",
        8002,
        "/health/",
      ],
    ],
    servers: [".bin/uv"],
  },
  {
    name: "vue_pnpm",
    services: [[
      "vue",
      "Vue (Vite)",
      "",
      `pnpm run dev --port 3100 ${STRICT}`,
      3100,
      "/",
    ]],
    servers: ["node_modules/.bin/vite"],
    managers: [".bin/pnpm"],
  },
  {
    name: "next_yarn",
    services: [["nextjs", "Next.js", "", "yarn run dev", 3200]],
    servers: ["node_modules/.bin/next"],
    managers: [".bin/yarn"],
  },
  {
    name: "procfile",
    services: [
      [
        "web",
        "HTTP",
        "",
        "python3 -m http.server 5300 --directory public",
        5300,
      ],
      ["tail", "tail", "", "python3 tail.py", undefined],
    ],
    windows: {
      web: "python -m http.server 5300 --directory public",
      tail: "python tail.py",
    },
  },
  {
    name: "node_server",
    services: [["orders", "orders", "", "npm run start", 4010]],
  },
  {
    name: "monorepo",
    services: [
      [
        "fastapi",
        "FastAPI",
        "services/catalog",
        "poetry run uvicorn main:app --reload --port 8000",
        8000,
        "/health",
      ],
      [
        "backoffice",
        "Svelte (Vite) (backoffice)",
        "apps/backoffice",
        `bun run dev --port 5173 ${STRICT}`,
        5173,
        "/",
      ],
      [
        "web",
        "Svelte (Vite) (web)",
        "apps/web",
        `bun run dev --port 5174 ${STRICT}`,
        5174,
        "/",
      ],
    ],
    servers: [
      ".bin/poetry",
      "apps/web/node_modules/.bin/vite",
      "apps/backoffice/node_modules/.bin/vite",
    ],
    managers: [".bin/bun"],
  },
  {
    name: "concurrently",
    services: [
      ["vite", "Vite", "", `npm run dev:client -- ${STRICT}`, 4300, "/"],
      ["server", "server", "", "npm run dev:server", 4301],
      ["jobs", "jobs", "jobs", "deno task dev", 4302],
    ],
    servers: ["node_modules/.bin/vite"],
  },
];

function told(sample: Sample, service: Service): Expected {
  const { name, label, command, cwd, port, ready } = service;
  const http = ready.find((check) => check.kind === "http");
  const folder = cwd === sample.root ? "" : cwd.slice(sample.root.length + 1);
  const words = String(command);
  return http?.kind === "http"
    ? [name, label, folder, words, port, http.path]
    : [name, label, folder, words, port];
}

for (const { name, services, windows = {} } of CASES) {
  Deno.test(`init in ${name} writes what is there, and why`, async () => {
    await using sample = copySample(name);
    const { code, stdout, stderr } = await sample.run("init");
    strictEqual(code, 0, stdout + stderr);
    const file = `${sample.root}/services.toml`;

    const posix = await loadProject(file, "linux");
    deepStrictEqual(posix.services.map((one) => told(sample, one)), services);
    const other = await loadProject(file, "windows");
    deepStrictEqual(
      other.services.map(({ name, command }) => [name, String(command)]),
      services.map(([name, , , command]) => [name, windows[name] ?? command]),
    );

    const toml = sample.read("services.toml");
    const tables = toml.split(/^(?=\[services\.)/m).slice(1);
    for (const table of tables) {
      ok(/^# Understood from \S+:\d+: \S/m.test(table), table);
    }
    // One line a service on the screen, with the port and the place.
    for (const [, label, , , port] of services) {
      const line = stdout.split("\n").find((one) =>
        one.includes(` ${label}: `)
      );
      ok(
        line?.includes(port === undefined ? "no port" : `port ${port}`),
        stdout,
      );
      ok(/ · \S+:\d+ \(/.test(line ?? ""), stdout);
    }
  });
}

for (const { name, services, servers = [], managers = [] } of CASES) {
  Deno.test(
    `what init writes in ${name} starts and stops`,
    ON_LINUX,
    async () => {
      const known = services.flatMap(([, , , , port]) =>
        port === undefined ? [] : [port]
      );
      using ports = reservePorts(known.length);
      const numbers = new Map(
        known.map((port, index) => [port, ports.numbers[index] ?? 0]),
      );
      await using sample = copySample(name, numbers);
      for (const path of servers) standIn(sample, path);
      for (const path of managers) standIn(sample, path, "package-manager");

      const init = await sample.run("init");
      strictEqual(init.code, 0, init.stdout + init.stderr);
      // Those that nothing in the project says are still the usual ones.
      sample.renumber("services.toml", numbers);

      const start = await sample.run("start");
      strictEqual(start.code, 0, start.stdout + start.stderr);
      for (const port of numbers.values()) {
        ok(await answers(port), String(port));
      }
      const status = await sample.run("status", "--json");
      strictEqual(status.code, 0, status.stdout);
      const stop = await sample.run("stop");
      strictEqual(stop.code, 0, stop.stdout + stop.stderr);
      for (const port of numbers.values()) {
        ok(!await answers(port), String(port));
      }
    },
  );
}
