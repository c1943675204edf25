/**
 * Children that dropped the environment of their service and outlive its main
 * process, as turbo's do: they are known by their session.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { stateDirOf } from "../../lib/runtime/state/state_dir.ts";
import { readStatusFile } from "../../lib/runtime/state/status_file.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { allProcessesIn, processesIn, wrappersIn } from "../kit/processes.ts";
import { statusOf } from "../kit/report.ts";
import { startProject, type TestProject } from "../kit/test_project.ts";
import { killNow, until } from "../kit/test_process.ts";

/** A service whose child names no run; the second `sleep` is its main process. */
function service(more = ""): string {
  return `[services.worker]
command = "env -i /bin/sleep 601 & exec sleep 602"
stop.timeout = "5s"
${more}`;
}

/** The ids of the processes in the project that run `sleep` for some seconds. */
function sleepers(project: TestProject, seconds: number): readonly number[] {
  return processesIn(project.root).filter((pid) => {
    try {
      const words = Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0");
      return words[1] === String(seconds);
    } catch {
      return false;
    }
  });
}

async function killMain(project: TestProject): Promise<void> {
  sleepers(project, 602).forEach(killNow);
  await until(() => wrappersIn(project.root).length === 0);
}

Deno.test(
  "an unmarked child outlives its service: told, not doubled, and stopped",
  ON_LINUX,
  async () => {
    await using project = await startProject(0, () => service());
    await killMain(project);
    const [child = 0, ...others] = sleepers(project, 601);
    deepStrictEqual(others, []);
    const [shown] = await statusOf(project);
    strictEqual(shown?.state, "orphan");
    deepStrictEqual(shown.processes.map(({ pid }) => pid), [child]);

    const start = await project.run(["start"]);
    strictEqual(start.code, 3, start.stdout);
    deepStrictEqual(sleepers(project, 601), [child]);

    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout);
    match(stop.stdout, /1 service stopped/);
    deepStrictEqual(processesIn(project.root), []);
  },
);

Deno.test(
  "a service that is restarted always ends what an earlier run left",
  ON_LINUX,
  async () => {
    await using project = await startProject(
      0,
      () => service('restart = "always"\n'),
    );
    const [before = 0] = sleepers(project, 601);
    sleepers(project, 602).forEach(killNow);
    const [after = 0] = await until(() => {
      const found = sleepers(project, 601);
      ok(found.length <= 1, `two at once: ${found}`);
      return found.length === 1 && !found.includes(before) &&
        sleepers(project, 602).length === 1 && found;
    });
    ok(after > 0);
    strictEqual((await project.run(["stop"])).code, 0);
    deepStrictEqual(processesIn(project.root), []);
  },
);

Deno.test(
  "a start that fails ends what it left without a mark",
  ON_LINUX,
  async () => {
    await using project = await startProject(0, () => service());
    strictEqual((await project.run(["stop"])).code, 0);
    project.write(
      '[services.worker]\ncommand = "env -i /bin/sleep 601 & exit 3"\n' +
        'ready.log = "never"\n',
    );
    strictEqual((await project.run(["start"])).code, 1);
    deepStrictEqual(processesIn(project.root), []);
  },
);

Deno.test(
  "a child that left its session, too, is remembered by the supervisor",
  ON_LINUX,
  async () => {
    await using project = await startProject(
      0,
      () => service().replace("env -i /bin/sleep", "env -i setsid /bin/sleep"),
    );
    const [child = 0] = sleepers(project, 601);
    await until(() => {
      const status = readStatusFile(stateDirOf(project.root));
      return status?.escaped?.["worker"]?.processes[0]?.pid === child;
    });
    await killMain(project);
    const [shown] = await statusOf(project);
    strictEqual(shown?.state, "orphan");
    deepStrictEqual(shown.processes.map(({ pid }) => pid), [child]);
    const start = await project.run(["start"]);
    strictEqual(start.code, 3, start.stdout);
    // Also where the supervisor has left.
    await until(() => allProcessesIn(project.root).length === 1);
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout);
    deepStrictEqual(processesIn(project.root), []);
  },
);
