/**
 * `kill -9` of the supervisor at any time of start, restart and stop: no service
 * is lost, none runs twice, and no run record misleads.
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { cheapServer } from "../kit/cheap.ts";
import {
  bringSupervisor,
  killSupervisor,
  supervisorOf,
} from "../kit/test_supervisor.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import {
  answers,
  environmentOf,
  instancesIn,
  isAlive,
  processesLeftIn,
} from "../kit/processes.ts";
import { rounds } from "../kit/rounds.ts";
import { makeProject, type TestProject } from "../kit/test_project.ts";
import { reportOf, statusOf } from "../kit/report.ts";

/** How often the supervisor is killed, in all. */
const KILLS = rounds({ usual: 50, thorough: 200 });

/** Projects that whose supervisors are killed, side by side. */
const LANES = 2;

/** How many of those die that come to help after a crash. */
const HELPERS = 3;

/** The longest life of a supervisor, in milliseconds, after it took its place. */
const LIFE = 120;

/** Some supervisors that come to help have to begin first. */
const PATIENT = { timeout: 180_000 } as const;

const SERVICES = ["a", "b", "c", "d", "e"] as const;

/** `b` waits for `a`, `d` for `c`; `e` is started again whenever it ends. */
const FIVE = (ports: readonly number[]) =>
  SERVICES.map((name, index) =>
    `[services.${name}]
command = ${cheapServer(ports[index] ?? 0)}
port = ${ports[index]}
${name === "b" ? 'depends_on = ["a"]' : ""}
${name === "d" ? 'depends_on = ["c"]' : ""}
${
      name === "e"
        ? 'restart = { when = "always", limit = 1000, delay = "20ms" }'
        : ""
    }
`
  ).join("\n");

/** What all lanes have done together. */
interface Tally {
  kills: number;
  crashes: number;
  /** The ends of all supervisors that the test brought. */
  readonly ends: Promise<unknown>[];
}

/**
 * Kills every supervisor some time after it took its place, and brings another at
 * once, as any command could.
 */
async function killRepeatedly(
  project: TestProject,
  tally: Tally,
  isOver: () => boolean,
): Promise<void> {
  let last: Deno.ChildProcess | undefined;
  while (!isOver()) {
    const supervisor = supervisorOf(project);
    if (supervisor !== undefined) {
      await tick(Math.random() * LIFE);
      if (kill(supervisor)) tally.kills++;
      last = undefined;
    } else if (last === undefined && hasRunRecords(project)) {
      const child = bringSupervisor(project);
      const forget = () => last === child && (last = undefined);
      tally.ends.push(child.status.then(forget));
      last = child;
    }
    await tick(2);
  }
}

function kill(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

function hasRunRecords({ root }: TestProject): boolean {
  try {
    return [...Deno.readDirSync(`${root}/.devsvc/runs`)].length > 0;
  } catch {
    return false;
  }
}

function tick(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Runs a command while supervisors are killed. */
async function runWhileKilling(
  command: string,
  project: TestProject,
  tally: Tally,
): Promise<void> {
  let isDone = false;
  const [run] = await Promise.all([
    project.run([command, "--json"]).finally(() => isDone = true),
    killRepeatedly(project, tally, () => isDone),
  ]);
  strictEqual(run.code, 0, `${command}: ${run.stdout}${run.stderr}`);
  for (const { name, failure } of reportOf(run).services) {
    strictEqual(failure, undefined, `${command}: ${name}`);
  }
}

/** Every service runs once, and what is written down is so. */
async function checkUp(project: TestProject, context: string): Promise<void> {
  const living = instancesIn(project.root);
  const services = await statusOf(project);
  for (const [index, { name, state, pid, recordIssue }] of services.entries()) {
    strictEqual(state, "running", `${context}: ${name}`);
    strictEqual(recordIssue, null, `${context}: ${name}`);
    deepStrictEqual(living.get(name), [pid], `${context}: ${name} runs once`);
    ok(await answers(project.ports[index] ?? 0), `${context}: ${name}`);
    const record = JSON.parse(project.read(`.devsvc/runs/${name}.json`));
    ok(isAlive(record.pid), `${context}: the wrapper of ${name}`);
    strictEqual(
      environmentOf(record.pid).get("DEVSVC_RUN"),
      record.run,
      context,
    );
  }
}

/** Nothing runs, nothing listens, and nothing is written down. */
async function checkDown(project: TestProject, context: string): Promise<void> {
  deepStrictEqual([...instancesIn(project.root)], [], context);
  for (const port of project.ports) ok(!await answers(port), context);
  for (const { name, state } of await statusOf(project)) {
    strictEqual(state, "free", `${context}: ${name}`);
  }
  const files = Deno.readDir(`${project.root}/.devsvc/runs`);
  const records = (await Array.fromAsync(files))
    .filter(({ name }) => name.endsWith(".json"));
  deepStrictEqual(records, [], context);
}

/** A crash while there is no supervisor: the next command brings one that helps. */
async function crash(project: TestProject, tally: Tally): Promise<void> {
  strictEqual((await project.run(["status"])).code, 0);
  await killSupervisor(project);
  const [before] = instancesIn(project.root).get("e") ?? [];
  ok(before && kill(before));
  tally.crashes++;
  await until(() => !isAlive(before));
  // And those that come to help die as well, but for the last.
  const enough = tally.kills + HELPERS;
  let isDone = false;
  const back = until(async () => {
    const [pid] = instancesIn(project.root).get("e") ?? [];
    if (pid === undefined || pid === before) {
      await project.run(["status"]);
      return false;
    }
    return await answers(project.ports[4] ?? 0);
  }, PATIENT).finally(() => isDone = true);
  await Promise.all([
    back,
    killRepeatedly(project, tally, () => isDone || tally.kills >= enough),
  ]);
  await until(
    async () => (await project.run(["status"])).code === 0,
    PATIENT,
  );
}

Deno.test(
  `killed ${KILLS} times, the supervisor takes nothing along`,
  ON_LINUX,
  async () => {
    const tally: Tally = { kills: 0, crashes: 0, ends: [] };
    const lane = async () => {
      await using project = makeProject(SERVICES.length, FIVE);
      for (let round = 0; tally.kills < KILLS || round === 0; round++) {
        const context = `round ${round}, ${tally.kills} kills`;
        await runWhileKilling("start", project, tally);
        await checkUp(project, `${context}, start`);
        await crash(project, tally);
        await checkUp(project, `${context}, crash`);
        await runWhileKilling("restart", project, tally);
        await checkUp(project, `${context}, restart`);
        await runWhileKilling("stop", project, tally);
        await checkDown(project, `${context}, stop`);
      }
      deepStrictEqual(await processesLeftIn(project.root), []);
    };
    // Every lane is tidied up before a failure of one ends the test.
    const ends = await Promise.allSettled(Array.from({ length: LANES }, lane));
    await Promise.all(tally.ends);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    ok(tally.kills >= KILLS && tally.crashes > 1, JSON.stringify(tally));
  },
);
