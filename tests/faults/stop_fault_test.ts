/** Services that resist, hide or die by themselves: stop proves the end. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import {
  answers,
  instancesIn,
  isAlive,
  processesIn,
} from "../kit/processes.ts";
import {
  makeProject,
  plainServers,
  serverCommand,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import { statusOf } from "../kit/report.ts";
import { killService } from "../kit/crash.ts";

/** One service, which gets as long to stop as any. */
function oneService(...args: readonly string[]) {
  return (ports: readonly number[]) =>
    `[services.a]
label = "Service A"
command = ${serverCommand("--port", String(ports[0]), ...args)}
port = ${ports[0]}
`;
}

function started(...args: readonly string[]): Promise<TestProject> {
  return startProject(1, oneService(...args));
}

/** The process that the server told of in its log. */
function pidInLog(project: TestProject, name: string): number {
  const log = project.read(".devsvc/logs/a.log");
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(log)?.[1]);
}

function linesOf(project: TestProject, event: string): readonly string[] {
  return project.read(".devsvc/devsvc.log").split("\n")
    .filter((line) => line.split(" ")[1] === event);
}

/** Whoever sees a crash first tells it, be it the supervisor, a moment later. */
function untilCrashes(
  project: TestProject,
  count: number,
): Promise<readonly string[]> {
  return until(() => {
    const crashes = linesOf(project, "crashed");
    return crashes.length >= count && crashes;
  });
}

async function equalGone(project: TestProject): Promise<void> {
  deepStrictEqual(processesIn(project.root), []);
  for (const port of project.ports) ok(!await answers(port));
}

Deno.test(
  "a service that ignores SIGTERM is killed after its time, and that is told",
  ON_LINUX,
  async () => {
    await using project = await startProject(
      1,
      // Long enough to tell of the signal.
      (ports) => oneService("--stubborn")(ports) + 'stop.timeout = "3s"\n',
    );
    const [pid] = processesIn(project.root);
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    match(
      stop.stdout,
      new RegExp(
        `Service A: stopping deno \\(PID ${pid}\\)\n(?:.*\n)*.*` +
          `Service A: still there after 3\\.0 s: killing deno \\(PID ${pid}\\)\n` +
          ".*Service A: stopped in ",
      ),
    );
    match(project.read(".devsvc/logs/a.log"), /^not now$/m);
    strictEqual(linesOf(project, "escalating").length, 1);
    const [asked, killed] = ["stop", "escalating"].map((event) =>
      Date.parse(linesOf(project, event)[0]?.split(" ")[0] ?? "")
    );
    const waited = (killed ?? 0) - (asked ?? 0);
    ok(Math.abs(waited - 3_000) <= 300, `killed after ${waited} ms`);
    await equalGone(project);
  },
);

Deno.test(
  "a service that obeys is not killed, and is given its time",
  ON_LINUX,
  async () => {
    await using project = await started();
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0);
    strictEqual(stop.stdout.includes("killing"), false);
    deepStrictEqual(linesOf(project, "escalating"), []);
  },
);

for (const kind of ["child", "escape"]) {
  const what = kind === "child"
    ? "a child in its group"
    : "a child in a session of its own";

  Deno.test(`stop ends ${what}`, ON_LINUX, async () => {
    await using project = await started(`--${kind}`);
    const child = pidInLog(project, kind);
    ok(isAlive(child));
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    ok(!isAlive(child));
    await equalGone(project);
  });

  Deno.test(
    `${what} that outlives a killed root process is seen, and stopped`,
    ON_LINUX,
    async () => {
      await using project = await started(`--${kind}`);
      const child = pidInLog(project, kind);
      const [service] = await statusOf(project);
      await killService(service?.pid);

      const [orphan] = await statusOf(project);
      strictEqual(orphan?.state, "orphan");
      deepStrictEqual(orphan?.processes.map(({ pid }) => pid), [child]);
      match(
        (await project.run(["status"])).stdout,
        new RegExp(
          `Service A +leftovers without their main process .* ${child} `,
        ),
      );
      const start = await project.run(["start"]);
      strictEqual(start.code, 3, "nothing is started beside leftovers");
      ok(isAlive(child));

      const stop = await project.run(["stop"]);
      strictEqual(stop.code, 0, stop.stdout + stop.stderr);
      await equalGone(project);
      strictEqual((await project.run(["start"])).code, 0);
    },
  );
}

