/**
 * `devsvc init` in the real stack of the guide, without its services.toml: what
 * it writes brings up FastAPI under uvicorn, Django and React on Vite.
 *
 * It needs `deno task stack` once. Where that was not run, the test is told as
 * ignored.
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ON_POSIX } from "../kit/os_tags.ts";
import { fromFileUrl } from "../kit/paths.ts";
import { reservePorts } from "../kit/ports.ts";
import { answers } from "../kit/processes.ts";
import { copySample, type Sample } from "../kit/samples.ts";
import type { Report } from "../kit/report.ts";

const EXAMPLE = fromFileUrl(
  new URL("../../examples/fastapi-django-vite", import.meta.url),
);

const IS_SET_UP = exists(`${EXAMPLE}/.venv`) &&
  exists(`${EXAMPLE}/frontend/node_modules`);

/** The usual ports, and the paths that answer. */
const PATHS: ReadonlyMap<number, string> = new Map([
  [8000, "/health"],
  [8001, "/health/"],
  [5173, "/"],
]);

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** What was installed is shared by links, all else is copied. */
const SHARED: ReadonlySet<string> = new Set([".venv", "node_modules"]);
const LEFT_OUT: ReadonlySet<string> = new Set([
  "services.toml",
  ".devsvc",
  // Files come and go here while another test runs the stack.
  "__pycache__",
]);

function copy(sample: Sample, folder = ""): void {
  for (
    const { name, isDirectory } of Deno.readDirSync(`${EXAMPLE}/${folder}`)
  ) {
    const path = `${folder}${name}`;
    const from = `${EXAMPLE}/${path}`;
    const to = `${sample.root}/${path}`;
    if (LEFT_OUT.has(name)) continue;
    if (SHARED.has(name)) Deno.symlinkSync(from, to, { type: "dir" });
    else if (isDirectory) {
      Deno.mkdirSync(to);
      copy(sample, `${path}/`);
    } else Deno.copyFileSync(from, to);
  }
}

/** As a team has it whose habit is `start.bat`. */
const START_BAT = `@echo off
start "FastAPI" cmd /k "cd backend && uvicorn app.main:app --reload --port 8000"
start "Django" cmd /k "cd admin && python manage.py runserver 8001"
start "React (Vite)" cmd /k "cd frontend && npm run dev"
`.replaceAll("\n", "\r\n");

for (const hasBatch of [false, true]) {
  Deno.test({
    name: `init in the real stack ${
      hasBatch ? "with start.bat" : "alone"
    } writes what start brings up`,
    ignore: ON_POSIX.ignore || !IS_SET_UP,
    fn: async () => {
      using ports = reservePorts(PATHS.size);
      const numbers = new Map(
        [...PATHS.keys()].map((port, at) => [port, ports.numbers[at] ?? 0]),
      );
      await using sample = copySample();
      copy(sample);
      if (hasBatch) sample.write("start.bat", START_BAT);

      const init = await sample.run("init");
      strictEqual(init.code, 0, init.stdout + init.stderr);
      const toml = sample.read("services.toml");
      deepStrictEqual(
        toml.match(/^(?:label|command|port) = .*/gm)?.map((line) =>
          line.replace(/ #.*/, "")
        ),
        [
          'label = "FastAPI"',
          'command = "../.venv/bin/uvicorn app.main:app --reload --port 8000"',
          "port = 8000",
          'label = "Django"',
          'command = "../.venv/bin/python manage.py runserver 8001"',
          "port = 8001",
          'label = "React (Vite)"',
          'command = "npm run dev"',
          "port = 5173",
        ],
      );
      // Other ports only now, so that tests can run side by side.
      sample.renumber("services.toml", numbers);
      sample.renumber("frontend/package.json", numbers);

      const start = await sample.run("start");
      strictEqual(start.code, 0, start.stdout + start.stderr);
      for (const [port, path] of PATHS) {
        const url = `http://localhost:${numbers.get(port)}${path}`;
        const response = await fetch(url);
        strictEqual(response.status, 200, url);
        await response.body?.cancel();
      }
      const status = await sample.run("status", "--json");
      const { services }: Report = JSON.parse(status.stdout);
      deepStrictEqual(
        services.map(({ name, state }) => [name, state]),
        [["fastapi", "running"], ["django", "running"], ["react", "running"]],
      );

      const stop = await sample.run("stop");
      strictEqual(stop.code, 0, stop.stdout + stop.stderr);
      for (const port of ports.numbers) ok(!await answers(port), String(port));
    },
  });
}
