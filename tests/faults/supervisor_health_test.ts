/** A service that was ready is watched: told once, replaced where asked for. */

import {
  deepStrictEqual,
  match,
  notStrictEqual,
  strictEqual,
} from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import {
  journalOf,
  killSupervisor,
  supervisorsOf,
  untilSupervised,
} from "../kit/test_supervisor.ts";
import { IDLE } from "../kit/cheap.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { instancesIn, processesLeftIn } from "../kit/processes.ts";
import {
  serverCommand,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import { pidsOf, statusOf } from "../kit/report.ts";

/** A server that answers 500 while the file `unhealthy` holds its id. */
function watched(
  options: {
    readonly restart: boolean;
    readonly args?: readonly string[];
    readonly stopTime?: string;
  },
): (ports: readonly number[]) => string {
  const { restart, args = [], stopTime = "1s" } = options;
  return (ports) =>
    `[services.a]
command = ${
      serverCommand(
        "--port",
        String(ports[0]),
        "--health",
        "unhealthy",
        ...args,
      )
        .replace(
          "[",
          '["sh", "-c", "[ ! -e bad ] || { rm bad; exit 3; }; exec \\"$@\\"", "sh", ',
        )
    }
port = ${ports[0]}
ready = { http = "/" }
live = { every = "200ms", failures = 2, restart = ${restart} }
restart = { when = "on-failure", delay = "20ms" }
stop = { timeout = "${stopTime}" }
`;
}

function startWatched(
  options: Parameters<typeof watched>[0],
): Promise<TestProject> {
  return startProject(1, watched(options), async (project) => {
    await Deno.writeTextFile(`${project.root}/unhealthy`, "0");
  });
}

async function failChecks(project: TestProject): Promise<number> {
  const [pid] = await pidsOf(project);
  await Deno.writeTextFile(`${project.root}/unhealthy`, String(pid));
  return pid ?? 0;
}

/** The words of the journal that are about health and turns. */
function wordsOf(project: TestProject): readonly string[] {
  return journalOf(project).map((line) => line.split(" ")[0] ?? "");
}

function count(project: TestProject, word: string): number {
  return wordsOf(project).filter((one) => one === word).length;
}

Deno.test("unhealthy and well again is told once each", ON_LINUX, async () => {
  await using project = await startWatched({ restart: false });
  const before = instancesIn(project.root);
  for (const time of [1, 2]) {
    await failChecks(project);
    await until(() => count(project, "unhealthy") === time);
    strictEqual((await statusOf(project))[0]?.state, "unhealthy");
    await Deno.writeTextFile(`${project.root}/unhealthy`, "0");
    await until(() => count(project, "healthy") === time);
    strictEqual((await statusOf(project))[0]?.state, "running");
  }
  deepStrictEqual(wordsOf(project), [
    "start",
    "ready",
    ...["unhealthy", "healthy", "unhealthy", "healthy"],
  ]);
  deepStrictEqual(instancesIn(project.root), before, "it was left alone");
});

Deno.test(
  "who is unhealthy is replaced by one that is well",
  ON_LINUX,
  async () => {
    await using project = await startWatched({ restart: true });
    const unhealthy = await failChecks(project);
    await until(() => count(project, "ready") === 2);
    const [service] = await statusOf(project);
    strictEqual(service?.state, "running");
    notStrictEqual(service.pid, unhealthy);
    deepStrictEqual(instancesIn(project.root).get("a"), [service.pid]);
    deepStrictEqual(wordsOf(project), [
      ...["start", "ready", "unhealthy"],
      ...["stop", "stopped", "start", "ready"],
    ]);
  },
);

Deno.test(
  "a replacement that fails at once is made again",
  ON_LINUX,
  async () => {
    await using project = await startWatched({ restart: true });
    await Deno.writeTextFile(`${project.root}/bad`, "");
    await failChecks(project);
    await until(() => count(project, "ready") === 2);
    strictEqual(count(project, "start"), 3);
    strictEqual(count(project, "backoff"), 1);
    const [service] = await statusOf(project);
    strictEqual(service?.state, "running");
    deepStrictEqual(instancesIn(project.root).get("a"), [service.pid]);
  },
);

/** A supervisor that dies while it stops who is unhealthy. */
async function killReplacing(project: TestProject): Promise<number> {
  const unhealthy = await failChecks(project);
  await until(() => count(project, "stop") > 0);
  await killSupervisor(project);
  strictEqual(count(project, "start"), 1);
  return unhealthy;
}

/** It lives long enough for its supervisor to be killed while it waits for it. */
const STUBBORN = {
  restart: true,
  args: ["--stubborn"],
  stopTime: "3s",
} as const;

Deno.test(
  "a replacement is made to its end by the next supervisor",
  ON_LINUX,
  async () => {
    await using project = await startWatched(STUBBORN);
    const unhealthy = await killReplacing(project);
    await project.run(["status"]);
    await untilSupervised(project);
    await until(() => count(project, "ready") === 2);
    const [service] = await statusOf(project);
    notStrictEqual(service?.pid, unhealthy);
    deepStrictEqual(instancesIn(project.root).get("a"), [service?.pid]);
  },
);

Deno.test(
  "what the user stopped is not started by a replacement left undone",
  ON_LINUX,
  async () => {
    await using project = await startWatched(STUBBORN);
    await killReplacing(project);
    strictEqual((await project.run(["stop"])).code, 0);
    strictEqual((await project.run(["status"])).code, 1);
    deepStrictEqual(await processesLeftIn(project.root), []);
    deepStrictEqual(supervisorsOf(project), []);
    strictEqual(count(project, "start"), 1);
  },
);

Deno.test(
  "what its command finds is shown by looking, which does not run it",
  ON_LINUX,
  async () => {
    await using project = await startProject(0, () =>
      `[services.a]
command = ${IDLE}
ready = { command = "test ! -e bad" }
live = { every = "200ms", failures = 2 }
`);
    await untilSupervised(project);
    const [before] = await statusOf(project);
    deepStrictEqual([before?.state, before?.health], ["running", "unknown"]);
    const { stdout } = await project.run(["why", "a"]);
    match(stdout, /ready command: not run here, only while it is started/);
    await Deno.writeTextFile(`${project.root}/bad`, "");
    await until(async () => {
      const [a] = await statusOf(project);
      return a?.state === "unhealthy" && a.health === "unhealthy";
    });
    await Deno.remove(`${project.root}/bad`);
    await until(async () => (await statusOf(project))[0]?.state === "running");
  },
);
