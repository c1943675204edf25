/**
 * `devsvc stop` on broken ground: whatever became of services.toml, of its env
 * files, of `.devsvc` and of the output, the service is stopped and proven to be,
 * and one sentence says what was wrong or could not be done.
 */

import {
  deepStrictEqual,
  doesNotMatch,
  match,
  strictEqual,
} from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { allProcessesIn, processesIn, wrappersIn } from "../kit/processes.ts";
import {
  devsvcCommand,
  ENGLISH,
  isRoot,
  POWERLESS,
} from "../kit/run_devsvc.ts";
import { killNow, makeFolder, until } from "../kit/test_process.ts";

/** The service, and what it needs: an env file, and a folder of its own. */
const RIGHT = `language = "en"
[services.worker]
label = "Worker"
command = ["sleep", "600"]
cwd = "app"
env_file = ".env"
stop = { timeout = "20s" }
`;

/** Where a service runs, and what a ground changes. */
interface Place {
  /** The folder of the project, absolute. */
  readonly root: string;
  /** Its services.toml. */
  readonly file: string;
  /** Its state folder. */
  readonly state: string;
}

/** What is wrong when the service is to be stopped. */
interface Ground {
  /** Breaks it, while the service runs. */
  readonly spoil?: (place: Place) => void | Promise<void>;
  /** What is said on standard error. */
  readonly says?: RegExp;
  /** It cannot be stopped, and standard output says why. */
  readonly cannot?: RegExp;
  /** How devsvc is called: a shell script, in which it and its words are "$@". */
  readonly call?: string;
  /** The folder that it is called in, below that of the project. */
  readonly from?: string;
  /** File modes count: root has no powers. */
  readonly powerless?: boolean;
  /** Makes the folder removable again. */
  readonly mend?: (place: Place) => void;
}

const text = (toml: string) => ({ file }: Place) =>
  Deno.writeTextFileSync(file, toml);
const more = (toml: string) => text(RIGHT + toml);
const remove = (path: string) => Deno.removeSync(path, { recursive: true });

/** In one step: the supervisor may write into it meanwhile. */
function removeState({ root, state }: Place): void {
  Deno.renameSync(state, `${root}/../removed`);
}

/** A mistake in services.toml: its place is said. */
const mistake = (toml: string): Ground => ({
  spoil: text(toml),
  says: /^services\.toml(:\d+:\d+)? {2}\S/m,
});

const GONE = /^services\.toml {2}cannot read ".*": it does not exist/m;

/** Changes the mode of what root may only use without its powers. */
const mode = (path: (place: Place) => string, bits: number, back: number) => ({
  powerless: true,
  spoil: (place: Place) => Deno.chmodSync(path(place), bits),
  mend: (place: Place) => Deno.chmodSync(path(place), back),
});

const recordOf = ({ state }: Place) => `${state}/runs/worker.json`;

