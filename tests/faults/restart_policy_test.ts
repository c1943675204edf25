/** What ends by itself is started again, or is not, as services.toml says. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { cheapServer } from "../kit/cheap.ts";
import {
  journalOf,
  killSupervisor,
  supervisorsOf,
} from "../kit/test_supervisor.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import {
  answers,
  environmentOf,
  instancesIn,
  isAlive,
  processesLeftIn,
  programOf,
  withoutForks,
} from "../kit/processes.ts";
import {
  makeProject,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import { reportOf, type ServiceReport, statusOf } from "../kit/report.ts";

/** Less than {@linkcode LONG_PAUSE}: what is seen by then is not its end. */
const PATIENT = { timeout: 60_000 } as const;

/** Says that it runs, until it is told how to end by a line in a file. */
const MORTAL = `'''
echo up
while [ ! -e end ]; do sleep 0.02; done
read -r how <end; rm end
case $how in kill) kill -9 $$;; *) exit "$how";; esac
'''`;

interface Past extends ServiceReport {
  readonly restarts: number;
  readonly restartAt: string | null;
  readonly gaveUp: boolean;
  readonly lastExit:
    | { readonly code: number; readonly signal: string | null }
    | null;
}

async function pastOf(project: TestProject): Promise<Past | undefined> {
  const run = await project.run(["status", "--json"]);
  const [service] = reportOf(run).services as readonly Past[];
  return service;
}

/** The loops, without what they wait with, which is a shell until it is run. */
function shellsIn({ root }: TestProject): readonly number[] {
  const own = instancesIn(root).get("a") ?? [];
  return withoutForks(own.filter((pid) => programOf(pid) === "sh"));
}

const ENDS = {
  "0": { exit: "code=0", lastExit: { code: 0, signal: null } },
  "3": { exit: "code=3", lastExit: { code: 3, signal: null } },
  "kill": {
    exit: "signal=SIGKILL",
    lastExit: { code: 137, signal: "SIGKILL" },
  },
} as const;

const CASES = [
  ["never", "0", false],
  ["never", "3", false],
  ["never", "kill", false],
  ["on-failure", "0", false],
  ["on-failure", "3", true],
  ["on-failure", "kill", true],
  ["always", "0", true],
  ["always", "3", true],
  ["always", "kill", true],
] as const;

function crashes(project: TestProject): readonly string[] {
  return journalOf(project).filter((line) => line.startsWith("crashed"));
}

for (const [when, end, isRestarted] of CASES) {
  const told = isRestarted ? "is started again" : "stays down";
  Deno.test(`"${when}": what ends by ${end} ${told}`, ON_LINUX, async () => {
    await using project = await startProject(0, () =>
      `[services.a]
command = ${MORTAL}
ready = { log = "^up$" }
restart = { when = "${when}", delay = "20ms" }
`);
    const [first] = await statusOf(project);
    // Whole or not at all: it is read as soon as it is there.
    await Deno.writeTextFile(`${project.root}/end.new`, `${end}\n`);
    await Deno.rename(`${project.root}/end.new`, `${project.root}/end`);
    await until(() => crashes(project).length > 0, PATIENT);
    deepStrictEqual(crashes(project), [
      `crashed a pid=${first?.pid} ${ENDS[end].exit}`,
    ]);
    if (isRestarted) {
      await until(
        () => journalOf(project).filter((line) => /^ready/.test(line))[1],
        PATIENT,
      );
      const service = await pastOf(project);
      strictEqual(service?.state, "running");
      strictEqual(service?.restarts, 1);
      deepStrictEqual(shellsIn(project), [service.pid]);
    } else {
      // The supervisor has decided once it has left.
      await until(() => supervisorsOf(project).length === 0, PATIENT);
      const service = await pastOf(project);
      strictEqual(service?.state, "crashed");
      deepStrictEqual(
        { code: service.lastExit?.code, signal: service.lastExit?.signal },
        ENDS[end].lastExit,
      );
      deepStrictEqual([...instancesIn(project.root)], []);
      const text = (await project.run(["status"])).stdout;
      match(text, end === "kill" ? /SIGKILL/ : new RegExp(`\\b${end}\\b`));
    }
  });
}

Deno.test("a first start that fails is not made again", ON_LINUX, async () => {
  await using project = makeProject(0, () =>
    `[services.a]
command = "sleep 1; exit 7"
ready = { log = "never said" }
restart = { when = "always", delay = "20ms" }
`);
  strictEqual((await project.run(["start"])).code, 1);
  await until(() => supervisorsOf(project).length === 0, PATIENT);
  const lines = journalOf(project).map((line) => line.split(" ")[0]);
  deepStrictEqual(lines.filter((word) => word === "start").length, 1);
  ok(!lines.includes("backoff"));
  ok(!lines.includes("crashed"), "who started it has told it");
});

