/**
 * The Windows lane, seen from Linux: runs devsvc as a Windows program.
 *
 * `setup.sh` makes the lane; where it was not run, the tests are ignored.
 */

import "../kit/suppressed.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import type { Run } from "../kit/run_devsvc.ts";
import { COVERAGE_FOLDER } from "../kit/coverage.ts";
import { fromFileUrl } from "../kit/paths.ts";
import { reservePorts } from "../kit/ports.ts";

const HERE = fromFileUrl(new URL(".", import.meta.url));
/** Runs a Windows program. */
export const RUN = `${HERE}run.sh`;
/** The folder of the source, with a slash at its end. */
export const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** Options of a test that needs the lane. */
export const LANE: { readonly ignore: boolean } = { ignore: !isReady() };

/** The folder of the lane, whether it is set up or not. */
export function laneFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ||
    `${Deno.env.get("HOME")}/.cache`;
  return Deno.env.get("DEVSVC_WINDOWS_LANE") || `${cache}/devsvc-windows-lane`;
}

function isReady(): boolean {
  if (ON_LINUX.ignore) return false;
  try {
    return Deno.statSync(`${laneFolder()}/ready`).isFile;
  } catch {
    return false;
  }
}

/**
 * The path of a file of this machine in Windows.
 *
 * @param path The path, absolute.
 */
export function toWindows(path: string): string {
  return `Z:${path.replaceAll("/", "\\")}`;
}

/** A Windows program that runs; it ends with the test. */
export interface LaneProcess extends AsyncDisposable {
  /** Its id on Linux. */
  readonly pid: number;
  /** Ends it at once, as the Task Manager does. */
  kill(): void;
  /** Waits for its end. */
  ended(): Promise<Run>;
}

/**
 * Starts a Windows program in the lane.
 *
 * Its output goes to files: a service that it leaves behind would keep a pipe
 * open.
 *
 * @param options The folder it is called in, and what is set on top of the
 * environment of the test.
 */