const GROUNDS: Readonly<Record<string, Ground>> = {
  "an unknown key in another service": mistake(
    RIGHT + '[services.other]\ncomand = "x"\n',
  ),
  "an unknown key in the service": mistake(RIGHT + "prot = 1\n"),
  "no command": mistake(RIGHT.replace(/^command.*\n/m, "")),
  "a port of the wrong kind": mistake(RIGHT + "port = {}\n"),
  "a stop signal of the wrong kind": mistake(
    RIGHT.replace(/^stop.*$/m, "stop = { signal = {} }"),
  ),
  "a stop timeout that is none": mistake(
    RIGHT.replace(/^stop.*$/m, 'stop = { timeout = "soon" }'),
  ),
  "a language that is a table": mistake(
    RIGHT.replace('"en"', "{ a = 1 }"),
  ),
  "a service that is no table": mistake("[services]\nworker = 1\n"),
  "services that are no table": mistake("services = 1\n"),
  "no services": mistake('language = "en"\n'),
  "an empty file": mistake(""),
  "a conflict mark of git": mistake(`<<<<<<< HEAD\n${RIGHT}`),
  "a text that does not end": mistake(RIGHT + 'label = "\n'),
  "a key that stands twice": mistake(RIGHT + 'label = "again"\n'),
  "services that wait for each other": mistake(
    RIGHT +
      'depends_on = ["b"]\n[services.b]\ncommand = "x"\ndepends_on = ["worker"]\n',
  ),
  "a dependency that is no service": mistake(
    RIGHT + 'depends_on = ["nobody"]\n',
  ),
  "a port that two services want": mistake(
    RIGHT + 'port = 1\n[services.b]\ncommand = "x"\nport = 1\n',
  ),
  "two names that differ in case": mistake(
    RIGHT + '[services.Worker]\ncommand = "x"\n',
  ),
  "a name that is none": mistake(RIGHT + '[services."../x"]\ncommand = "x"\n'),
  "a file that is no text": {
    spoil: ({ file }) => Deno.writeFileSync(file, new Uint8Array([255, 0, 1])),
    says: /^services\.toml:1:1 {2}the file is not UTF-8/m,
  },
  "a file that is too large": {
    spoil: text("#".repeat(2 * 1024 * 1024)),
    says: /^services\.toml {2}cannot read .*large/m,
  },
  "a file that may not be read": {
    ...mode(({ file }) => file, 0o000, 0o644),
    says: /^services\.toml {2}cannot read/m,
  },
  "a pipe in the place of services.toml": {
    spoil: async ({ file }) => {
      remove(file);
      await new Deno.Command("mkfifo", { args: [file] }).output();
    },
    says: /^services\.toml {2}cannot read/m,
  },
  "a folder in the place of services.toml": {
    spoil: ({ file }) => {
      remove(file);
      Deno.mkdirSync(file);
    },
    says: /^services\.toml {2}cannot read ".*": it is a folder/m,
  },
  "services.toml is deleted": { spoil: ({ file }) => remove(file), says: GONE },
  "services.toml is deleted, called from below": {
    spoil: ({ file }) => remove(file),
    from: "app",
    says: GONE,
  },
  "services.toml is a link to nothing": {
    spoil: ({ file }) => {
      remove(file);
      Deno.symlinkSync("nowhere.toml", file);
    },
    says: GONE,
  },
  "services.toml and .devsvc are deleted": {
    spoil: (place) => {
      remove(place.file);
      removeState(place);
    },
    says: GONE,
  },
  "services.toml is deleted, and the run record is garbage": {
    spoil: (place) => {
      remove(place.file);
      Deno.writeTextFileSync(recordOf(place), "\0{");
    },
    says: /^The run record of worker cannot be read/m,
  },
  "an env_file that is deleted": {
    spoil: ({ root }) => remove(`${root}/.env`),
    says: /^services\.toml:6:12 {2}cannot read/m,
  },
  "an env_file with a line that is none": {
    spoil: ({ root }) => Deno.writeTextFileSync(`${root}/.env`, "A=1\nhello\n"),
    says: /^services\.toml:6:12 {2}\S/m,
  },
  "an env_file that is a folder": {
    spoil: ({ root }) => {
      remove(`${root}/.env`);
      Deno.mkdirSync(`${root}/.env`);
    },
    says: /^services\.toml:6:12 {2}cannot read/m,
  },
  "a folder of the service that is gone": {
    spoil: ({ root }) => remove(`${root}/app`),
    says: /^services\.toml:5:7 {2}cannot use folder/m,
  },
  "a stop command in a folder that is gone": {
    spoil: (place) => {
      more('windows.label = "w"\n')(place);
      const toml = RIGHT.replace('20s"', '20s", command = "touch ran"');
      Deno.writeTextFileSync(place.file, toml);
      remove(`${place.root}/app`);
    },
    says: /^services\.toml:5:7 {2}cannot use folder/m,
  },
  "a run record of another version": {
    spoil: (place) => {
      const record = JSON.parse(Deno.readTextFileSync(recordOf(place)));
      const text = JSON.stringify({ ...record, version: 99 });
      Deno.writeTextFileSync(recordOf(place), text);
    },
    says: /^The run record of Worker was written by another version/m,
  },
  ".devsvc is deleted": { spoil: removeState },
  "a file in the place of .devsvc": {
    spoil: (place) => {
      removeState(place);
      Deno.writeTextFileSync(place.state, "mine");
    },
    says: /\.devsvc is no plain file or folder: ignored/,
  },
  "a link in the place of .devsvc": {
    spoil: ({ root, state }) => {
      Deno.renameSync(state, `${root}/elsewhere`);
      Deno.symlinkSync("elsewhere", state);
    },
    says: /\.devsvc is a link: ignored/,
  },
  "a folder in the place of the lock": {
    spoil: ({ state }) => {
      remove(`${state}/lock`);
      Deno.mkdirSync(`${state}/lock`);
    },
    says: /\/lock/,
  },
  "a folder in the place of the journal and the log": {
    spoil: ({ state }) =>
      ["devsvc.log", "logs/worker.log"].forEach((name) => {
        remove(`${state}/${name}`);
        Deno.mkdirSync(`${state}/${name}`);
      }),
  },
  "a .devsvc that may not be written": {
    ...mode(({ state }) => state, 0o500, 0o700),
  },
  "run records that may not be written": {
    ...mode(({ state }) => `${state}/runs`, 0o500, 0o700),
  },
  "a lock that may not be written": {
    ...mode(({ state }) => `${state}/lock`, 0o400, 0o600),
    says: /^Cannot write .*\/lock: .*; the services are stopped all the same/m,
  },
  "a full standard output": {
    call: 'exec "$@" >/dev/full',
    says: /^devsvc: The report could not be written: No space left on device/m,
  },
  "a full standard output and error": { call: 'exec "$@" >/dev/full 2>&1' },
  "a closed standard output": { call: 'exec "$@" >&-' },
  "closed streams": { call: 'exec "$@" <&- >&- 2>&-' },
  "a reader that is gone": { call: '"$@" | true' },
  "a full output, and services.toml deleted": {
    spoil: ({ file }) => remove(file),
    call: 'exec "$@" >/dev/full',
    says: GONE,
  },
  "no home and no temporary folder": {
    call: 'exec env -u HOME -u USER TMPDIR=/nowhere "$@"',
  },
  "no tools in the path": {
    call: 'PATH=/nowhere exec "$@"',
    cannot: /Not stopped, because nobody could tell what runs:[^]*cat is not/,
  },
  "a service that is suspended": {
    spoil: ({ root }) =>
      processesIn(root).forEach((pid) => Deno.kill(pid, "SIGSTOP")),
  },
  "all of a service suspended, and a mistake": {
    spoil: (place) => {
      [...processesIn(place.root), ...wrappersIn(place.root)]
        .forEach((pid) => Deno.kill(pid, "SIGSTOP"));
      more("prot = 1\n")(place);
    },
    says: /^services\.toml:8:1 {2}unknown key "prot"/m,
  },
  "a wrapper that was killed, and a mistake": {
    spoil: async (place) => {
      wrappersIn(place.root).forEach(killNow);
      await until(() => wrappersIn(place.root).length === 0);
      more("prot = 1\n")(place);
    },
    says: /^services\.toml:8:1 {2}unknown key "prot"/m,
  },
};

