/**
 * A `.devsvc` that devsvc made in another folder, copied and bent: nothing of it
 * is believed, nothing outside of it is read or written through it.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { instancesIn } from "../kit/processes.ts";
import { reportOf } from "../kit/report.ts";
import { isRoot } from "../kit/run_devsvc.ts";
import { NOBODY } from "../kit/sandbox.ts";
import {
  ensureStateDir,
  stateDirOf,
} from "../../lib/runtime/state/state_dir.ts";
import {
  makeProject,
  plainServers,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";

const WORKER = `[services.a]
label = "Service A"
command = "echo out; exec sleep 600"
ready = { log = "out" }
`;

const worker = () => WORKER;

/** Every command that only looks. */
const LOOKS: readonly (readonly string[])[] = [
  ["check"],
  ["status"],
  ["why", "a"],
  ["logs"],
  ["start", "--dry-run"],
  ["stop", "--dry-run"],
];

async function run(program: string, ...args: readonly string[]): Promise<void> {
  const { code } = await new Deno.Command(program, { args: [...args] })
    .output();
  strictEqual(code, 0, program);
}

/** All that lies in a folder: names, kinds and contents. */
async function contentsOf(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    const { ino, mode } = await Deno.lstat(path);
    const inside = isDirectory
      ? await contentsOf(path)
      : isFile
      ? [await Deno.readTextFile(path)]
      : [];
    found.push(JSON.stringify([name, ino, mode, inside]));
  }
  return found.toSorted();
}

/** A project with the genuine state of another one, whose service runs. */
async function withCopiedState(): Promise<
  AsyncDisposable & { readonly from: TestProject; readonly to: TestProject }
> {
  const from = await startProject(0, worker);
  const to = makeProject(0, worker);
  await run("cp", "-a", `${from.root}/.devsvc`, `${to.root}/.devsvc`);
  return {
    from,
    to,
    [Symbol.asyncDispose]: async () => {
      await to[Symbol.asyncDispose]();
      await from[Symbol.asyncDispose]();
    },
  };
}

