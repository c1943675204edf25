/** Many devsvc at once in one project: each service runs once. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { Run } from "../kit/run_devsvc.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, instancesIn, isAlive } from "../kit/processes.ts";
import {
  makeProject,
  serverCommand,
  type TestProject,
} from "../kit/test_project.ts";
import { statusOf } from "../kit/report.ts";
import {
  ensureStateDir,
  stateDirOf,
} from "../../lib/runtime/state/state_dir.ts";

const SERVICES = ["a", "b", "c"] as const;

/** `b` waits for `a`, and `a` takes its time. */
function threeServices(ports: readonly number[]): string {
  return SERVICES.map((name, index) => {
    const port = ports[index] ?? 0;
    const command = serverCommand(
      ...["--port", String(port), "--spawns", `${name}.spawns`],
      ...(name === "a" ? ["--delay", "500"] : []),
    );
    return `[services.${name}]
command = ${command}
port = ${port}
ready = { http = "/" }
depends_on = ${name === "b" ? '["a"]' : "[]"}
`;
  }).join("\n");
}

function spawnsOf(project: TestProject, service: string): readonly number[] {
  return project.read(`${service}.spawns`).trim().split("\n").map(Number);
}

function count(runs: readonly Run[], pattern: RegExp): number {
  return runs.filter(({ stdout }) => pattern.test(stdout)).length;
}

Deno.test(
  "of twenty starts at once one starts, each service once",
  ON_LINUX,
  async () => {
    await using project = makeProject(3, threeServices);
    const runs = await Promise.all(
      Array.from({ length: 20 }, () => project.run(["start"])),
    );

    for (const run of runs) strictEqual(run.code, 0, run.stdout + run.stderr);
    strictEqual(count(runs, /3 services are ready/), 1);
    strictEqual(
      count(runs, /Already running: 3 services\. Nothing was started\./),
      19,
    );

    const instances = instancesIn(project.root);
    for (const service of SERVICES) {
      const spawned = spawnsOf(project, service);
      strictEqual(spawned.length, 1, `${service} was spawned once`);
      deepStrictEqual(instances.get(service), spawned);
    }
    const services = await statusOf(project);
    deepStrictEqual(
      services.map(({ state, pid }) => [state, pid]),
      SERVICES.map((name) => ["running", instances.get(name)?.[0]]),
    );
  },
);

Deno.test(
  "a start waits for the lock, says for whom, and starts nothing",
  ON_LINUX,
  async () => {
    await using project = makeProject(3, threeServices);
    const dir = stateDirOf(project.root);
    ensureStateDir(dir);
    using lock = await Deno.open(dir.lock, { create: true, write: true });
    await lock.lock(true);
    await Deno.writeTextFile(
      `${dir.lock}.json`,
      JSON.stringify({ pid: 4321, command: "restart" }),
    );

    const child = project.spawn(["start"]);
    const errors = child.stderr.pipeThrough(new TextDecoderStream())
      .getReader();
    strictEqual(
      (await errors.read()).value,
      "Another devsvc is at work here (devsvc restart, PID 4321): waiting for it…\n",
    );
    deepStrictEqual([...instancesIn(project.root)], []);

    await lock.unlock();
    await errors.cancel();
    match(await new Response(child.stdout).text(), /3 services are ready/);
    strictEqual((await child.status).code, 0);
  },
);

Deno.test(
  "starts, restarts and stops at once leave one instance or none",
  ON_LINUX,
  async () => {
    await using project = makeProject(3, threeServices);
    const commands = ["start", "restart", "start", "stop"];
    const runs = await Promise.all(
      Array.from(
        { length: 20 },
        (_, index) => project.run([commands[index % commands.length] ?? ""]),
      ),
    );
    for (const run of runs) strictEqual(run.code, 0, run.stdout + run.stderr);

    const instances = instancesIn(project.root);
    const services = await statusOf(project);
    const isUp = services[0]?.state === "running";
    for (const { name, state, pid } of services) {
      const living = instances.get(name) ?? [];
      strictEqual(state, isUp ? "running" : "free");
      deepStrictEqual(living, isUp ? [pid] : [], `the instances of ${name}`);
      const spawned = spawnsOf(project, name);
      deepStrictEqual(spawned.filter(isAlive), living);
      deepStrictEqual(turnsOf(project, name), alternating(spawned));
    }
    for (const port of project.ports) strictEqual(await answers(port), isUp);
  },
);

/** What the journal says about one service: its starts and its ends. */
function turnsOf(project: TestProject, service: string): readonly string[] {
  return project.read(".devsvc/devsvc.log").split("\n")
    .map((line) => line.split(" "))
    .filter(([, event, name]) =>
      name === service && /^(ready|stopped)$/.test(event ?? "")
    )
    .map(([, event, , field]) => event === "ready" ? `${field}` : "stopped");
}

/** No start without the proven end of the one before. */
function alternating(pids: readonly number[]): readonly string[] {
  ok(pids.length > 1, "it was started more than once");
  const turns = pids.flatMap((pid) => [`pid=${pid}`, "stopped"]);
  return pids.some(isAlive) ? turns.slice(0, -1) : turns;
}
