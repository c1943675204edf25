/**
 * `kill -9` of devsvc at many times: the next commands see what is true,
 * start what is missing and leave nothing behind.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { until } from "../kit/test_process.ts";
import { cheapWebServer } from "../kit/cheap.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import {
  answers,
  instancesIn,
  parentOf,
  processesLeftIn,
  wrappersIn,
} from "../kit/processes.ts";
import { makeProject, type TestProject } from "../kit/test_project.ts";
import { reportOf, statusOf } from "../kit/report.ts";

const SERVICES = ["a", "b", "c"] as const;

/** Projects that are killed side by side. */
const LANES = 3;

/** `b` waits for `a`, so that a start has several phases. */
function threeServices(ports: readonly number[]): string {
  return SERVICES.map((name, index) => {
    const port = ports[index] ?? 0;
    return `[services.${name}]
command = ${cheapWebServer(port, 200)}
port = ${port}
ready = { http = "/" }
depends_on = ${name === "b" ? '["a"]' : "[]"}
`;
  }).join("\n");
}

/** When devsvc is killed: some time after something was seen. */
interface KillTime {
  /** What is waited for, in words. */
  readonly after: string;
  /** Whether it has happened. */
  readonly seen: (project: TestProject) => boolean;
  /** And then so many milliseconds. */
  readonly offset: number;
}

/** Times spread over a whole run, with some jitter. */
function spread(count: number, duration: number): readonly KillTime[] {
  return Array.from({ length: count }, (_, index) => ({
    after: "the call",
    seen: () => true,
    offset: (index + Math.random()) * duration / count,
  }));
}

/** Times right behind what devsvc leaves on the disk. */
function behind(
  events: readonly string[],
  offsets: readonly number[],
): readonly KillTime[] {
  return events.flatMap((after) =>
    offsets.map((offset) => ({
      after,
      seen: ({ root }: TestProject) => isOnDisk(root, after),
      offset: offset * (0.5 + Math.random()),
    }))
  );
}

/** `FILE` exists in `.devsvc`, or `FILE: WORDS` stand in it. */
function isOnDisk(root: string, event: string): boolean {
  const [file, words = ""] = event.split(": ");
  try {
    return Deno.readTextFileSync(`${root}/.devsvc/${file}`).includes(words);
  } catch {
    return false;
  }
}

/** Runs devsvc and kills it at a time; returns whether it still ran. */
async function runKilled(
  command: string,
  time: KillTime,
  project: TestProject,
): Promise<boolean> {
  const child = project.spawn([command]);
  const output = child.output();
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  while (!hasEnded && !time.seen(project)) await tick(1);
  await Promise.race([tick(time.offset), child.status]);
  try {
    child.kill("SIGKILL");
  } catch {
    // It was done already.
  }
  return (await output).signal === "SIGKILL";
}

