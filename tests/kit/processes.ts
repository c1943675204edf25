/**
 * What the OS reports about processes and ports, read without the code under
 * test.
 */

/** Whether a process lives; a zombie does not. */
export function isAlive(pid: number): boolean {
  const stat = readProc(pid, "stat");
  if (stat === "") return false;
  const [state = "", ...numbers] = stat.slice(stat.lastIndexOf(")") + 2)
    .split(" ");
  // A main thread that ended before the others is shown as Z while they live
  // on, with all their ports (`man 5 proc_pid_stat`, field 20).
  return !/[ZX]/.test(state) || Number(numbers[20 - 4]) > 1;
}

/**
 * Lists the living processes that work in a folder or below it, but for those
 * that devsvc itself has there: its supervisor with its tools, and the shells that
 * wait for the services.
 */
export function processesIn(root: string): readonly number[] {
  return programsIn(root).map(({ pid }) => pid);
}

/** What a process runs. */
interface Program {
  readonly pid: number;
  readonly words: string;
  readonly environment: ReadonlyMap<string, string>;
}

function programsIn(root: string): readonly Program[] {
  return allProcessesIn(root).flatMap((pid) => readProgram(pid) ?? [])
    .filter((program) => !isWrapper(program) && !isOfSupervisor(program));
}

/**
 * Reads what a process runs, words and environment of the same moment: who is
 * about to run something else, or to end, shows neither for a while.
 */
function readProgram(pid: number): Program | undefined {
  while (isAlive(pid)) {
    const words = readProc(pid, "cmdline");
    const environment = environmentOf(pid);
    if (words !== "" && words === readProc(pid, "cmdline")) {
      return { pid, words, environment };
    }
  }
  return undefined;
}

/** Lists all living processes that work in a folder or below it. */
export function allProcessesIn(root: string): readonly number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const cwd = Deno.readLinkSync(`/proc/${name}/cwd`);
      if (cwd === root || cwd.startsWith(`${root}/`)) found.push(Number(name));
    } catch {
      // It ended meanwhile, or belongs to another user.
    }
  }
  return found.filter(isAlive);
}

/** Lists the folders of all projects of which a process runs. */
export function runningRoots(): ReadonlySet<string> {
  return new Set(
    [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name))
      .flatMap(({ name }) =>
        environmentOf(Number(name)).get("DEVSVC_ROOT") ?? []
      ),
  );
}

/** How long the supervisor may take to leave after the last service. */
const LEAVE_TIME = 30_000;

/**
 * Lists the processes that work in a folder, once those that are leaving are
 * gone.
 */
export async function processesLeftIn(
  root: string,
): Promise<readonly number[]> {
  const end = performance.now() + LEAVE_TIME;
  let left = allProcessesIn(root);
  while (left.length > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    left = allProcessesIn(root);
  }
  return left;
}

/**
 * Lists the living processes of the services of a project, found by the
 * `DEVSVC_SERVICE` of their environment.
 */
export function instancesIn(
  root: string,
): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const { pid, environment } of programsIn(root)) {
    const service = environment.get("DEVSVC_SERVICE");
    if (service === undefined) continue;
    found.set(service, [...found.get(service) ?? [], pid]);
  }
  return found;
}

/**
 * Lists the living shells in a folder that run services and wait for them, or
 * still wait at the start barrier.
 */
export function wrappersIn(root: string): readonly number[] {
  return allProcessesIn(root).flatMap((pid) => readProgram(pid) ?? [])
    .filter(isWrapper).map(({ pid }) => pid);
}

/** The shell that runs a service and waits for it. */
function isWrapper({ words }: Program): boolean {
  return words.includes("read -r DEVSVC_RESUME");
}

/**
 * The resident process of a project, or a tool that it asks: a run id
 * is empty there, also below a tool whose parent has ended.
 */
function isOfSupervisor({ words, environment }: Program): boolean {
  return words.includes("\0__supervisor\0") ||
    environment.get("DEVSVC_RUN") === "";
}

/**
 * Reads the parent of a process.
 *
 * @returns The id of its parent; 0 if it is gone.
 */
export function parentOf(pid: number): number {
  const stat = readProc(pid, "stat");
  const [, parent = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(parent);
}

/**
 * Leaves out children of listed processes: a fork has the command line of its
 * parent until it runs another program.
 */
export function withoutForks(pids: readonly number[]): readonly number[] {
  return pids.filter((pid) => {
    const parent = parentOf(pid);
    return parent !== 0 && !pids.includes(parent);
  });
}

/**
 * Reads the environment that a process was started with.
 *
 * @returns Its variables; none if it is gone.
 */
export function environmentOf(pid: number): ReadonlyMap<string, string> {
  return new Map(
    readProc(pid, "environ").split("\0").filter((entry) => entry !== "")
      .map((entry) => {
        const at = entry.indexOf("=");
        return [entry.slice(0, at), entry.slice(at + 1)];
      }),
  );
}

/**
 * Reads the short name of a process.
 *
 * @returns Its name; empty if it is gone.
 */
export function programOf(pid: number): string {
  return readProc(pid, "comm").trim();
}

function readProc(pid: number, file: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/${file}`);
  } catch {
    return "";
  }
}

/** Whether anything answers on a port. */
export async function answers(port: number): Promise<boolean> {
  for (const hostname of ["127.0.0.1", "::1"]) {
    try {
      (await Deno.connect({ hostname, port })).close();
      return true;
    } catch {
      // Not there.
    }
  }
  return false;
}
