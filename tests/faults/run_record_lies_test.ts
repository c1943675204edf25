/** Run records that lie: told, never believed, and nobody is killed for them. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { killNow, startProcess, until } from "../kit/test_process.ts";
import type { Run } from "../kit/run_devsvc.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import {
  answers,
  instancesIn,
  isAlive,
  processesIn,
  wrappersIn,
} from "../kit/processes.ts";
import {
  plainServers,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import { statusOf } from "../kit/report.ts";

/** How a run record can be spoilt, given the path of the file. */
interface Lie {
  readonly title: string;
  /** Puts the lie in the place of the file. */
  readonly tell: (file: string) => Promise<void>;
  /** What is said about it. */
  readonly told: RegExp;
}

const UNREADABLE =
  /^The run record of Service A cannot be read \(.*\/runs\/a\.json\): ignored$/m;

const LIES: readonly Lie[] = [
  {
    title: "is not JSON",
    tell: (file) => Deno.writeTextFile(file, "{ not json"),
    told: UNREADABLE,
  },
  {
    title: "is cut in the middle",
    tell: async (file) => {
      const text = await Deno.readTextFile(file);
      await Deno.writeTextFile(file, text.slice(0, text.length / 2));
    },
    told: UNREADABLE,
  },
  {
    title: "is empty",
    tell: (file) => Deno.writeTextFile(file, ""),
    told: UNREADABLE,
  },
  {
    title: "is JSON of something else",
    tell: (file) => Deno.writeTextFile(file, '{ "version": 1, "pid": 1 }'),
    told:
      /^The run record of Service A was not written by devsvc here, .*a\.json\): ignored$/m,
  },
  {
    title: "is of another version",
    tell: (file) => change(file, { version: 2 }),
    told:
      /^The run record of Service A was written by another version of devsvc \(.*a\.json\): ignored$/m,
  },
];

/** Changes some fields of a run record. */
async function change(
  file: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const record: Record<string, unknown> = JSON.parse(
    await Deno.readTextFile(file),
  );
  await Deno.writeTextFile(file, JSON.stringify({ ...record, ...fields }));
}

function recordOf(project: TestProject): string {
  return `${project.root}/.devsvc/runs/a.json`;
}

/** A service that was started and, unless it is to run on, killed by hand. */
async function startedOnce(keepsRunning: boolean): Promise<TestProject> {
  const project = await startProject(1, plainServers);
  if (!keepsRunning) await killByHand(project);
  return project;
}

async function killByHand(project: TestProject): Promise<void> {
  processesIn(project.root).forEach(killNow);
  // Its wrapper ends after it: till then it is of the run, too.
  await until(() =>
    processesIn(project.root).length === 0 &&
    wrappersIn(project.root).length === 0
  );
}

function equalCode(run: Run, code: number): void {
  strictEqual(run.code, code, run.stdout + run.stderr);
}

for (const { title, tell, told } of LIES) {
  Deno.test(
    `a run record that ${title}, nothing runs: told, and start works`,
    ON_LINUX,
    async () => {
      await using project = await startedOnce(false);
      await tell(recordOf(project));
      const status = await project.run(["status"]);
      equalCode(status, 1);
      match(status.stderr, told);
      const check = await project.run(["check"]);
      equalCode(check, 0);
      match(check.stderr, told);

      const start = await project.run(["start"]);
      equalCode(start, 0);
      match(start.stderr, told);
      strictEqual(instancesIn(project.root).get("a")?.length, 1);
      const healed = await project.run(["status"]);
      equalCode(healed, 0);
      strictEqual(healed.stderr, "", "the run record is good again");
    },
  );

  Deno.test(
    `a run record that ${title}, the service runs: told, and never a second one`,
    ON_LINUX,
    async () => {
      await using project = await startedOnce(true);
      const [pid = 0] = processesIn(project.root);
      await tell(recordOf(project));
      const [service] = await statusOf(project);
      strictEqual(service?.state, "running");

      const start = await project.run(["start"]);
      equalCode(start, 0);
      match(start.stderr, told);
      match(start.stdout, /Already running: 1 service\./);
      deepStrictEqual(processesIn(project.root), [pid]);

      const stop = await project.run(["stop"]);
      equalCode(stop, 0);
      match(stop.stderr, told);
      ok(!isAlive(pid));
      ok(!await answers(project.ports[0] ?? 0));
      equalCode(await project.run(["start"]), 0);
      strictEqual((await project.run(["status"])).stderr, "");
    },
  );
}

Deno.test(
  "a run record that is a folder: unknown, told what to do, and then start works",
  ON_LINUX,
  async () => {
    await using project = await startedOnce(false);
    const file = recordOf(project);
    await Deno.remove(file);
    await Deno.mkdir(`${file}/full`, { recursive: true });
    const told =
      /^Nobody can tell whether Service A runs, its run record .*a\.json is no plain file or folder: remove it$/m;
    for (const [command = "", code] of [["status", 4], ["check", 4]] as const) {
      const run = await project.run([command]);
      equalCode(run, code);
      match(run.stderr, told);
    }
    for (const command of ["start", "restart", "stop"]) {
      const run = await project.run([command]);
      equalCode(run, 3);
      match(run.stderr, told);
      match(run.stdout, /unknown \(.*a\.json is no plain file or folder\)/);
      match(run.stdout, /→ remove it/);
    }
    strictEqual(instancesIn(project.root).size, 0);
    await Deno.remove(file, { recursive: true });
    equalCode(await project.run(["start"]), 0);
  },
);

