/** The supervisor comes with the first service, goes with the last, and may die. */

import {
  deepStrictEqual,
  notStrictEqual,
  ok,
  strictEqual,
} from "node:assert/strict";
import { killNow, until } from "../kit/test_process.ts";
import { cheapServer, IDLE } from "../kit/cheap.ts";
import {
  journalOf,
  killSupervisor,
  supervisorOf,
  supervisorsOf,
  untilSupervised,
} from "../kit/test_supervisor.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import {
  answers,
  instancesIn,
  isAlive,
  processesLeftIn,
} from "../kit/processes.ts";
import {
  makeProject,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import { statusOf } from "../kit/report.ts";

/** `a` listens, `b` counts aloud. */
const PAIR = (ports: readonly number[]) =>
  `[services.a]
command = ${cheapServer(ports[0] ?? 0)}
port = ${ports[0]}
restart = { when = "always", delay = "20ms" }

[services.b]
command = "n=0; while :; do n=$((n+1)); echo line $n; sleep 0.05; done"
`;

function pidOf(project: TestProject): number {
  const [pid] = instancesIn(project.root).get("a") ?? [];
  ok(pid, "it runs");
  return pid;
}

async function crash(project: TestProject): Promise<void> {
  const before = pidOf(project);
  Deno.kill(before, "SIGKILL");
  // An answer alone may be that of a probe of the supervisor.
  const after = await until(async () =>
    !isAlive(before) && await answers(project.ports[0] ?? 0) &&
    instancesIn(project.root).get("a")
  );
  strictEqual(after.length, 1);
  notStrictEqual(after[0], before);
}

/** Once those are gone that found another supervisor in their place. */
function untilOne(project: TestProject): Promise<number> {
  return until(() => {
    const [pid, ...others] = supervisorsOf(project);
    return others.length === 0 && supervisorOf(project) === pid && pid;
  });
}

Deno.test(
  "start brings a supervisor, the last stop ends it",
  ON_LINUX,
  async () => {
    await using project = await startProject(1, PAIR);
    const supervisor = await untilOne(project);
    strictEqual((await project.run(["stop", "a"])).code, 0);
    strictEqual(await untilOne(project), supervisor, "it stays for the other");
    strictEqual((await project.run(["stop"])).code, 0);
    deepStrictEqual(await processesLeftIn(project.root), []);
    const folder = Deno.readDir(`${project.root}/.devsvc`);
    const files = await Array.fromAsync(folder);
    ok(!files.some(({ name }) => name === "supervisor.json"));
  },
);

Deno.test("ten commands at once bring one supervisor", ON_LINUX, async () => {
  await using project = await startProject(1, PAIR);
  await killSupervisor(project);
  const runs = await Promise.all(
    Array.from(
      { length: 10 },
      (_, index) => project.run([index % 2 === 0 ? "start" : "status"]),
    ),
  );
  for (const { code, stdout, stderr } of runs) {
    strictEqual(code, 0, stdout + stderr);
  }
  const supervisor = await untilOne(project);
  await crash(project);
  strictEqual(await untilOne(project), supervisor);
});

Deno.test(
  "its death harms nothing, and the next command brings another",
  ON_LINUX,
  async () => {
    await using project = await startProject(1, PAIR);
    const before = instancesIn(project.root);
    await killSupervisor(project);
    const log = () => project.read(".devsvc/logs/b.log").split("\n").length;
    const lines = log();
    await until(() => log() > lines + 2);
    deepStrictEqual(supervisorsOf(project), []);
    strictEqual(pidOf(project), before.get("a")?.[0]);

    strictEqual((await project.run(["status"])).code, 0);
    await untilOne(project);
    strictEqual(pidOf(project), before.get("a")?.[0]);
    await crash(project);
  },
);

Deno.test(
  "what crashed while there was none is made good by start, not by looking",
  ON_LINUX,
  async () => {
    await using project = await startProject(
      1,
      (ports) => PAIR(ports).slice(0, PAIR(ports).indexOf("[services.b]")),
    );
    await killSupervisor(project);
    const before = pidOf(project);
    Deno.kill(before, "SIGKILL");
    await until(() => instancesIn(project.root).size === 0);
    for (const looking of [["status"], ["check"], ["start", "--dry-run"]]) {
      await project.run(looking);
      deepStrictEqual(supervisorsOf(project), [], looking.join(" "));
    }
    strictEqual((await project.run(["start"])).code, 0);
    const [a] = await until(async () => {
      const services = await statusOf(project);
      return services[0]?.state === "running" && services;
    });
    strictEqual(a?.pid, pidOf(project));
  },
);

/** The inodes of the sockets that a process has open. */
function socketsOf(pid: number): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
    try {
      const target = Deno.readLinkSync(`/proc/${pid}/fd/${name}`);
      const [, inode] = /^socket:\[(\d+)\]$/.exec(target) ?? [];
      if (inode !== undefined) found.add(inode);
    } catch {
      // Closed meanwhile.
    }
  }
  return found;
}

