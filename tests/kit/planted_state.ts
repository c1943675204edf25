/**
 * Folders `.devsvc` that nobody's devsvc made: what a cloned repository, another
 * user or a hostile service can put there, in random combinations.
 */

import { silentTerminal } from "./silent_terminal.ts";
import fc from "fast-check";
import { runParsed } from "../../lib/cli/app.ts";
import type { CliContext } from "../../lib/cli/cli_context.ts";
import type { ProcessEntry, RunRecord } from "../../lib/core/model.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import {
  type FileSystem,
  systemFileSystem,
} from "../../lib/platform/file_system.ts";
import type { Host } from "../../lib/platform/host.ts";
import type { Platform } from "../../lib/platform/platform.ts";
import { en } from "../../lib/report/messages/en.ts";
import {
  ensureStateDir,
  stateDirOf,
} from "../../lib/runtime/state/state_dir.ts";
import { writeRunRecord } from "../../lib/runtime/state/run_record.ts";
import { StatusWriter } from "../../lib/runtime/state/status_file.ts";
import { digest } from "./fake_clock.ts";
import { isRoot } from "./run_devsvc.ts";

/** What stands in one place of `.devsvc`. */
export type Planted =
  /** Nothing. */
  | "nothing"
  /** What devsvc writes there, made in another folder and copied. */
  | "genuine"
  /** The same, with one thing bent. */
  | "bent"
  /** A link to a file of the user. */
  | "link-to-file"
  /** A link to a folder of the user. */
  | "link-to-folder"
  /** A link to a file that is not there yet, in a folder of the user. */
  | "dangling-link"
  /** A second name of a file of the user. */
  | "hard-link"
  /** A folder with a file in it. */
  | "folder"
  /** A pipe: who opens it waits for ever. */
  | "fifo"
  /** Random bytes. */
  | "bytes"
  /** An empty file. */
  | "empty"
  /** A file of a size that devsvc never writes. */
  | "giant";

/** What looks right is as frequent as all that looks wrong. */
const KINDS: readonly Planted[] = [
  "nothing",
  "genuine",
  "genuine",
  "genuine",
  "genuine",
  "genuine",
  "bent",
  "link-to-file",
  "link-to-folder",
  "dangling-link",
  "hard-link",
  "folder",
  "fifo",
  "bytes",
  "empty",
  "giant",
];

/** How a genuine file is bent. */
export type Bend =
  | "version"
  | "future"
  | "past"
  | "run"
  | "service"
  | "key"
  | "cut"
  | "restarts";

const BENDS: readonly Bend[] = [
  "version",
  "future",
  "past",
  "run",
  "service",
  "key",
  "cut",
  "restarts",
];

/** A place and what stands in it. */
export interface PlantedFile {
  /** Its path below `.devsvc`. */
  readonly path: string;
  /** What stands there. */
  readonly kind: Planted;
  /** How it is bent, where it is. */
  readonly bend: Bend;
  /** The bytes, where they are random. */
  readonly bytes: Uint8Array;
  /** It belongs to another user; only root can plant that. */
  readonly isForeign: boolean;
  /** Its mode. */
  readonly mode: number;
}

/** A `.devsvc`. */
export interface PlantedState {
  /**
   * The folder itself: made by this devsvc before the rest was planted in it, a
   * plain folder, a link, or a file.
   */
  readonly folder: "made-here" | "plain" | "link" | "file";
  /** The folder belongs to another user; only root can plant that. */
  readonly isForeign: boolean;
  /** The folders of it that are links to folders of the user. */
  readonly linked: readonly string[];
  /** What is in it. */
  readonly files: readonly PlantedFile[];
}

/** The places that devsvc reads and writes. */
export const PLACES: readonly string[] = [
  "origin.json",
  ".gitignore",
  "lock",
  "lock.json",
  "supervisor.json",
  "supervisor.lock",
  "devsvc.log",
  "devsvc.log.1",
  "work/worker.log.lock",
  "runs/web.json",
  "runs/worker.json",
  "runs/gone.json",
  "runs/worker.json.RUN.exit",
  "runs/worker.json.RUN.stop-requested",
  "runs/worker.json.RUN.reported",
  "logs/web.log",
  "logs/worker.log",
  "logs/worker.log.json",
  "logs/worker.log.part",
  "logs/worker.log.100",
  "logs/worker.times",
  "other.json",
  "other/worker.json",
];

