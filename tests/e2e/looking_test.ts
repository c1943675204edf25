/**
 * Looking at a hostile repository: whatever its services.toml and its `.devsvc`
 * say, no command that only looks starts a process, sends a request or writes.
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { COMMAND_NAMES, type CommandName } from "../../lib/cli/command_list.ts";
import { configHash } from "../../lib/config/config_hash.ts";
import { loadProject } from "../../lib/config/load.ts";
import { systemFileSystem } from "../../lib/platform/file_system.ts";
import { stateDirOf } from "../../lib/runtime/state/state_dir.ts";
import { makeHost, makeMachine } from "../kit/builders.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { reservePorts } from "../kit/ports.ts";
import { allProcessesIn, processesIn, wrappersIn } from "../kit/processes.ts";
import { runDevsvc } from "../kit/run_devsvc.ts";
import { startProject, type TestProject } from "../kit/test_project.ts";
import { killNow, makeFolder, until } from "../kit/test_process.ts";
import { killSupervisor, untilSupervised } from "../kit/test_supervisor.ts";

/** The commands that may run what services.toml says; `stop` has its own test. */
const ACTING: ReadonlySet<CommandName> = new Set<CommandName>([
  "start",
  "restart",
  "up",
  "stop",
]);

/** The words that a command needs. */
const WORDS: Readonly<Partial<Record<CommandName, readonly string[]>>> = {
  why: ["a"],
  completions: ["bash"],
  init: ["--dry-run"],
};

/** Every command is in it by itself; one that acts is, by its dry run. */
async function lookingCalls(): Promise<readonly (readonly string[])[]> {
  const calls = await Promise.all(COMMAND_NAMES.map(async (name) => {
    const call = [name, ...WORDS[name] ?? []];
    if (!ACTING.has(name)) return [call];
    const { stdout } = await runDevsvc([name, "--help"], { cwd: "." });
    return stdout.includes("--dry-run")
      ? [
        [name, "--dry-run"],
        [name, "--dry-run", "--force", "--json"],
        [name, "--dry-run", "--on-conflict=keep"],
      ]
      : [];
  }));
  return [
    ...calls.flat(),
    ["status", "--json"],
    ["check", "--json"],
    ...["worker", "foreign", "untracked"].map((name) => ["why", name]),
    ["why", "untracked", "--json"],
    ["__complete", "=", "start"],
    ["__complete", "=", "why"],
  ];
}

/** Each command of the file leaves its name in the folder where it is run. */
const RAN = "ran";

function hostile([foreign = 0, untracked = 0]: readonly number[]): string {
  const says = (what: string) => `echo ${what} >>${RAN}`;
  const beside = (name: string) => `
stop = { command = "${says(`${name}-stop`)}" }
restart = { when = "always", delay = "20ms" }
live = { every = "1s", failures = 1, restart = true }`;
  const http = `{ path = "/shutdown?confirm=1", headers = ` +
    `{ Host = "internal.example", Authorization = "Basic YWRtaW46YWRtaW4=" } }`;
  return `[services.a]
command = "${says("a")}; exec sleep 1000"
ready = { command = "${says("a-ready")}" }
${beside("a")}

[services.worker]
command = "${says("worker")}; exec sleep 1000"
${beside("worker")}

[services.foreign]
command = "${says("foreign")}; exec sleep 1000"
port = ${foreign}
ready = { http = ${http}, command = "${says("foreign-ready")}" }
${beside("foreign")}

[services.untracked]
command = "${says("untracked")}; exec sleep 1000"
port = ${untracked}
ready = { http = ${http}, command = "${says("untracked-ready")}" }
${beside("untracked")}
`;
}

/** Programs that hold the ports and count who connects. */
interface Holders extends AsyncDisposable {
  readonly connections: () => number;
  /** The process that runs in the folder of the project. */
  readonly pid: number;
}

async function holdPorts(
  root: string,
  [foreign = 0, untracked = 0]: readonly number[],
): Promise<Holders> {
  let connections = 0;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: foreign });
  const accepting = (async () => {
    for await (const connection of listener) {
      connections++;
      connection.close();
    }
  })();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-config",
      `const l = Deno.listen({ hostname: "127.0.0.1", port: ${untracked} });
       console.log("+");
       for await (const c of l) { c.close(); console.log("+"); }`,
    ],
    cwd: root,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let lines = 0;
  const reading = (async () => {
    for await (const bytes of child.stdout) {
      lines += bytes.filter((byte) => byte === 0x0a).length;
    }
  })();
  await until(() => lines > 0);
  return {
    pid: child.pid,
    connections: () => connections + lines - 1,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.status;
      await reading;
      listener.close();
      await accepting;
    },
  };
}

/** Everything in a folder: kinds, contents and times of change. */
async function listing(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (path: string) => {
    const { mtime, size, mode, isDirectory } = await Deno.lstat(path);
    const text = isDirectory ? "" : await Deno.readTextFile(path);
    found.push(JSON.stringify([path, Number(mtime), size, mode, text]));
    if (!isDirectory) return;
    for await (const { name } of Deno.readDir(path)) {
      await walk(`${path}/${name}`);
    }
  };
  await walk(folder);
  return found.toSorted();
}

/** A genuine `.devsvc`, of services that crashed while nobody supervised them. */
async function makeCrashed(project: TestProject): Promise<void> {
  await untilSupervised(project);
  await killSupervisor(project);
  processesIn(project.root).forEach(killNow);
  await until(() =>
    processesIn(project.root).length === 0 &&
    wrappersIn(project.root).length === 0
  );
}

