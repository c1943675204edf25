/**
 * Hundreds of cycles of start and stop leave no process, no open port and no file that
 * grows but the journal, which is bounded.
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { JOURNAL_SIZE } from "../../lib/runtime/state/journal.ts";
import { cheapServer } from "../kit/cheap.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, processesLeftIn } from "../kit/processes.ts";
import { rounds } from "../kit/rounds.ts";
import { makeProject, type TestProject } from "../kit/test_project.ts";

const CYCLES = rounds({ usual: 40, thorough: 500 });

/** Projects that go round side by side, each its part. */
const LANES = 2;

/** The cycle that the last one is compared to: all files are there by then. */
const EARLY = 10;

/** The longest that a run writes to its own log, and the times of its lines. */
const RUN_OUTPUT = 100;

const SERVER = (ports: readonly number[]) =>
  `[services.a]
command = ${cheapServer(ports[0] ?? 0)}
port = ${ports[0]}
restart = "always"
`;

/** All files of a folder and their sizes. */
function filesIn(folder: string): Readonly<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) Object.assign(sizes, filesIn(path));
    else sizes[path] = Deno.statSync(path).size;
  }
  return sizes;
}

async function checkGone(project: TestProject): Promise<void> {
  deepStrictEqual(await processesLeftIn(project.root), []);
  ok(!await answers(project.ports[0] ?? 0));
}

/** Goes round and compares the files of an early and of the last cycle. */
async function runCycles(cycles: number): Promise<void> {
  await using project = makeProject(1, SERVER);
  const folder = `${project.root}/.devsvc`;
  let early: Readonly<Record<string, number>> = {};
  for (let cycle = 1; cycle <= cycles; cycle++) {
    for (const command of ["start", "stop"]) {
      const { code, stdout, stderr } = await project.run([command]);
      strictEqual(code, 0, `${command} ${cycle}: ${stdout}${stderr}`);
    }
    if (cycle !== EARLY) continue;
    await checkGone(project);
    early = filesIn(folder);
  }
  await checkGone(project);
  const late = filesIn(folder);
  deepStrictEqual(Object.keys(late).toSorted(), Object.keys(early).toSorted());
  for (const [path, size] of Object.entries(late)) {
    const growth = size - (early[path] ?? 0);
    if (/devsvc\.log(\.1)?$/.test(path)) ok(size < JOURNAL_SIZE + 1_000);
    // What the service writes is its own; `log.size` bounds it.
    else if (path.includes("/logs/")) ok(growth < cycles * RUN_OUTPUT, path);
    // A longer process id is no growth.
    else ok(growth < 10, `${path} grew by ${growth} bytes`);
  }
}

Deno.test(
  `${CYCLES} starts and stops leave nothing behind`,
  ON_LINUX,
  async () => {
    const lanes = Array.from(
      { length: LANES },
      () => runCycles(CYCLES / LANES),
    );
    // Every lane is tidied up before a failure of one ends the test.
    const ends = await Promise.allSettled(lanes);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  },
);
