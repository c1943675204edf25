/**
 * A service without a port is never doubled and never lost: not where its run
 * record is gone or spoilt, nor where services.toml does not name it any more.
 */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { instancesIn, wrappersIn } from "../kit/processes.ts";
import { killNow, startProcess, until } from "../kit/test_process.ts";
import type { Run } from "../kit/run_devsvc.ts";
import { reportOf } from "../kit/report.ts";
import {
  makeProject,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";

/** A worker: it has no port that would show it. */
function worker(name = "worker"): string {
  return `[services.${name}]\ncommand = ["sleep", "600"]\n`;
}

const startWorker = () => startProject(0, () => worker());

function equalCode(run: Run, code: number): void {
  strictEqual(run.code, code, run.stdout + run.stderr);
}

async function statesOf(project: TestProject, services?: "removed") {
  const report = reportOf(await project.run(["status", "--json"]));
  const shown = services ? report.removed ?? [] : report.services;
  return shown.map(({ name, state }) => [name, state]);
}

function countIn(project: TestProject): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...instancesIn(project.root)].map(([name, pids]) => [name, pids.length]),
  );
}

/** What becomes of a run record, given its path. */
const LOSSES: Readonly<Record<string, (file: string) => Promise<void>>> = {
  "its folder is removed, as git clean does": (file) =>
    Deno.remove(file.replace(/\/runs\/.*$/, ""), { recursive: true }),
  "it is removed": (file) => Deno.remove(file),
  "it is empty": (file) => Deno.writeTextFile(file, ""),
  "it is garbage": (file) => Deno.writeTextFile(file, "\0\x1b{[garbage"),
  "it is of another version": async (file) => {
    const record = JSON.parse(await Deno.readTextFile(file));
    const text = JSON.stringify({ ...record, version: 999 });
    await Deno.writeTextFile(file, text);
  },
};

for (const [loss, lose] of Object.entries(LOSSES)) {
  Deno.test(
    `the run record of a worker: ${loss}, and it is kept, restarted and stopped`,
    ON_LINUX,
    async () => {
      await using project = await startWorker();
      const file = `${project.root}/.devsvc/runs/worker.json`;
      const before = instancesIn(project.root);
      await lose(file);

      deepStrictEqual(await statesOf(project), [["worker", "started"]]);
      equalCode(await project.run(["status"]), 0);
      const start = await project.run(["start"]);
      equalCode(start, 0);
      match(start.stdout, /Already running: 1 service\./);
      deepStrictEqual(instancesIn(project.root), before);
      const why = await project.run(["why", "worker"]);
      match(why.stdout, /The run record of worker /);

      equalCode(await project.run(["restart"]), 0);
      deepStrictEqual(countIn(project), { worker: 1 });
      strictEqual(
        instancesIn(project.root).get("worker")?.join() ===
          before.get("worker")?.join(),
        false,
      );

      await lose(file);
      const stop = await project.run(["stop"]);
      equalCode(stop, 0);
      match(stop.stdout, /1 service stopped/);
      deepStrictEqual(countIn(project), {});
      match((await project.run(["stop"])).stdout, /Nothing was running/);
    },
  );
}

Deno.test(
  "leftovers of a worker without a run record are known, and stopped",
  ON_LINUX,
  async () => {
    await using project = await startWorker();
    wrappersIn(project.root).forEach(killNow);
    await until(() => wrappersIn(project.root).length === 0);
    await Deno.remove(`${project.root}/.devsvc`, { recursive: true });
    deepStrictEqual(await statesOf(project), [["worker", "orphan"]]);
    equalCode(await project.run(["start"]), 3);
    deepStrictEqual(countIn(project), { worker: 1 });
    equalCode(await project.run(["stop"]), 0);
    deepStrictEqual(countIn(project), {});
  },
);

Deno.test(
  "a worker that was renamed is named, not started again, and stopped",
  ON_LINUX,
  async () => {
    await using project = await startWorker();
    project.write(worker("renamed"));
    deepStrictEqual(await statesOf(project), [["renamed", "stopped"]]);
    deepStrictEqual(await statesOf(project, "removed"), [
      ["worker", "started"],
    ]);
    const status = await project.run(["status"]);
    match(status.stdout, /^worker: no longer in services\.toml, .*PID \d+/m);

    const start = await project.run(["start"]);
    equalCode(start, 0);
    match(start.stderr, /^worker: no longer in services\.toml, .*PID \d+/m);
    deepStrictEqual(countIn(project), { worker: 1, renamed: 1 });

    const stop = await project.run(["stop"]);
    equalCode(stop, 0);
    match(stop.stdout, /2 services stopped/);
    deepStrictEqual(countIn(project), {});
    deepStrictEqual(await statesOf(project, "removed"), []);
  },
);

