/**
 * 500 cycles of start and stop leave no process, no open port and no file that
 * grows but the journal, which is bounded.
 *
 * Most go through the runtime, since a command costs the start of a Deno; some
 * through the commands, keeper and all.
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { loadProject } from "../../lib/config/load.ts";
import { diagnose } from "../../lib/core/diagnose.ts";
import { planStart, planStop } from "../../lib/core/plan.ts";
import type { Diagnosis, Project, World } from "../../lib/core/model.ts";
import { currentPlatform } from "../../lib/platform/current.ts";
import type { Platform } from "../../lib/platform/platform.ts";
import { act } from "../../lib/runtime/act.ts";
import { JOURNAL_SIZE, openJournal } from "../../lib/runtime/journal.ts";
import { observe } from "../../lib/runtime/observe.ts";
import { ensureStateDir, stateDirOf } from "../../lib/runtime/state_dir.ts";
import { cheapServer } from "../helpers/cheap.ts";
import {
  allProcessesIn,
  answers,
  LINUX,
  processesLeftIn,
} from "../helpers/processes.ts";
import { makeProject, type TestProject } from "../helpers/project.ts";

const CYCLES = 500;
const EARLY = 50;
const COMMAND_CYCLES = 25;

const SERVER = (ports: readonly number[]) =>
  `[services.a]
command = ${cheapServer(ports[0] ?? 0)}
port = ${ports[0]}
restart = "always"
`;

/** All files of a folder and their sizes, those of the journal apart. */
function filesIn(folder: string): Readonly<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) Object.assign(sizes, filesIn(path));
    else sizes[path] = Deno.statSync(path).size;
  }
  return sizes;
}

/** What must not grow: names, and the sizes of what is no journal or log. */
function growthOf({ root }: TestProject) {
  const files = filesIn(`${root}/.devsvc`);
  const isText = (path: string) => /devsvc\.log(\.1)?$|\/logs\//.test(path);
  return {
    names: Object.keys(files).toSorted(),
    sizes: Object.fromEntries(
      Object.entries(files).filter(([path]) => !isText(path)).toSorted(),
    ),
    journal: Object.entries(files)
      .filter(([path]) => /devsvc\.log(\.1)?$/.test(path))
      .map(([, size]) => size),
    logs: Object.entries(files)
      .filter(([path]) => path.includes("/logs/"))
      .reduce((sum, [, size]) => sum + size, 0),
  };
}

async function checkGone(project: TestProject): Promise<void> {
  deepStrictEqual(await processesLeftIn(project.root), []);
  ok(!await answers(project.ports[0] ?? 0));
}

/** One command through the runtime, as the cli does it. */
async function actOnce(
  project: Project,
  platform: Platform,
  plan: (diagnoses: readonly Diagnosis[]) => ReturnType<typeof planStart>,
): Promise<void> {
  const world: World = await observe(project, project.services, platform);
  const dir = stateDirOf(project.root);
  const { startFailures, stopFailures } = await act(
    plan(diagnose(project.services, world)),
    world,
    {
      project,
      dir,
      platform,
      emit: openJournal(dir.journal),
      signal: new AbortController().signal,
    },
  );
  deepStrictEqual([...startFailures], []);
  deepStrictEqual([...stopFailures], []);
}

Deno.test("500 starts and stops leave nothing behind", LINUX, async () => {
  await using made = makeProject(1, SERVER);
  const project = await loadProject(`${made.root}/services.toml`);
  const platform = await currentPlatform();
  await ensureStateDir(stateDirOf(project.root));
  const requested = new Set(["a"]);
  let early: ReturnType<typeof growthOf> | undefined;
  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    await actOnce(
      project,
      platform,
      (diagnoses) =>
        planStart(diagnoses, { requested, policy: "fail", restart: false }),
    );
    strictEqual(allProcessesIn(made.root).length, 2, `cycle ${cycle}`);
    await actOnce(
      project,
      platform,
      (diagnoses) => planStop(diagnoses, { force: false }),
    );
    if (cycle === EARLY) early = growthOf(made);
  }
  await checkGone(made);
  const late = growthOf(made);
  deepStrictEqual(late.names, early?.names);
  deepStrictEqual(late.sizes, early?.sizes);
  for (const size of late.journal) ok(size < JOURNAL_SIZE + 1_000);
  // A line a run, which is bounded by `log.size`.
  ok(late.logs < CYCLES * 100, `${late.logs} bytes of logs`);
});

Deno.test(
  "25 starts and stops by the commands leave nothing behind",
  LINUX,
  async () => {
    await using project = makeProject(1, SERVER);
    let early: ReturnType<typeof growthOf> | undefined;
    for (let cycle = 1; cycle <= COMMAND_CYCLES; cycle++) {
      const start = await project.run(["start"]);
      strictEqual(start.code, 0, start.stdout + start.stderr);
      const stop = await project.run(["stop"]);
      strictEqual(stop.code, 0, stop.stdout + stop.stderr);
      if (cycle > 1 && cycle < COMMAND_CYCLES) continue;
      // The keeper takes its note along.
      await checkGone(project);
      early ??= growthOf(project);
    }
    const late = growthOf(project);
    deepStrictEqual(late.names, early?.names);
    for (const [path, size] of Object.entries(late.sizes)) {
      // A longer process id is no growth.
      ok(size < (early?.sizes[path] ?? 0) + 10, path);
    }
  },
);