Deno.test("it listens nowhere", ON_LINUX, async () => {
  await using project = await startProject(1, PAIR);
  const supervisor = await untilOne(project);
  const sockets = socketsOf(supervisor);
  for (const table of ["tcp", "tcp6", "udp", "udp6", "raw"]) {
    const text = await Deno.readTextFile(`/proc/${supervisor}/net/${table}`);
    const own = text.trim().split("\n").slice(1)
      .filter((row) => sockets.has(row.trim().split(/\s+/)[9] ?? ""));
    deepStrictEqual(own, [], table);
  }
});

Deno.test(
  "it leaves when .devsvc is taken away, and a new start works",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, PAIR);
    strictEqual((await project.run(["start"])).code, 0);
    const supervisor = await untilOne(project);
    const unknown = instancesIn(project.root).get("b") ?? [];
    // At once: what the supervisor writes meanwhile is in the way of `remove`.
    await Deno.rename(`${project.root}/.devsvc`, `${project.root}/away`);
    await until(() => !isAlive(supervisor));
    const started = await project.run(["start", "--force"]);
    strictEqual(started.code, 0, started.stdout + started.stderr);
    notStrictEqual(await untilOne(project), supervisor);
    strictEqual(instancesIn(project.root).get("a")?.length, 1);
    await crash(project);
    // Without a run record and a port nobody knows the earlier `b` any more.
    unknown.forEach(killNow);
  },
);

Deno.test(
  "a services.toml that is wrong for a while changes nothing",
  ON_LINUX,
  async () => {
    await using project = await startProject(1, PAIR);
    const supervisor = await untilOne(project);
    project.write("[services.a\n");
    await crash(project);
    strictEqual(supervisorOf(project), supervisor);
    project.write(PAIR(project.ports));
    await crash(project);
    strictEqual(supervisorOf(project), supervisor);
    strictEqual((await project.run(["status"])).code, 0);
  },
);

Deno.test(
  "it does not stay for what services.toml no longer names",
  ON_LINUX,
  async () => {
    await using project = await startProject(1, PAIR);
    const supervisor = await untilOne(project);
    const alone = PAIR(project.ports).split("[services.b]");
    project.write(`[services.b]${alone[1]}`);
    // Without a name it would stop both.
    strictEqual((await project.run(["stop", "b"])).code, 0);
    await until(() => !isAlive(supervisor));
    project.write(PAIR(project.ports));
    strictEqual((await project.run(["status", "a"])).code, 0);
    await untilOne(project);
  },
);

Deno.test("one of another version makes room", ON_LINUX, async () => {
  await using project = await startProject(1, PAIR);
  const supervisor = await untilOne(project);
  const file = `${project.root}/.devsvc/supervisor.json`;
  const note = JSON.parse(await Deno.readTextFile(file));
  await Deno.writeTextFile(file, JSON.stringify({ ...note, program: "0.0.0" }));
  const before = pidOf(project);
  strictEqual((await project.run(["status"])).code, 0);
  await until(() => !isAlive(supervisor));
  notStrictEqual(await untilOne(project), supervisor);
  strictEqual(pidOf(project), before);
  await crash(project);
});

Deno.test("SIGTERM ends it, not the services", ON_LINUX, async () => {
  await using project = await startProject(1, PAIR);
  const before = pidOf(project);
  const supervisor = await untilSupervised(project);
  Deno.kill(supervisor, "SIGTERM");
  await until(() => !isAlive(supervisor));
  strictEqual(pidOf(project), before);
  ok(await answers(project.ports[0] ?? 0));
  deepStrictEqual(
    journalOf(project).filter((line) => /^(crashed|failed)/.test(line)),
    [],
  );
});

Deno.test("a note that is no note stops nothing", ON_LINUX, async () => {
  await using project = await startProject(1, PAIR);
  await killSupervisor(project);
  const file = `${project.root}/.devsvc/supervisor.json`;
  for (const text of ["", "[]", '{"version":1}', '{"version":9,"pid":1}']) {
    await Deno.writeTextFile(file, text);
    strictEqual((await project.run(["status"])).code, 0, text);
    await killSupervisor(project);
  }
  await Deno.writeTextFile(file, "{");
  strictEqual((await project.run(["start"])).code, 0);
  await crash(project);
});

Deno.test(
  "a project that only sleeps has its supervisor, too",
  ON_LINUX,
  async () => {
    await using project = await startProject(0, () =>
      `[services.a]
command = ${IDLE}
`);
    await untilOne(project);
    strictEqual((await project.run(["stop"])).code, 0);
    deepStrictEqual(await processesLeftIn(project.root), []);
  },
);