Deno.test(
  "a run record that is a folder, the service runs: its port shows it",
  ON_LINUX,
  async () => {
    await using project = await startedOnce(true);
    const [pid = 0] = processesIn(project.root);
    const file = recordOf(project);
    await Deno.remove(file);
    await Deno.mkdir(file);
    const [service] = await statusOf(project);
    deepStrictEqual([service?.state, service?.recordIssue], [
      "running",
      "unreadable",
    ]);
    equalCode(await project.run(["start"]), 0);
    const restart = await project.run(["restart"]);
    equalCode(restart, 3);
    match(restart.stdout, /→ remove it/);
    deepStrictEqual(processesIn(project.root), [pid]);
    equalCode(await project.run(["stop"]), 0);
    ok(!isAlive(pid));
    await Deno.remove(file);
  },
);

Deno.test(
  "a run record of a process that is gone: crashed, and start works",
  ON_LINUX,
  async () => {
    await using project = await startedOnce(false);
    const [service] = await statusOf(project);
    deepStrictEqual([service?.state, service?.recordIssue], [
      "crashed",
      "dead",
    ]);
    equalCode(await project.run(["stop"]), 0);
    equalCode(await project.run(["start"]), 0);
    strictEqual((await statusOf(project))[0]?.state, "running");
  },
);

for (const keepsRunning of [false, true]) {
  const what = keepsRunning ? "while the service runs" : "and nothing runs";
  Deno.test(
    `a run record with the pid of another living process, ${what}: that one lives on`,
    ON_LINUX,
    async () => {
      await using project = await startedOnce(keepsRunning);
      const mine = processesIn(project.root);
      // The wrapper of a group and session of its own, as a service is.
      await using otherServer = startProcess("setsid", [
        "sleep",
        "1000",
      ]);
      await change(recordOf(project), { pid: otherServer.pid });

      const status = await project.run(["status"]);
      match(status.stdout, keepsRunning ? /unhealthy|leftovers/ : /crashed/);
      for (
        const command of [["stop"], ["start"], ["restart"], [
          "start",
          "--force",
        ]]
      ) {
        await project.run(command);
        ok(
          isAlive(otherServer.pid),
          `it lives after ${command.join(" ")}`,
        );
      }
      strictEqual((await statusOf(project))[0]?.state, "running");
      strictEqual(
        mine.some(isAlive),
        false,
        "the service that ran was replaced",
      );
      strictEqual(processesIn(project.root).length, 1);
      equalCode(await project.run(["stop", "--force"]), 0);
      ok(isAlive(otherServer.pid));
    },
  );
}

Deno.test(
  "a run record with the number and the start of another boot is not believed",
  ON_LINUX,
  async () => {
    await using project = await startedOnce(true);
    const [pid = 0] = processesIn(project.root);
    await change(recordOf(project), {
      start: "another-boot/1",
      run: crypto.randomUUID(),
    });
    const [service] = await statusOf(project);
    // What runs says itself what it is.
    deepStrictEqual([service?.state, service?.recordIssue], [
      "running",
      "missing",
    ]);
    equalCode(await project.run(["stop"]), 0);
    ok(!isAlive(pid));
  },
);

Deno.test(
  "a run record with impossible values blocks no command",
  ON_LINUX,
  async () => {
    await using project = await startedOnce(true);
    for (
      const fields of [
        { logOffset: -1 },
        { logOffset: 1e300 },
        { startedAt: "never", readyAt: null },
        { startedAt: "never", readyAt: undefined },
        { port: 99_999, command: [] },
        { run: "../../../outside" },
        { run: "0" },
        { startedAt: "2999-01-01T00:00:00.000Z" },
      ]
    ) {
      await change(recordOf(project), fields);
      for (const command of ["status", "check", "start", "logs"]) {
        const run = await project.run([command]);
        ok([0, 1, 3].includes(run.code), run.stderr);
        strictEqual(run.stderr.includes("Unexpected"), false, run.stderr);
      }
      equalCode(await project.run(["restart", "--force"]), 0);
      strictEqual(processesIn(project.root).length, 1);
    }
  },
);

Deno.test(
  "a run record that names process 1 or devsvc's parent harms neither",
  ON_LINUX,
  async () => {
    await using project = await startedOnce(false);
    for (const pid of [0, 1, -1, Deno.pid, Deno.ppid]) {
      await change(recordOf(project), { pid });
      equalCode(await project.run(["stop"]), 0);
      equalCode(await project.run(["start"]), 0);
    }
    strictEqual(processesIn(project.root).length, 1);
  },
);