Deno.test(
  "a copied .devsvc is ignored, told in one line, and made anew by start",
  ON_LINUX,
  async () => {
    await using projects = await withCopiedState();
    const { from, to } = projects;
    await Deno.chmod(`${to.root}/.devsvc`, 0o755);
    const before = await contentsOf(`${to.root}/.devsvc`);
    const alive = instancesIn(from.root);
    for (const args of [...LOOKS, ["stop"]]) {
      const said = await to.run(args);
      match(
        said.stderr,
        /^\S+\/\.devsvc was not made by devsvc here, .*: ignored .*\n/,
        args.join(" "),
      );
      strictEqual(said.stderr.match(/not made by devsvc here/g)?.length, 1);
      deepStrictEqual(await contentsOf(`${to.root}/.devsvc`), before);
    }
    const french = await to.run(["status", "--lang", "fr"]);
    match(french.stderr, /n'a pas été créé ici par devsvc/);
    const { services } = reportOf(await to.run(["status", "--json"]));
    strictEqual(services[0]?.state, "stopped");

    const start = await to.run(["start"], { scoped: true });
    strictEqual(start.code, 0, start.stdout + start.stderr);
    const { mode } = await Deno.stat(`${to.root}/.devsvc`);
    strictEqual((mode ?? 0) & 0o777, 0o700);
    match(
      start.stderr,
      /^\S+\.devsvc was not made .*: made anew, what was in it lies in \S+\/\.devsvc\/ignored\/[0-9a-f]{8}\n$/,
    );
    strictEqual((await to.run(["status"])).stderr, "");
    const stop = await to.run(["stop"]);
    match(stop.stdout, /1 service stopped/);
    deepStrictEqual(instancesIn(from.root), alive);
  },
);

Deno.test(
  "a run record and a status file that came with a pull are ignored",
  ON_LINUX,
  async () => {
    await using from = await startProject(0, worker);
    await using to = makeProject(0, worker);
    ensureStateDir(stateDirOf(to.root));
    const files = ["runs/a.json", "supervisor.json"];
    const record = from.read(".devsvc/runs/a.json");
    const { run: id, key } = JSON.parse(record);
    const status = { version: 1, pid: 1, start: "", program: "9", key };
    const pendingRestarts = { a: { run: id, restarts: 0 } };
    await Deno.writeTextFile(`${to.root}/.devsvc/${files[0]}`, record);
    await Deno.writeTextFile(
      `${to.root}/.devsvc/${files[1]}`,
      JSON.stringify({ ...status, services: {}, pendingRestarts }),
    );
    const looked = await to.run(["status"]);
    match(
      looked.stderr,
      /^The run record of Service A was not written by devsvc here, .*: ignored$/m,
    );
    match(
      looked.stderr,
      /^\S+supervisor\.json was not written by devsvc here/m,
    );
    match(looked.stdout, /stopped/);
    const stop = await to.run(["stop"]);
    match(stop.stdout, /Nothing was running/);
    strictEqual(instancesIn(from.root).size, 1);
    strictEqual(instancesIn(to.root).size, 0);
    strictEqual((await to.run(["start"])).code, 0);
  },
);

/** What stands in the place of a file or folder, told and never followed. */
const BENT: readonly {
  readonly place: string;
  readonly kind: "link" | "pipe" | "folder";
  /** What `status` says of the service. */
  readonly state: "stopped" | "unknown";
  /** The exit code of `start`. */
  readonly start: number;
}[] = [
  { place: "runs/a.json", kind: "link", state: "unknown", start: 3 },
  { place: "runs/a.json", kind: "pipe", state: "unknown", start: 3 },
  { place: "runs/a.json", kind: "folder", state: "unknown", start: 3 },
  { place: "runs", kind: "link", state: "unknown", start: 2 },
  { place: "logs", kind: "link", state: "stopped", start: 2 },
  { place: "logs/a.log", kind: "link", state: "stopped", start: 2 },
  { place: "logs/a.log", kind: "pipe", state: "stopped", start: 2 },
  { place: "lock", kind: "link", state: "stopped", start: 2 },
  { place: "lock", kind: "pipe", state: "stopped", start: 2 },
  { place: ".gitignore", kind: "link", state: "stopped", start: 2 },
  { place: "lock.json", kind: "link", state: "stopped", start: 0 },
  { place: "devsvc.log", kind: "link", state: "stopped", start: 0 },
  { place: "devsvc.log", kind: "pipe", state: "stopped", start: 0 },
  { place: "supervisor.json", kind: "link", state: "stopped", start: 0 },
  { place: "supervisor.json", kind: "pipe", state: "stopped", start: 0 },
  { place: "logs/a.log.json", kind: "link", state: "stopped", start: 0 },
  { place: "logs/a.times", kind: "pipe", state: "stopped", start: 0 },
];

Deno.test(
  "what is bent in a genuine .devsvc is not followed by any command",
  ON_LINUX,
  async (t) => {
    for (const { place, kind, state, start } of BENT) {
      await t.step(`${place} is a ${kind}`, async () => {
        await using project = makeProject(0, worker);
        ensureStateDir(stateDirOf(project.root));
        const home = await Deno.makeTempDir({ prefix: "devsvc-home-" });
        const isFolder = place === "runs" || place === "logs";
        await Deno.mkdir(`${home}/folder`);
        for (const name of ["file", "folder/a.json", "folder/a.log"]) {
          await Deno.writeTextFile(`${home}/${name}`, "precious\n");
        }
        const before = await contentsOf(home);
        const path = `${project.root}/.devsvc/${place}`;
        await Deno.remove(path, { recursive: true }).catch(() => {});
        if (kind === "pipe") await run("mkfifo", path);
        else if (kind === "folder") await Deno.mkdir(path);
        else {
          await Deno.symlink(`${home}/${isFolder ? "folder" : "file"}`, path);
        }
        const looks = LOOKS.map((args) => project.run(args));
        for (const { code, stdout, stderr } of await Promise.all(looks)) {
          ok(code <= 4, stdout + stderr);
        }
        const status = reportOf(await project.run(["status", "--json"]));
        strictEqual(status.services[0]?.state, state);
        const stopped = await project.run(["stop"]);
        strictEqual(stopped.code, state === "unknown" ? 3 : 0, stopped.stdout);
        deepStrictEqual(await contentsOf(home), before);
        const started = await project.run(["start"]);
        strictEqual(started.code, start, started.stdout + started.stderr);
        deepStrictEqual(await contentsOf(home), before);
        if (start !== 0) strictEqual(instancesIn(project.root).size, 0);
        if (start === 2) {
          match(started.stderr, /\.devsvc\/\S+ (?:is a link|is no plain file)/);
          match(started.stderr, /nothing was started or stopped/);
        }
        await project.run(["stop"]);
        deepStrictEqual(await contentsOf(home), before);
        await Deno.remove(path, { recursive: true }).catch(() => {});
        await Deno.remove(home, { recursive: true });
      });
    }
  },
);

Deno.test(
  "a .devsvc that is a link is ignored by looks and replaced by start",
  ON_LINUX,
  async () => {
    await using from = await startProject(0, worker);
    await using to = makeProject(0, worker);
    await Deno.symlink(`${from.root}/.devsvc`, `${to.root}/.devsvc`);
    const record = from.read(".devsvc/runs/a.json");
    for (const args of [...LOOKS, ["stop"]]) {
      const { stderr } = await to.run(args);
      match(stderr, /^\S+\.devsvc is a link: ignored, remove it\n/);
    }
    strictEqual(from.read(".devsvc/runs/a.json"), record);
    const start = await to.run(["start"], { scoped: true });
    strictEqual(start.code, 0, start.stderr);
    match(start.stderr, /\.devsvc was a link: the link is removed/);
    ok((await Deno.lstat(`${to.root}/.devsvc`)).isDirectory);
    strictEqual(from.read(".devsvc/runs/a.json"), record);
    strictEqual(instancesIn(from.root).size, 1);
  },
);

Deno.test(
  "a .devsvc of another user: what runs shows itself, else it is unknown, and start refuses",
  { ignore: ON_LINUX.ignore || !isRoot() },
  async () => {
    await using project = await startProject(0, worker);
    const state = `${project.root}/.devsvc`;
    await Deno.chown(state, NOBODY, NOBODY);
    const told = /^\S+\.devsvc belongs to another user, so nobody can/;
    const status = await project.run(["status"]);
    strictEqual(status.code, 0, status.stdout + status.stderr);
    match(status.stderr, told);
    const start = await project.run(["start"]);
    strictEqual(start.code, 2);
    match(
      start.stderr,
      /belongs to another user: stop its services as that user, then remove it/,
    );
    strictEqual(instancesIn(project.root).size, 1);
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    strictEqual(instancesIn(project.root).size, 0);
    // Another user may have started it, too.
    for (const args of [["status"], ["check"], ["why", "a"], ["logs"]]) {
      const { code, stdout, stderr } = await project.run(args);
      strictEqual(code, 4, args.join(" ") + stdout + stderr);
      ok(!/Nothing|nothing was started here/.test(stdout + stderr), stdout);
    }
    await Deno.chown(state, Deno.uid() ?? 0, Deno.gid() ?? 0);
  },
);

Deno.test(
  "a service keeps its own umask, and its log is its owner's only",
  ON_LINUX,
  async () => {
    await using project = await startProject(0, () =>
      `[services.a]
command = "umask >umask.txt; echo out; exec sleep 600"
ready = { log = "out" }
`);
    const { mode } = await Deno.stat(`${project.root}/.devsvc/logs/a.log`);
    strictEqual((mode ?? 0) & 0o777, 0o600);
    const own = (Deno.umask()).toString(8).padStart(4, "0");
    strictEqual(project.read("umask.txt").trim(), own);
  },
);

Deno.test(
  "servers with a port of a copied .devsvc are left alone",
  ON_LINUX,
  async () => {
    await using from = await startProject(1, plainServers);
    await using to = makeProject(1, plainServers);
    await run("cp", "-a", `${from.root}/.devsvc`, `${to.root}/.devsvc`);
    const alive = instancesIn(from.root);
    const stop = await to.run(["stop", "--force"]);
    match(stop.stdout, /Nothing was running/);
    deepStrictEqual(instancesIn(from.root), alive);
  },
);