/** How many grounds are tried at once. */
const AT_ONCE = 8;

/** What came of a ground. */
interface Tried {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The processes of the service before and after. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** In the folder of the project, and without what would warn besides. */
async function run(
  args: readonly string[],
  place: Place,
  { call = 'exec "$@"', powerless = false, from = "." }: Ground,
): Promise<Pick<Tried, "code" | "stdout" | "stderr">> {
  const words = [
    ...(powerless && isRoot() ? POWERLESS : []),
    ...["/bin/sh", "-c", call, "sh"],
    ...devsvcCommand({ scoped: true }),
    ...args,
  ];
  const [program = "", ...rest] = words;
  const output = await new Deno.Command(program, {
    args: rest,
    cwd: `${place.root}/${from}`,
    env: { ...ENGLISH, NO_COLOR: "1", DENO_DIR: denoDir() },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

/** Deno looks for it below the home otherwise. */
function denoDir(): string {
  return Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
}

async function tryGround(ground: Ground): Promise<Tried> {
  const base = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "devsvc-" }),
  );
  const root = `${base}/project`;
  const place = {
    root,
    file: `${root}/services.toml`,
    state: `${root}/.devsvc`,
  };
  try {
    await Deno.mkdir(`${root}/app`, { recursive: true });
    await Deno.writeTextFile(`${root}/.env`, "A=1\n");
    await Deno.writeTextFile(place.file, RIGHT);
    const { powerless = false } = ground;
    const start = await run(["start"], place, { powerless });
    if (start.code !== 0) throw new Error(start.stdout + start.stderr);
    const before = processesIn(root);
    await ground.spoil?.(place);
    const stop = await run(["stop"], place, ground);
    return { ...stop, before, after: processesIn(root) };
  } finally {
    ground.mend?.(place);
    for (const pid of allProcessesIn(root)) killNow(pid);
    await until(() => allProcessesIn(root).length === 0);
    await Deno.remove(base, { recursive: true });
  }
}

/** All grounds, a few at once: each mostly waits for devsvc. */
function tryAll(): ReadonlyMap<string, Promise<Tried>> {
  const waiting = Object.entries(GROUNDS);
  const outcomes = new Map(
    waiting.map(([title]) => [title, Promise.withResolvers<Tried>()]),
  );
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [title, ground] = next;
      const outcome = outcomes.get(title);
      await tryGround(ground).then(outcome?.resolve, outcome?.reject);
    }
  };
  for (let index = 0; index < AT_ONCE; index++) void work();
  return new Map(
    [...outcomes].map(([title, { promise }]) => {
      promise.catch(() => {});
      return [title, promise];
    }),
  );
}