Deno.test(
  "a worker that was removed is stopped by its name, also without its run record",
  ON_LINUX,
  async () => {
    await using project = await startProject(
      0,
      () => worker() + worker("other"),
    );
    project.write(worker("other"));
    await Deno.remove(`${project.root}/.devsvc/runs`, { recursive: true });
    deepStrictEqual(await statesOf(project, "removed"), [
      ["worker", "started"],
    ]);
    equalCode(await project.run(["stop", "other"]), 0);
    deepStrictEqual(countIn(project), { worker: 1 });
    const stop = await project.run(["stop", "worker"]);
    equalCode(stop, 0);
    match(stop.stdout, /1 service stopped/);
    deepStrictEqual(countIn(project), {});
    // Now there is no such service.
    equalCode(await project.run(["stop", "worker"]), 2);
    equalCode(await project.run(["start", "worker"]), 2);
  },
);

Deno.test(
  "two runs of a worker at once are named, and both are stopped",
  ON_LINUX,
  async () => {
    await using project = await startWorker();
    const [wrapper = 0] = wrappersIn(project.root);
    const environ = await Deno.readTextFile(`/proc/${wrapper}/environ`);
    const root = /DEVSVC_ROOT=([^\0]*)/.exec(environ)?.[1];
    await using _second = startProcess("env", [
      "DEVSVC_RUN=0f0f-2",
      "DEVSVC_SERVICE=worker",
      `DEVSVC_ROOT=${root}`,
      "setsid",
      "sleep",
      "601",
    ]);
    const run = await untilStatus(project, "duplicate");
    equalCode(run, 1);
    match(run.stdout, /^worker: runs 2 times at once \(PID \d+, PID \d+\)/m);
    equalCode(await project.run(["start"]), 3);
    const stop = await project.run(["stop"]);
    equalCode(stop, 0);
    deepStrictEqual(await statesOf(project), [["worker", "stopped"]]);
    deepStrictEqual(countIn(project), {});
  },
);

async function untilStatus(project: TestProject, state: string): Promise<Run> {
  return await until(async () => {
    const [shown] = await statesOf(project);
    return shown?.[1] === state && await project.run(["status"]);
  });
}

Deno.test(
  "a copy of a project with its .devsvc leaves alone what the project runs",
  ON_LINUX,
  async () => {
    await using project = await startWorker();
    await using copy = makeProject(0, () => worker());
    const { success } = await new Deno.Command("cp", {
      args: ["-a", `${project.root}/.devsvc`, copy.root],
    }).output();
    strictEqual(success, true);
    deepStrictEqual(await statesOf(copy), [["worker", "stopped"]]);
    match((await copy.run(["stop"])).stdout, /Nothing was running/);
    deepStrictEqual(countIn(project), { worker: 1 });
    equalCode(await copy.run(["start"]), 0);
    deepStrictEqual(countIn(copy), { worker: 1 });
    equalCode(await copy.run(["stop"]), 0);
    deepStrictEqual(countIn(project), { worker: 1 });
  },
);

Deno.test(
  "a worker is known by whatever path its project is reached, and after a move",
  ON_LINUX,
  async () => {
    await using project = await startWorker();
    await using folder = await makeLinkTo(project.root);
    await Deno.remove(`${project.root}/.devsvc`, { recursive: true });
    const config = ["--config", `${folder.link}/services.toml`];
    const start = await project.run(["start", ...config], {
      cwd: folder.path,
    });
    equalCode(start, 0);
    match(start.stdout, /Already running: 1 service\./);
    deepStrictEqual(countIn(project), { worker: 1 });

    const moved = `${project.root}-moved`;
    await Deno.rename(project.root, moved);
    try {
      const status = await project.run(["status"], { cwd: moved });
      equalCode(status, 0);
      match(status.stdout, /worker +started/);
    } finally {
      await Deno.rename(moved, project.root);
    }
  },
);

async function makeLinkTo(root: string) {
  const path = await Deno.makeTempDir({ prefix: "devsvc-link-" });
  const link = `${path}/link`;
  await Deno.symlink(root, link);
  return {
    path,
    link,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
