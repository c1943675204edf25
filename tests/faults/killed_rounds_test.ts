/**
 * Rounds of start, stop and restart of ten services, in which devsvc and its
 * supervisor are killed at random: no service runs twice, none is lost, and no
 * file is torn.
 *
 * `DEVSVC_KILL_ROUNDS` sets how many there are, `DEVSVC_SEED` which.
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { cheapServer } from "../kit/cheap.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import {
  allProcessesIn,
  answers,
  instancesIn,
  parentOf,
  processesLeftIn,
  wrappersIn,
} from "../kit/processes.ts";
import { rounds } from "../kit/rounds.ts";
import { killNow, until } from "../kit/test_process.ts";
import { makeProject, type TestProject } from "../kit/test_project.ts";

const ROUNDS = Number(
  Deno.env.get("DEVSVC_KILL_ROUNDS") ?? rounds({ usual: 12, thorough: 60 }),
);

const SEED = Number(Deno.env.get("DEVSVC_SEED") ?? 20_261_128);

/** After so many rounds all services are started, then stopped. */
const PERIOD = 5;

/** Longer than any of the commands takes here, in milliseconds. */
const LIFE_MAX = 700;

const WITH_PORT = ["a", "b", "c", "d", "e"];

const WITHOUT_PORT = ["v", "w", "x", "y", "z"];

const TEN = (ports: readonly number[]) =>
  [
    ...WITH_PORT.map((name, index) =>
      `[services.${name}]
command = ${cheapServer(ports[index] ?? 0)}
port = ${ports[index]}
`
    ),
    ...WITHOUT_PORT.map((name) =>
      `[services.${name}]
command = ["sleep", "100000"]
restart = "always"
`
    ),
  ].join("\n");

/** One command, and who is killed how long after its beginning. */
interface Round {
  readonly command: "start" | "stop" | "restart";
  /** When devsvc is killed, in milliseconds; absent where it may end. */
  readonly devsvcAt?: number;
  /** When the supervisor is killed, where there is one. */
  readonly supervisorAt?: number;
}

const anyTime = fc.option(fc.integer({ min: 0, max: LIFE_MAX }), {
  nil: undefined,
  freq: 2,
});

const anyRound: fc.Arbitrary<Round> = fc.record({
  command: fc.constantFrom("start", "start", "restart", "stop"),
  devsvcAt: anyTime,
  supervisorAt: anyTime,
}).map(({ command, devsvcAt, supervisorAt }) => ({
  command,
  ...(devsvcAt === undefined ? {} : { devsvcAt }),
  ...(supervisorAt === undefined ? {} : { supervisorAt }),
}));

/** What was done, for the reader of the test. */
interface Tally {
  devsvc: number;
  supervisor: number;
}

function tick(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function killSupervisorNow(root: string): boolean {
  for (const pid of allProcessesIn(root)) {
    const words = readWords(pid);
    if (!words.includes("__supervisor")) continue;
    killNow(pid);
    return true;
  }
  return false;
}

function readWords(pid: number): readonly string[] {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0");
  } catch {
    return [];
  }
}

async function play(
  project: TestProject,
  { command, devsvcAt, supervisorAt }: Round,
  tally: Tally,
): Promise<void> {
  const words = command === "stop"
    ? [command]
    : [command, "--on-conflict=restart"];
  const child = project.spawn(words);
  const ended = child.output();
  await Promise.all([
    devsvcAt === undefined ? ended : tick(devsvcAt).then(() => {
      try {
        child.kill("SIGKILL");
        tally.devsvc++;
      } catch {
        // It has ended.
      }
    }),
    supervisorAt === undefined ? undefined : tick(supervisorAt).then(() => {
      if (killSupervisorNow(project.root)) tally.supervisor++;
    }),
  ]);
  await ended;
}

/** Whoever waited at a start barrier of a killed devsvc has ended. */
async function settle({ root }: TestProject): Promise<void> {
  await until(() => {
    const parents = [...instancesIn(root).values()].flat().map(parentOf);
    return wrappersIn(root).every((pid) => parents.includes(pid));
  });
}

function checkNoneDoubled({ root }: TestProject, context: string): void {
  for (const [name, pids] of instancesIn(root)) {
    ok(pids.length <= 1, `${context}: ${name} runs ${pids.length} times`);
  }
}

/** Who is killed while it writes leaves a draft, never half a file. */
function checkNoneTorn({ root }: TestProject, context: string): void {
  for (const folder of [`${root}/.devsvc`, `${root}/.devsvc/runs`]) {
    for (const { name, isFile } of Deno.readDirSync(folder)) {
      if (!isFile || !name.endsWith(".json")) continue;
      try {
        JSON.parse(Deno.readTextFileSync(`${folder}/${name}`));
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) continue;
        throw new Error(`${context}: ${name} is torn`, { cause: error });
      }
    }
  }
}

async function checkAllOrNone(
  project: TestProject,
  context: string,
): Promise<void> {
  const started = await project.run(["start"]);
  strictEqual(
    started.code,
    0,
    `${context}: ${started.stdout}${started.stderr}`,
  );
  const living = instancesIn(project.root);
  for (const name of [...WITH_PORT, ...WITHOUT_PORT]) {
    strictEqual(living.get(name)?.length, 1, `${context}: ${name} runs once`);
  }
  const stopped = await project.run(["stop"]);
  strictEqual(
    stopped.code,
    0,
    `${context}: ${stopped.stdout}${stopped.stderr}`,
  );
  deepStrictEqual(await processesLeftIn(project.root), [], context);
  for (const port of project.ports) ok(!await answers(port), context);
}

Deno.test(
  `${ROUNDS} rounds with kills at random: none doubled, none lost, no file torn`,
  ON_LINUX,
  async () => {
    await using project = makeProject(WITH_PORT.length, TEN);
    const plays = fc.sample(anyRound, { seed: SEED, numRuns: ROUNDS });
    const tally = { devsvc: 0, supervisor: 0 };
    strictEqual((await project.run(["start"])).code, 0);
    for (const [index, round] of plays.entries()) {
      const context = `round ${index}, ${JSON.stringify(round)}`;
      await play(project, round, tally);
      await settle(project);
      checkNoneDoubled(project, context);
      checkNoneTorn(project, context);
      if (index % PERIOD === PERIOD - 1) await checkAllOrNone(project, context);
    }
    await checkAllOrNone(project, "at the end");
    ok(tally.devsvc > ROUNDS / 10, `devsvc was killed ${tally.devsvc} times`);
    ok(
      tally.supervisor > ROUNDS / 20,
      `the supervisor was killed ${tally.supervisor} times`,
    );
  },
);