let tried: ReturnType<typeof tryAll> | undefined;

for (const [title, { says, cannot }] of Object.entries(GROUNDS)) {
  Deno.test({
    name: `stop on broken ground: ${title}`,
    ...ON_LINUX,
    // The other grounds are tried meanwhile.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      tried ??= tryAll();
      const result = await tried.get(title);
      const { code, stdout, stderr, before, after } = result ?? never();
      strictEqual(before.length, 1, "the service ran");
      deepStrictEqual(after, cannot ? before : [], stdout + stderr);
      strictEqual(code, cannot ? 3 : 0, stdout + stderr);
      if (cannot) match(stdout, cannot);
      doesNotMatch(stdout + stderr, /Unexpected|Uncaught|Stack/);
      if (says) match(stderr, says);
    },
  });
}

/** Why this machine has no mounts that only one test sees, if it has none. */
const noMounts: string | undefined = ON_LINUX.ignore || !isRoot() ||
    !(await canMount())
  ? " (root and unshare)"
  : undefined;

async function canMount(): Promise<boolean> {
  const { success } = await new Deno.Command("unshare", {
    args: ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"],
    stderr: "null",
  }).output();
  return success;
}

const MOUNTS = {
  "full, to the last byte": {
    spoil: "cat /dev/zero >.devsvc/fill 2>/dev/null",
    says: /^$/,
  },
  "read-only": {
    spoil: "mount --bind .devsvc .devsvc; mount -o remount,bind,ro .devsvc",
    says:
      /^Cannot write .*: Read-only .*; the services are stopped all the same/,
  },
};

for (const [title, { spoil, says }] of Object.entries(MOUNTS)) {
  Deno.test({
    name: `stop on a disk that is ${title}${noMounts ?? ""}`,
    ignore: noMounts !== undefined,
    fn: async () => {
      const call = `mkdir .devsvc && mount -t tmpfs -o size=256k none .devsvc
"$@" start >&2 || exit 99
${spoil}
echo >&2
exec "$@" stop`;
      const { code, stdout, stderr, after } = await tryMounted(call);
      deepStrictEqual(after, [], stdout + stderr);
      strictEqual(code, 0, stdout + stderr);
      match(stdout, /1 service stopped, ports free/);
      match(stderr.split("\n\n").at(-1) ?? "", says);
    },
  });
}

async function tryMounted(
  script: string,
): Promise<Omit<Tried, "before">> {
  await using folder = await makeFolder();
  const root = folder.path;
  await Deno.mkdir(`${root}/app`);
  await Deno.writeTextFile(`${root}/.env`, "");
  const file = `${root}/services.toml`;
  await Deno.writeTextFile(file, RIGHT);
  const place = { root, file, state: `${root}/.devsvc` };
  try {
    const call = `exec unshare --mount /bin/sh -c '${script}' sh "$@"`;
    const result = await run([], place, { call });
    return { ...result, after: processesIn(root) };
  } finally {
    for (const pid of allProcessesIn(root)) killNow(pid);
    await until(() => allProcessesIn(root).length === 0);
  }
}

function never(): never {
  throw new Error("This ground was not tried");
}