function tick(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * What waits at the start barrier of a dead devsvc ends by itself, at once, and what has
 * passed it becomes what it is to run; tells what lives then.
 */
function settle(
  { root }: TestProject,
): Promise<ReturnType<typeof instancesIn>> {
  return until(() => {
    const living = instancesIn(root);
    const parents = [...living.values()].flat().map(parentOf);
    return wrappersIn(root).every((pid) => parents.includes(pid)) && living;
  });
}

/** A status after the kill names exactly what lives. */
async function checkStatus(
  project: TestProject,
  context: string,
): Promise<void> {
  // Whom the dead devsvc had asked to stop may end during a look: only one
  // during which nothing changed says something.
  const { run, living } = await until(async () => {
    const living = await settle(project);
    const run = await project.run(["status", "--json"]);
    return isDeepStrictEqual(await settle(project), living) && { run, living };
  });
  ok(run.code === 0 || run.code === 1, context + run.stderr);
  strictEqual(run.stderr, "", context);
  for (const { name, state, pid } of reportOf(run).services) {
    const pids = living.get(name) ?? [];
    if (pids.length === 0) match(state, /^(free|crashed)$/, context);
    else match(state, /^(starting|running|unhealthy)$/, context);
    deepStrictEqual(pid === null ? [] : [pid], pids, `${context}: ${name}`);
  }
}

/** Start completes what is there; stop ends all of it. */
async function checkStartAndStop(
  project: TestProject,
  context: string,
): Promise<void> {
  const survivors = instancesIn(project.root);
  const started = await project.run(["start"]);
  strictEqual(
    started.code,
    0,
    `${context}: ${started.stdout}${started.stderr}`,
  );
  const living = instancesIn(project.root);
  const services = await statusOf(project);
  for (const { name, state, pid } of services) {
    strictEqual(state, "running", `${context}: ${name}`);
    deepStrictEqual(living.get(name), [pid], `${context}: ${name} runs once`);
    const kept = survivors.get(name)?.filter((one) => one !== pid) ?? [];
    deepStrictEqual(kept, [], `${context}: ${name} was not started twice`);
  }
  const stopped = await project.run(["stop"]);
  strictEqual(
    stopped.code,
    0,
    `${context}: ${stopped.stdout}${stopped.stderr}`,
  );
  deepStrictEqual([...instancesIn(project.root)], [], context);
  for (const port of project.ports) ok(!await answers(port), context);
}

/** Goes through all times, in some projects at once. */
async function inLanes(
  times: readonly KillTime[],
  run: (
    project: TestProject,
    time: KillTime,
    context: string,
  ) => Promise<unknown>,
): Promise<void> {
  const left = [...times.entries()];
  const lane = async () => {
    await using project = makeProject(SERVICES.length, threeServices);
    for (let next = left.shift(); next; next = left.shift()) {
      const [index, time] = next;
      const offset = time.offset.toFixed(1);
      const context = `kill ${index}, ${offset} ms after ${time.after}`;
      await run(project, time, context);
      // The supervisor that is leaving still writes there.
      deepStrictEqual(await processesLeftIn(project.root), []);
      await Deno.remove(`${project.root}/.devsvc`, { recursive: true });
    }
  };
  // Every lane is tidied up before a failure of one ends the test.
  const ends = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** How long a command takes here while the other lanes are at work. */
async function measure(command: string): Promise<number> {
  let duration = 0;
  await inLanes(spread(LANES, 0), async (project) => {
    if (command !== "start") await project.run(["start"]);
    const begun = performance.now();
    strictEqual((await project.run([command])).code, 0);
    duration = Math.max(duration, performance.now() - begun);
    strictEqual((await project.run(["stop"])).code, 0);
  });
  return duration;
}

Deno.test(
  "start, killed at any time, is completed by the next one",
  ON_LINUX,
  async () => {
    const events = [
      "lock",
      "runs/a.json",
      "devsvc.log: start a",
      "logs/a.log: listening",
      "devsvc.log: ready a",
      "runs/b.json",
      "devsvc.log: start b",
      "devsvc.log: ready b",
    ];
    const times = [
      ...spread(24, await measure("start")),
      ...behind(events, [0, 10]),
    ];
    ok(times.length >= 40);
    await inLanes(times, async (project, time, context) => {
      await runKilled("start", time, project);
      await checkStatus(project, context);
      await checkStartAndStop(project, context);
    });
  },
);

for (const command of ["restart", "stop"]) {
  Deno.test(
    `${command}, killed at any time, harms no later command`,
    ON_LINUX,
    async () => {
      const times = [
        ...spread(4, await measure(command)),
        ...behind(["devsvc.log: stop a", "devsvc.log: stopped b"], [0, 10]),
      ];
      await inLanes(times, async (project, time, context) => {
        strictEqual((await project.run(["start"])).code, 0);
        await runKilled(command, time, project);
        await checkStatus(project, context);
        await checkStartAndStop(project, context);
      });
    },
  );
}