Deno.test(
  "each pause is twice as long, up to the limit, and a start begins anew",
  ON_LINUX,
  async () => {
    await using project = makeProject(0, () =>
      `[services.a]
command = "[ -e good ] || exit 3; while [ -e good ]; do sleep 0.02; done; exit 3"
restart = { when = "on-failure", limit = 3, delay = "50ms" }
`);
    const good = `${project.root}/good`;
    const pauses = () =>
      journalOf(project).filter((line) => /^(backoff|gave-up)/.test(line));
    const row = [
      "backoff a restarts=1 delay=50ms",
      "backoff a restarts=2 delay=100ms",
      "backoff a restarts=3 delay=200ms",
      "gave-up a restarts=3",
    ];
    for (const rows of [1, 2]) {
      await Deno.writeTextFile(good, "");
      const start = await project.run(["start"]);
      strictEqual(start.code, 0, start.stdout);
      await Deno.remove(good);
      await until(
        () => pauses().filter((line) => /^gave-up/.test(line)).length === rows,
        PATIENT,
      );
      await until(() => supervisorsOf(project).length === 0, PATIENT);
      deepStrictEqual(pauses(), Array.from({ length: rows }, () => row).flat());
      const service = await pastOf(project);
      deepStrictEqual(
        [service?.state, service?.gaveUp, service?.restarts],
        ["crashed", true, 3],
      );
      match((await project.run(["status"])).stdout, /gave up|left alone|3/);
    }
    // Nobody starts it again, nor tells of it again, by looking.
    await until(() => supervisorsOf(project).length === 0, PATIENT);
    strictEqual(pauses().length, 8);
    deepStrictEqual([...instancesIn(project.root)], []);
  },
);

/** One that has crashed and is started again only after a long pause. */
async function untilBackoff(project: TestProject): Promise<void> {
  const [pid] = instancesIn(project.root).get("a") ?? [];
  ok(pid);
  Deno.kill(pid, "SIGKILL");
  await until(
    () => journalOf(project).some((line) => /^backoff/.test(line)),
    PATIENT,
  );
}

const LONG_PAUSE = (ports: readonly number[]) =>
  `[services.a]
command = ${cheapServer(ports[0] ?? 0)}
port = ${ports[0]}
restart = { when = "always", delay = "100s" }
`;

Deno.test("stop ends a pause: nothing is started later", ON_LINUX, async () => {
  await using project = await startProject(1, LONG_PAUSE);
  await untilBackoff(project);
  const status = await pastOf(project);
  ok(status?.restartAt, "status tells when it is started again");
  strictEqual((await project.run(["stop"])).code, 0);
  // It leaves since nothing is due: nobody is there to start it later.
  await until(() => supervisorsOf(project).length === 0, PATIENT);
  deepStrictEqual(await processesLeftIn(project.root), []);
  strictEqual(
    journalOf(project).filter((line) => /^start /.test(line)).length,
    1,
  );
});

Deno.test("start during a pause starts at once", ON_LINUX, async () => {
  await using project = await startProject(1, LONG_PAUSE);
  await untilBackoff(project);
  strictEqual((await project.run(["start"])).code, 0);
  const service = await pastOf(project);
  strictEqual(service?.state, "running");
  strictEqual(service.restarts, 0, "it begins anew");
  strictEqual(service.restartAt, null);
  deepStrictEqual(instancesIn(project.root).get("a"), [service.pid]);
});

Deno.test(
  "stop and start while the supervisor is dead leave no pause behind",
  ON_LINUX,
  async () => {
    await using project = await startProject(1, LONG_PAUSE);
    await untilBackoff(project);
    await killSupervisor(project);
    strictEqual((await project.run(["stop"])).code, 0);
    strictEqual((await project.run(["status"])).code, 1);
    await until(() => supervisorsOf(project).length === 0, PATIENT);
    deepStrictEqual(await processesLeftIn(project.root), []);
    strictEqual((await project.run(["start"])).code, 0);
    strictEqual((await pastOf(project))?.restarts, 0);
  },
);

Deno.test(
  "a policy that is changed while it runs is obeyed",
  ON_LINUX,
  async () => {
    await using project = await startProject(1, LONG_PAUSE);
    project.write(LONG_PAUSE(project.ports).replace('"always"', '"never"'));
    const [pid] = instancesIn(project.root).get("a") ?? [];
    ok(pid);
    Deno.kill(pid, "SIGKILL");
    await until(() => crashes(project).length > 0, PATIENT);
    await until(() => supervisorsOf(project).length === 0, PATIENT);
    deepStrictEqual(crashes(project), [`crashed a pid=${pid} signal=SIGKILL`]);
    ok(!journalOf(project).some((line) => /^backoff/.test(line)));
  },
);

Deno.test(
  "what a dead wrapper left behind is swept before the restart",
  ON_LINUX,
  async () => {
    await using project = await startProject(
      1,
      (ports) =>
        LONG_PAUSE(ports).replace('"100s"', '"20ms"')
          // The one that is waited for ends; its child holds the port.
          .replace(/^command = .*$/m, (line) =>
            `command = ["sh", "-c", '"$@" & while [ ! -e end ]; do sleep 0.02; done; rm end', "sh", ${
              line.slice(line.indexOf("[") + 1)
            }`),
    );
    const before = instancesIn(project.root).get("a") ?? [];
    const child = before.find((pid) => environmentOf(pid).size > 0);
    ok(child);
    await Deno.writeTextFile(`${project.root}/end`, "");
    await until(
      () =>
        journalOf(project).filter((line) => /^ready/.test(line)).length === 2,
      PATIENT,
    );
    const after = instancesIn(project.root).get("a") ?? [];
    deepStrictEqual(before.filter(isAlive), []);
    // The loop, its sleep, and the server: once.
    const servers = after.filter((pid) => programOf(pid) === "perl");
    strictEqual(servers.length, 1);
    ok(await answers(project.ports[0] ?? 0));
    strictEqual((await pastOf(project))?.state, "running");
  },
);