const anyFile = (path: string): fc.Arbitrary<PlantedFile> =>
  fc.record({
    path: fc.constant(path),
    kind: fc.constantFrom(...KINDS),
    bend: fc.constantFrom(...BENDS),
    bytes: fc.uint8Array({ maxLength: 64 }),
    isForeign: fc.oneof(
      { weight: 9, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
    mode: fc.constantFrom(0o600, 0o600, 0o644, 0o666, 0o400, 0o000),
  });

/** Any `.devsvc`. */
export const anyPlantedState: fc.Arbitrary<PlantedState> = fc.record({
  folder: fc.constantFrom(
    "made-here",
    "made-here",
    "plain",
    "plain",
    "link",
    "file",
  ),
  isForeign: fc.constantFrom(false, false, false, false, true),
  linked: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.subarray(["runs", "logs", "work", "ignored"]) },
  ),
  files: fc.tuple(...PLACES.map(anyFile)),
});

/** A check of devsvc that is taken out, to see that it is needed. */
export type MissingCheck = "links" | "origin";

/** What planted states are put together from, and what they must not reach. */
export interface PlantingGround extends AsyncDisposable {
  /** A folder for projects, absolute. */
  readonly base: string;
  /** The folder of the user's own files, absolute. */
  readonly home: string;
  /** A pipe, which is given a second name where one is planted. */
  readonly fifo: string;
  /** A `.devsvc` that devsvc made in another folder: its files by their paths. */
  readonly genuine: ReadonlyMap<string, string>;
  /** The file operations that devsvc is handed. */
  readonly fs: FileSystem;
  /** How many states were planted. */
  count: number;
}

/** A process of the user that no devsvc has started. */
const BYSTANDER: ProcessEntry = {
  pid: 4242,
  ppid: 1,
  group: 4242,
  session: 4242,
  start: "77@boot",
  startedAt: Date.parse("2026-01-01T00:00:00Z"),
  name: "editor",
  zombie: false,
  order: 77,
  cpuSeconds: 0,
  memoryBytes: 0,
};

const SELF: ProcessEntry = { ...BYSTANDER, pid: 900, start: "88@boot" };

const RUN = "6f0e54a0-1a2b-4c3d-8e4f-0123456789ab";

const SERVICES = `[services.web]
command = "true"
port = 65001
ready = { http = { path = "/shutdown" } }
stop = { command = "false" }

[services.worker]
command = "true"
restart = "always"
`;

/** Makes the ground for planted states. */
export async function makePlantingGround(
  missing?: MissingCheck,
): Promise<PlantingGround> {
  const base = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "devsvc-" }),
  );
  const home = `${base}/home`;
  await Deno.mkdir(`${home}/folder`, { recursive: true });
  await Deno.writeTextFile(`${home}/file`, "precious\n");
  await Deno.writeTextFile(`${home}/folder/web.json`, "{}\n");
  await Deno.writeTextFile(`${home}/folder/worker.log`, "precious\n");
  const fifo = `${base}/fifo`;
  const { success } = await new Deno.Command("mkfifo", { args: [fifo] })
    .output();
  if (!success) throw new Error("Cannot make a FIFO");
  const fs = fileSystemWithout(missing);
  return {
    base,
    home,
    fifo,
    genuine: readGenuine(`${base}/other`, fs),
    fs,
    count: 0,
    [Symbol.asyncDispose]: () => Deno.remove(base, { recursive: true }),
  };
}

/** File operations by which devsvc cannot see what one of its checks looks at. */
function fileSystemWithout(missing: MissingCheck | undefined): FileSystem {
  const { lstatSync, statSync } = systemFileSystem;
  switch (missing) {
    case undefined:
      return systemFileSystem;
    case "links":
      return {
        ...systemFileSystem,
        lstatSync: (path) => ({ ...statSync(path), nlink: 1 }),
      };
    case "origin":
      return {
        ...systemFileSystem,
        lstatSync: (path) => {
          const info = lstatSync(path);
          return info.isDirectory
            ? { ...info, ino: 1, birthtime: new Date(0) }
            : info;
        },
      };
  }
}

/** Has devsvc make a `.devsvc`, with records that name the bystander. */
function readGenuine(
  root: string,
  fs: FileSystem,
): ReadonlyMap<string, string> {
  Deno.mkdirSync(root);
  const dir = stateDirOf(root, fs);
  ensureStateDir(dir);
  const record: RunRecord = {
    version: 1,
    service: "worker",
    run: RUN,
    pid: BYSTANDER.pid,
    start: BYSTANDER.start,
    command: "true",
    configHash: "x",
    startedAt: new Date(BYSTANDER.startedAt).toISOString(),
    readyAt: new Date(BYSTANDER.startedAt).toISOString(),
    logOffset: 0,
    main: BYSTANDER.pid,
  };
  for (const service of ["worker", "web", "gone"]) {
    writeRunRecord(dir, { ...record, service });
  }
  const status = new StatusWriter(dir, BYSTANDER);
  status.setPendingRestart("worker", {
    run: RUN,
    restarts: 1,
    configHash: "x",
  });
  status.write(new Map());
  const texts = new Map([
    [`runs/worker.json.${RUN}.exit`, "1\n"],
    ["logs/worker.log", "line\n"],
    ["logs/web.log", "line\n"],
    ["devsvc.log", "2026-01-01T00:00:00.000Z start worker by=1\n"],
    ["other.json", '{"again":{"worker":{"run":"r","restarts":1}}}'],
  ]);
  for (const path of PLACES) {
    try {
      texts.set(path, Deno.readTextFileSync(`${dir.path}/${path}`));
    } catch {
      // devsvc writes it at another time.
    }
  }
  return texts;
}