export function spawnInLane(
  words: readonly string[],
  options: {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
  },
): LaneProcess {
  const folder = Deno.makeTempDirSync({ prefix: "devsvc-lane-" });
  const child = new Deno.Command("/bin/sh", {
    args: [
      "-c",
      'exec "$@" >"$0/out" 2>"$0/err"',
      folder,
      RUN,
      ...words,
    ],
    cwd: options.cwd,
    env: {
      LANG: "en_US.UTF-8",
      ...coverInto(folder),
      ...options.env,
    },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const collect = async () => {
    const { code } = await child.status;
    const [stdout = "", stderr = ""] = ["out", "err"]
      .map((name) => Deno.readTextFileSync(`${folder}/${name}`));
    addCoverage(folder);
    await Deno.remove(folder, { recursive: true });
    return { code, stdout, stderr };
  };
  let run: Promise<Run> | undefined;
  const ended = () => run ??= collect();
  const kill = () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  };
  return {
    pid: child.pid,
    kill,
    ended,
    [Symbol.asyncDispose]: async () => {
      if (!run) kill();
      await ended();
    },
  };
}

/** Has programs of the lane, and what they start, write coverage to a folder. */
function coverInto(folder: string): Readonly<Record<string, string>> {
  return COVERAGE_FOLDER
    ? { DENO_COVERAGE_DIR: toWindows(`${folder}/cov`) }
    : {};
}

/** Counts what Windows ran among what Linux did: the sources are the same. */
function addCoverage(folder: string): void {
  if (!COVERAGE_FOLDER) return;
  try {
    Deno.mkdirSync(COVERAGE_FOLDER, { recursive: true });
    for (const { name } of Deno.readDirSync(`${folder}/cov`)) {
      const text = Deno.readTextFileSync(`${folder}/cov/${name}`);
      const url = text.replace('"file:///Z:/', '"file:///');
      Deno.writeTextFileSync(`${COVERAGE_FOLDER}/${name}`, url);
    }
  } catch (error) {
    // A program that was killed left none.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** The words that start devsvc as a Windows program. */
export function devsvcWords(...args: readonly string[]): readonly string[] {
  return devsvcWordsWith(["-A"], args);
}

/** The words that start devsvc as a Windows program with some permissions. */
export function devsvcWordsWith(
  permissions: readonly string[],
  args: readonly string[],
): readonly string[] {
  const config = toWindows(`${ROOT}deno.json`);
  const main = toWindows(`${ROOT}main.ts`);
  // As the tasks do: where a package is still to come, the bar of Deno would be
  // drawn over what devsvc writes.
  const flags = ["--quiet", ...permissions, "--config", config];
  return ["deno.exe", "run", ...flags, main, ...args];
}

/** A process of the lane. */
export interface LaneEntry {
  /** Its id in the lane. */
  readonly pid: number;
  /** Its parent in the lane. */
  readonly ppid: number;
  /** Its command line. */
  readonly line: string;
}

/**
 * Lists the processes of the lane whose command line contains a word, read
 * without the code under test.
 */
export async function laneProcesses(
  word: string,
): Promise<readonly LaneEntry[]> {
  const words = ["powershell.exe", "-Command", "Get-CimInstance Win32_Process"];
  const { stdout } = await spawnInLane(words, { cwd: "/" }).ended();
  const rows: readonly {
    readonly ProcessId: number;
    readonly ParentProcessId: number;
    readonly CommandLine: string | null;
  }[] = JSON.parse(stdout);
  return rows
    .map((row) => ({
      pid: row.ProcessId,
      ppid: row.ParentProcessId,
      line: row.CommandLine ?? "",
    }))
    .filter(({ line }) => line.includes(word));
}

/** Ends one process of the lane, and nothing below it. */
export async function endInLane(pid: number): Promise<void> {
  const words = ["taskkill.exe", "/F", "/PID", String(pid)];
  await spawnInLane(words, { cwd: "/" }).ended();
}

/** A project of a test in the lane. */
export interface LaneProject extends AsyncDisposable {
  /** Its folder on this machine. */
  readonly root: string;
  /** The ports that it may use. */
  readonly ports: readonly number[];
  /** Runs devsvc in it. */
  run(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<Run>;
  /** Starts devsvc in it. */
  spawn(args: readonly string[]): LaneProcess;
  /** Reads a file of it. */
  read(path: string): string;
  /** Writes a file of it. */
  write(path: string, text: string): void;
  /** Lists its processes, but for the supervisor. */
  processes(): Promise<readonly LaneEntry[]>;
}

/**
 * Makes a project, in a folder with blanks, accents and signs.
 *
 * @param write Writes its services.toml, given the ports and the words that run
 * its server.
 */
export function makeLaneProject(
  portCount: number,
  write: (
    ports: readonly number[],
    server: (...args: readonly string[]) => string,
  ) => string,
): LaneProject {
  const ports = reservePorts(portCount);
  const base = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "devsvc-" }));
  const root = `${base}/été & (100%)`;
  Deno.mkdirSync(root);
  // Its own copy: by its path in their command lines its processes are found.
  const script = `${root}/server.ts`;
  Deno.copyFileSync(`${ROOT}tests/fixtures/server.ts`, script);
  const server = (...args: readonly string[]) => [
    ...["deno", "run", "-A", "--no-config", "--no-lock"],
    ...[toWindows(script), ...args],
  ];
  Deno.writeTextFileSync(
    `${root}/services.toml`,
    write(ports.numbers, (...args) => JSON.stringify(server(...args))),
  );
  const spawn = (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) =>
    spawnInLane(devsvcWords(...args), {
      cwd: root,
      // A supervisor writes it when it leaves, with no command that waits for it.
      env: { ...coverInto(base), ...env },
    });
  const all = () => laneProcesses(toWindows(base));
  const processes = async () =>
    (await all()).filter(({ line }) => !line.includes(" __supervisor "));
  return {
    root,
    ports: ports.numbers,
    spawn,
    processes,
    run: (args, env) => spawn(args, env).ended(),
    read: (path) => Deno.readTextFileSync(`${root}/${path}`),
    write: (path, text) => Deno.writeTextFileSync(`${root}/${path}`, text),
    [Symbol.asyncDispose]: async () => {
      const { code, stdout, stderr } = await spawn(["stop", "--force"]).ended();
      // The supervisor leaves by itself, a moment later.
      await waitFor(async () => (await all()).length === 0).catch(() => {});
      const left = await all();
      for (const { pid } of left) await endInLane(pid);
      addCoverage(base);
      await Deno.remove(base, { recursive: true });
      ports[Symbol.dispose]();
      if (code !== 0 || left.length > 0) {
        throw new Error(
          `Cannot stop the project: ${stdout}${stderr}${JSON.stringify(left)}`,
        );
      }
    },
  };
}

/**
 * Takes the lane alone: keys typed at a console go to any program that reads them,
 * and one that runs a thousand tests leaves the others no turn.
 *
 * @returns The turn; it is given back when it is disposed of.
 */
export async function takeTurn(): Promise<Disposable> {
  const file = await Deno.open(`${laneFolder()}/turn`, {
    create: true,
    write: true,
  });
  await file.lock(true);
  return { [Symbol.dispose]: () => file.close() };
}

/**
 * Waits until a condition holds, at most three minutes: each program of the
 * lane starts slowly, and many of them do at once.
 */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = performance.now() + 180_000;
  while (!await condition()) {
    if (performance.now() > end) {
      throw new Error(`Cannot wait any longer for ${condition}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Whether a port answers.
 *
 * @param hostname The address that is asked, by default that of most services.
 */
export async function answers(
  port: number,
  hostname = "127.0.0.1",
): Promise<boolean> {
  try {
    (await Deno.connect({ hostname, port })).close();
    return true;
  } catch {
    return false;
  }
}