Deno.test("restart clears leftovers away", ON_LINUX, async () => {
  await using project = await started("--escape");
  const child = pidInLog(project, "escape");
  const [service] = await statusOf(project);
  await killService(service?.pid);
  const restart = await project.run(["restart"]);
  strictEqual(restart.code, 0, restart.stdout + restart.stderr);
  ok(!isAlive(child));
});

Deno.test(
  "a service killed by hand has crashed: one line in the journal, start works",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, plainServers);
    strictEqual((await project.run(["start"])).code, 0);
    const [a, b] = await statusOf(project);
    await killService(a?.pid);

    for (let look = 0; look < 3; look++) {
      const status = await project.run(["status"]);
      strictEqual(status.code, 1);
      match(status.stdout, /^Service A +crashed /m);
      match(status.stdout, /^Service B +ready /m);
    }
    const crashes = await untilCrashes(project, 1);
    strictEqual(crashes.length, 1, crashes.join("\n"));
    match(
      crashes[0] ?? "",
      new RegExp(
        `^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z crashed a pid=${a?.pid} signal=SIGKILL by=\\d+$`,
      ),
    );

    const start = await project.run(["start"]);
    strictEqual(start.code, 0, start.stdout + start.stderr);
    const [newA, newB] = await statusOf(project);
    deepStrictEqual([newA?.state, newB?.pid], ["running", b?.pid]);
    strictEqual(linesOf(project, "crashed").length, 1);

    await killService(newA?.pid);
    await project.run(["status"]);
    await untilCrashes(project, 2);
  },
);

Deno.test(
  "dependents are stopped before what they depend on",
  ON_LINUX,
  async () => {
    await using project = makeProject(
      3,
      (ports) =>
        plainServers(ports).replace(
          /(\[services\.([bc])\])/g,
          (head, _, name) =>
            `${head}\ndepends_on = ["${name === "b" ? "a" : "b"}"]`,
        ),
    );
    strictEqual((await project.run(["start"])).code, 0);
    deepStrictEqual(
      linesOf(project, "ready").map((line) => line.split(" ")[2]),
      ["a", "b", "c"],
    );
    strictEqual((await project.run(["stop"])).code, 0);
    deepStrictEqual(
      linesOf(project, "stopped").map((line) => line.split(" ")[2]),
      ["c", "b", "a"],
    );
  },
);

Deno.test("stop of one service leaves the others", ON_LINUX, async () => {
  await using project = makeProject(3, plainServers);
  strictEqual((await project.run(["start"])).code, 0);
  const stop = await project.run(["stop", "b"]);
  strictEqual(stop.code, 0);
  match(stop.stdout, /1 service stopped, ports free/);
  deepStrictEqual([...instancesIn(project.root).keys()].toSorted(), ["a", "c"]);
});

Deno.test(
  "a service is asked with the signal of services.toml",
  ON_LINUX,
  async () => {
    await using project = makeProject(0, () =>
      `[services.a]
command = ["sh", "-c", "trap 'echo got INT; exit 0' INT; echo up; while :; do sleep 0.05; done"]
ready = { log = "^up$" }
stop = { signal = "SIGINT" }
`);
    const start = await project.run(["start"]);
    strictEqual(start.code, 0, start.stdout + start.stderr);
    strictEqual((await project.run(["stop"])).code, 0);
    match(project.read(".devsvc/logs/a.log"), /^got INT$/m);
    deepStrictEqual(processesIn(project.root), []);
  },
);