/** Every command, those that only look first. */
const COMMANDS = [
  "check",
  "status --json",
  "why worker",
  "logs",
  "start --dry-run",
  "stop --dry-run",
  "stop",
  "start",
  "restart --on-conflict=restart",
  "stop --force",
];

/**
 * Plants a state in a new project and runs every command in it.
 *
 * @returns What devsvc did that it must not; nothing where all is well.
 */
export async function runOnPlanted(
  state: PlantedState,
  ground: PlantingGround,
): Promise<readonly string[]> {
  const root = `${ground.base}/project${ground.count++}`;
  await Deno.mkdir(root);
  await Deno.writeTextFile(`${root}/services.toml`, SERVICES);
  if (state.folder === "made-here") {
    ensureStateDir(stateDirOf(root, ground.fs));
  }
  plant(state, root, ground);
  const before = contentsOf(ground.home);
  const violations: string[] = [];
  for (const command of COMMANDS) {
    const context = contextOf(command, root, ground, (what) => {
      violations.push(`${command}: ${what}`);
    });
    await runParsed(command.split(" "), context);
    if (contentsOf(ground.home) !== before) {
      violations.push(`${command}: files of the user were changed`);
    }
    if (violations.length > 0) break;
  }
  await Deno.remove(root, { recursive: true });
  return violations;
}

function contentsOf(folder: string): string {
  const found: string[] = [];
  for (const { name, isDirectory, isFile } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    const { mode, uid, mtime } = Deno.lstatSync(path);
    const inside = isDirectory
      ? contentsOf(path)
      : isFile
      ? Deno.readTextFileSync(path)
      : "";
    found.push(JSON.stringify([name, mode, uid, mtime, inside]));
  }
  return found.toSorted().join("\n");
}

function contextOf(
  command: string,
  root: string,
  { fs }: PlantingGround,
  violate: (what: string) => void,
): CliContext {
  const mayStart = /^(start|restart)(?!.*--dry-run)/.test(command);
  const ignore = () => {};
  return {
    process: { stdout: { write: ignore }, stderr: { write: ignore } },
    terminal: silentTerminal(),
    args: command.split(" "),
    cwd: root,
    messages: en,
    textLanguage: "en",
    interruptible: () => new AbortController().signal,
    host: hostOf(fs, mayStart, violate),
  };
}

function hostOf(
  fs: FileSystem,
  mayStart: boolean,
  violate: (what: string) => void,
): Host {
  const refuse = (what: string) => {
    violate(what);
    return Promise.reject(new Error(what));
  };
  return {
    platform: platformOf(mayStart, violate),
    clock: systemClock,
    fs,
    sha256: digest,
    // A start asks the port of what it started.
    connect: () =>
      mayStart
        ? Promise.reject(new Deno.errors.ConnectionRefused())
        : refuse("a request was sent"),
    connectToRun: () => refuse("a request was sent"),
    runCommand: () => refuse("a command was run"),
  };
}

function platformOf(
  mayStart: boolean,
  violate: (what: string) => void,
): Platform {
  const table = new Map(
    [BYSTANDER, SELF].map((entry) => [entry.pid, entry] as const),
  );
  return {
    self: SELF.pid,
    probesFirst: true,
    groups: "group",
    listeners: () => Promise.resolve({ ok: true, value: [] }),
    processTable: () => Promise.resolve({ ok: true, value: table }),
    details: () => Promise.resolve(new Map()),
    identity: (pid) => Promise.resolve({ ok: true, value: table.get(pid) }),
    mayExist: (pid) => table.has(pid),
    environments: () => Promise.resolve(new Map()),
    taggedProcesses: () => Promise.resolve({ ok: true, value: [] }),
    unidentifiedHolders: () => Promise.resolve(new Map()),
    probe: () => Promise.resolve("free"),
    signal: ({ pid }) => {
      violate(`PID ${pid} was signalled`);
      return Promise.resolve("gone");
    },
    spawnSuspended: ({ log, exitFile }) => {
      if (!mayStart) violate("a service was started");
      for (const path of [log, exitFile]) {
        if (path !== undefined && isThroughLink(path)) {
          violate(`${path} leads through a link`);
        }
      }
      return Promise.resolve({
        pid: 5000,
        start: "99@boot",
        resume: () => Promise.resolve(),
        discard: () => Promise.resolve(),
        exited: Promise.resolve({ code: 1, signal: null }),
      });
    },
    spawnBackground: () => {
      if (!mayStart) violate("a supervisor was started");
      return Promise.resolve();
    },
    ownsConsole: () => Promise.resolve(false),
    punchHole: () => Promise.resolve(false),
    collapseHead: () => Promise.resolve(false),
  };
}

