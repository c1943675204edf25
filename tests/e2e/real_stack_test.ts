/**
 * The stack of the guide, for real: FastAPI under uvicorn with its reloader,
 * Django with its reloader, React on Vite; through a whole day as the guide
 * tells it.
 *
 * It needs `deno task stack` once. Where that was not run, the test is told as
 * ignored.
 */

import {
  deepStrictEqual,
  notStrictEqual,
  ok,
  strictEqual,
} from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { fromFileUrl } from "../kit/paths.ts";
import { answers, isAlive } from "../kit/processes.ts";
import { makeProject, type TestProject } from "../kit/test_project.ts";
import { openTerminalRun, type TerminalRun } from "../kit/pty.ts";
import { type ServiceReport, statusOf } from "../kit/report.ts";

const EXAMPLE = fromFileUrl(
  new URL("../../examples/fastapi-django-vite", import.meta.url),
);

const IS_SET_UP = exists(`${EXAMPLE}/.venv`) &&
  exists(`${EXAMPLE}/frontend/node_modules`);

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The services.toml of the example, on other ports and from another folder. */
function onPorts(ports: readonly number[]): string {
  const [fastapi, django, react] = ports;
  return Deno.readTextFileSync(`${EXAMPLE}/services.toml`)
    .replaceAll("8000", String(fastapi))
    .replaceAll("8001", String(django))
    .replaceAll("5173", String(react))
    .replaceAll(/^cwd = "/gm, `cwd = "${EXAMPLE}/`);
}

function rootsOf(
  services: readonly ServiceReport[],
): readonly (number | null)[] {
  return services.map(({ pid }) => pid);
}

function membersOf(services: readonly ServiceReport[]): readonly number[] {
  return services.flatMap(({ processes }) => processes.map(({ pid }) => pid));
}

function startAtTerminal(project: TestProject): TerminalRun {
  return openTerminalRun(["start"], { cwd: project.root });
}

Deno.test({
  name: "the real stack of the guide, from the first start to the last stop",
  ignore: ON_LINUX.ignore || !IS_SET_UP,
  fn: async () => {
    await using project = makeProject(3, onPorts);
    const [fastapi = 0, django = 0, react = 0] = project.ports;
    const paths = new Map([[fastapi, "/health"], [django, "/health/"], [
      react,
      "/",
    ]]);

    const free = await project.run(["check"]);
    strictEqual(free.code, 0, free.stdout + free.stderr);
    ok(free.stdout.includes(`✅ Port ${fastapi} (FastAPI) : DISPONIBLE`));
    ok(free.stdout.includes("✅ Tous les ports sont disponibles"));

    const started = await project.run(["start"]);
    strictEqual(started.code, 0, started.stdout + started.stderr);
    for (const [port, path] of paths) {
      const response = await fetch(`http://localhost:${port}${path}`);
      strictEqual(response.status, 200, `${port}${path}`);
      await response.body?.cancel();
    }
    const first = await statusOf(project);
    deepStrictEqual(first.map(({ state }) => state), [
      "running",
      "running",
      "running",
    ]);

    const held = await project.run(["check"]);
    strictEqual(held.code, 1);
    ok(held.stdout.includes(`❌ Port ${fastapi} (FastAPI) : UTILISÉ`));
    ok(/PID \d+ · .*uvicorn app\.main:app --reload/.test(held.stdout));
    ok(/PID \d+ · .*manage\.py runserver/.test(held.stdout));
    ok(/PID \d+ · .*vite\.js .*--strictPort/.test(held.stdout));

    {
      await using run = startAtTerminal(project);
      await run.waitFor("1. Arrêter les services existants et redémarrer");
      await run.waitFor("2. Annuler (laisser les services actuels)");
      await run.waitFor("Votre choix (1 ou 2) :");
      run.type("2\r");
      strictEqual(await run.exit(), 130);
    }
    deepStrictEqual(rootsOf(await statusOf(project)), rootsOf(first));

    {
      await using run = startAtTerminal(project);
      await run.waitFor("Votre choix (1 ou 2) :");
      run.type("1\r");
      strictEqual(await run.exit(), 0, run.output());
    }
    const second = await statusOf(project);
    ok(second.every(({ state }) => state === "running"));
    for (const [index, pid] of rootsOf(second).entries()) {
      notStrictEqual(pid, rootsOf(first)[index]);
    }
    deepStrictEqual(membersOf(first).filter(isAlive), []);

    const stopped = await project.run(["stop"]);
    strictEqual(stopped.code, 0, stopped.stdout + stopped.stderr);
    for (const port of project.ports) ok(!await answers(port), String(port));
    deepStrictEqual(membersOf(second).filter(isAlive), []);
  },
});