async function changeJson(
  file: string,
  change: (value: Record<string, unknown>) => Record<string, unknown>,
): Promise<void> {
  const value = JSON.parse(await Deno.readTextFile(file));
  await Deno.writeTextFile(file, JSON.stringify(change(value)));
}

/** Gives the run records of a copy the digests of the services there. */
async function fitTo(root: string): Promise<ReadonlyMap<string, string>> {
  const { services } = await loadProject(`${root}/services.toml`);
  const { sha256 } = makeHost(makeMachine().platform);
  const hashes = new Map<string, string>();
  for (const service of services.slice(0, 2)) {
    const hash = await configHash(service, sha256);
    hashes.set(service.name, hash);
    await changeJson(
      `${root}/.devsvc/runs/${service.name}.json`,
      (record) => ({ ...record, configHash: hash }),
    );
  }
  return hashes;
}

/** Gives the exits of all runs a time. */
async function touchExits(root: string, time: Date): Promise<void> {
  const runs = `${root}/.devsvc/runs`;
  for (const { name } of await Array.fromAsync(Deno.readDir(runs))) {
    if (name.endsWith(".exit")) await Deno.utime(`${runs}/${name}`, time, time);
  }
}

/** What is done to the copy of a genuine `.devsvc`. */
const BENDS: Readonly<
  Record<string, (root: string) => void | Promise<void>>
> = {
  "as it was": () => {},
  "none": (root) => Deno.remove(`${root}/.devsvc`, { recursive: true }),
  "with restarts that a supervisor did not finish": async (root) => {
    const hashes = await fitTo(root);
    const dir = stateDirOf(root, systemFileSystem);
    await changeJson(dir.statusFile, (status) => ({
      ...status,
      pendingRestarts: Object.fromEntries(
        [...hashes].map((
          [name, configHash],
        ) => [name, { run: "r1", restarts: 1, configHash }]),
      ),
    }));
    for (const name of hashes.keys()) {
      await Deno.remove(`${dir.runs}/${name}.json`);
    }
  },
  "with runs of the year 2999": async (root) => {
    await fitTo(root);
    const runs = `${root}/.devsvc/runs`;
    for (const name of ["a", "worker"]) {
      await changeJson(`${runs}/${name}.json`, (record) => ({
        ...record,
        startedAt: "2999-01-01T00:00:00.000Z",
        readyAt: "2999-01-01T00:00:01.000Z",
      }));
    }
    for (const { name } of await Array.fromAsync(Deno.readDir(runs))) {
      if (!name.endsWith(".json")) await Deno.remove(`${runs}/${name}`);
    }
  },
  "with exits that are yet to come": async (root) => {
    await fitTo(root);
    await touchExits(root, new Date("2037-01-01"));
  },
  "with exits of just now": async (root) => {
    await fitTo(root);
    await touchExits(root, new Date());
  },
};

Deno.test(
  "no command that looks runs, asks or writes anything in a hostile repository",
  ON_LINUX,
  async (test) => {
    using held = reservePorts(2);
    const calls = await lookingCalls();
    ok(calls.length > COMMAND_NAMES.length);
    await using origin = await startGenuine(held.numbers);
    for (const [how, bend] of Object.entries(BENDS)) {
      await test.step(`.devsvc ${how}`, async () => {
        await using folder = await makeFolder();
        const root = `${folder.path}/clone`;
        await copy(origin.root, root);
        await Deno.writeTextFile(
          `${root}/services.toml`,
          hostile(held.numbers),
        );
        await bend(root);
        await using holders = await holdPorts(root, held.numbers);
        const before = await listing(folder.path);
        for (const call of calls) {
          const what = call.join(" ");
          const { stderr } = await runDevsvc(call, { cwd: root });
          strictEqual(holders.connections(), 0, `${what}: a request`);
          const others = allProcessesIn(root)
            .filter((pid) => pid !== holders.pid);
          others.forEach(killNow);
          deepStrictEqual(others, [], `${what}: a process`);
          deepStrictEqual(await listing(folder.path), before, what);
          ok(!/Unexpected|TypeError/.test(stderr), `${what}: ${stderr}`);
        }
        // It may write, and ends what holds the port: no command, no request.
        await runDevsvc(["stop", "a", "worker", "foreign"], { cwd: root });
        deepStrictEqual(
          allProcessesIn(root).filter((pid) => pid !== holders.pid),
          [],
          "stop: a process",
        );
        strictEqual(holders.connections(), 0, "stop: a request");
        const marks = await listing(folder.path);
        strictEqual(
          marks.find((line) => line.includes(`/${RAN}"`)),
          undefined,
          "stop: a command",
        );
      });
    }
  },
);

async function startGenuine(
  ports: readonly number[],
): Promise<TestProject> {
  const project = await startProject(0, () => hostileFirst(ports));
  await makeCrashed(project);
  await Deno.remove(`${project.root}/${RAN}`);
  return project;
}

/** Only the services without a port run in the folder of the origin. */
function hostileFirst(ports: readonly number[]): string {
  const text = hostile(ports);
  return text.slice(0, text.indexOf("[services.foreign]"));
}

/** As `git clone`, `unzip` or a stick bring it. */
async function copy(from: string, to: string): Promise<void> {
  const { success } = await new Deno.Command("cp", { args: ["-a", from, to] })
    .output();
  ok(success);
}