function isThroughLink(path: string): boolean {
  const folder = path.slice(0, path.lastIndexOf("/"));
  try {
    const { isSymlink, nlink } = Deno.lstatSync(path);
    return isSymlink || (nlink ?? 1) > 1 ||
      Deno.realPathSync(folder) !== folder;
  } catch {
    return Deno.realPathSync(folder) !== folder;
  }
}

/** The user `nobody`. */
const FOREIGN = 65_534;

/** Larger than any record, in bytes. */
const GIANT = 300 * 1024;

/** Puts a state into a project; the folder may have been made there before. */
function plant(
  state: PlantedState,
  root: string,
  ground: PlantingGround,
): void {
  const { home } = ground;
  const folder = `${root}/.devsvc`;
  if (state.folder === "link") Deno.symlinkSync(`${home}/folder`, folder);
  if (state.folder === "file") Deno.writeTextFileSync(folder, "mine\n");
  if (state.folder === "link" || state.folder === "file") return;
  Deno.mkdirSync(folder, { recursive: true });
  for (const name of ["runs", "logs", "work", "ignored", "other"]) {
    const path = `${folder}/${name}`;
    if (!state.linked.includes(name)) {
      Deno.mkdirSync(path, { recursive: true });
      continue;
    }
    removeAll(path);
    Deno.symlinkSync(`${home}/folder`, path);
  }
  for (const file of state.files) {
    // What would lie behind a link is not planted: it is the user's.
    if (state.linked.some((name) => file.path.startsWith(`${name}/`))) continue;
    plantFile(file, folder, ground);
  }
  if (state.isForeign && isRoot()) Deno.chownSync(folder, FOREIGN, FOREIGN);
}

function plantFile(
  { path, kind, bend, bytes, isForeign, mode }: PlantedFile,
  folder: string,
  { home, fifo, genuine }: PlantingGround,
): void {
  const target = `${folder}/${path.replace("RUN", RUN)}`;
  if (kind === "nothing") return;
  removeAll(target);
  const text = genuine.get(path.replace("RUN", RUN)) ?? "";
  switch (kind) {
    case "genuine":
      Deno.writeTextFileSync(target, text);
      break;
    case "bent":
      Deno.writeTextFileSync(target, bent(text, bend));
      break;
    case "link-to-file":
      Deno.symlinkSync(`${home}/file`, target);
      return;
    case "link-to-folder":
      Deno.symlinkSync(`${home}/folder`, target);
      return;
    case "dangling-link":
      Deno.symlinkSync(`${home}/folder/new`, target);
      return;
    case "hard-link":
      Deno.linkSync(`${home}/file`, target);
      return;
    case "fifo":
      Deno.linkSync(fifo, target);
      return;
    case "folder":
      Deno.mkdirSync(target);
      Deno.writeTextFileSync(`${target}/data`, "mine\n");
      return;
    case "bytes":
      Deno.writeFileSync(target, bytes);
      break;
    case "empty":
      Deno.writeFileSync(target, new Uint8Array());
      break;
    case "giant":
      Deno.writeFileSync(target, new Uint8Array());
      Deno.truncateSync(target, GIANT);
      break;
  }
  Deno.chmodSync(target, mode);
  if (isForeign && isRoot()) Deno.chownSync(target, FOREIGN, FOREIGN);
}

function removeAll(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Changes one thing of a file in JSON; of any other file it leaves a part. */
function bent(text: string, bend: Bend): string {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text);
  } catch {
    return text.slice(0, text.length / 2);
  }
  switch (bend) {
    case "version":
      return JSON.stringify({ ...value, version: 99 });
    case "future":
      return JSON.stringify({
        ...value,
        startedAt: "2999-01-01T00:00:00.000Z",
      });
    case "past":
      return JSON.stringify({
        ...value,
        startedAt: "1970-01-01T00:00:00.000Z",
      });
    case "run":
      return JSON.stringify({ ...value, run: "0" });
    case "service":
      return JSON.stringify({ ...value, service: "other" });
    case "key":
      return JSON.stringify({ ...value, key: crypto.randomUUID() });
    case "restarts":
      return JSON.stringify({ ...value, restarts: -1 });
    case "cut":
      return text.slice(0, text.length / 2);
  }
}
