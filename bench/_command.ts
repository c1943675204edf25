/** Running the commands that are measured. */

/**
 * The variable in the environment of every process of a benchmark, by which
 * leftovers and resident processes are found.
 */
export const RUN_VARIABLE = "DEVSVC_BENCH";

/** The value of {@linkcode RUN_VARIABLE} in this run. */
export const RUN_ID: string = crypto.randomUUID();

/** How a command is run. */
export interface CommandOptions {
  /** The folder it runs in. */
  readonly cwd?: string;
  /** Set on top of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** When it is killed, in milliseconds: one minute if not given. */
  readonly limit?: number;
}

/** How it ended. */
export interface CommandResult {
  /** The exit code. */
  readonly code: number;
  /** What it wrote. */
  readonly stdout: string;
  /** What it wrote to standard error. */
  readonly stderr: string;
}

const LIMIT = 60_000;

/**
 * Runs a command to its end.
 *
 * @throws {Error} Where it did not end in its time, or is not there.
 */
export async function run(
  command: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { limit = LIMIT } = options;
  const child = spawn(command, options);
  const texts = [child.stdout, child.stderr].map(drain);
  // The end is what counts: a daemon that was left behind keeps the pipes open.
  const end = await Promise.race([child.status, after(limit)]);
  if (!end) {
    child.kill("SIGKILL");
    await child.status;
  }
  const [stdout = "", stderr = ""] = await Promise.all(
    texts.map((text) => text.end()),
  );
  if (!end) throw new Error(`no end within ${limit / 1000} s`);
  return { code: end.code, stdout, stderr };
}

/**
 * Starts a command with the run id in its environment, in a session of its own:
 * a Ctrl-C reaches the benchmark alone, which then ends all that it started.
 */
function spawn(
  [program = "", ...args]: readonly string[],
  { cwd, env }: CommandOptions,
): Deno.ChildProcess {
  return new Deno.Command(program, {
    args,
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...env, [RUN_VARIABLE]: RUN_ID },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
}

/** Waits, without keeping the program alive. */
export async function after(milliseconds: number): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), milliseconds);
  Deno.unrefTimer(timer);
  await promise;
}

/** How long a pipe may give its last words after the end, in milliseconds. */
const PIPE_GRACE = 20;

/** The end of what a tool prints is enough, and one may print without end. */
const TEXT_MAX = 100_000;

/** Reads a pipe while its process runs, and lets go of it at the end. */
function drain(stream: ReadableStream<Uint8Array>): {
  readonly end: () => Promise<string>;
} {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const whole = (async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const more = decoder.decode(value, { stream: true });
      text = (text + more).slice(-TEXT_MAX);
    }
  })();
  return {
    end: async () => {
      await Promise.race([whole, after(PIPE_GRACE)]);
      await reader.cancel();
      return text;
    },
  };
}

/** How a command is run that must succeed. */
export interface MustOptions extends CommandOptions {
  /** The exit codes that are right; 0 if not given. */
  readonly codes?: readonly number[];
}

/**
 * Measures how long a command takes that must succeed.
 *
 * @returns The milliseconds until it has ended.
 * @throws {Error} Where it failed, with its last words.
 */
export async function timed(
  command: readonly string[],
  options: MustOptions = {},
): Promise<number> {
  const { codes = [0], limit = LIMIT } = options;
  const begun = performance.now();
  const child = spawn(command, options);
  const texts = [child.stdout, child.stderr].map(drain);
  const end = await Promise.race([child.status, after(limit)]);
  const elapsed = performance.now() - begun;
  if (!end) {
    child.kill("SIGKILL");
    await child.status;
  }
  const words = await Promise.all(texts.map((text) => text.end()));
  if (!end) throw new Error(`no end within ${limit / 1000} s`);
  if (!codes.includes(end.code)) {
    throw new Error(`exit ${end.code}: ${lastLines(words.join("\n"))}`);
  }
  return elapsed;
}

function lastLines(text: string): string {
  // deno-lint-ignore no-control-regex -- colours
  const plain = text.replaceAll(/\x1b\[[\d;]*m/g, "").trim();
  return plain.split("\n").slice(-2).join(" · ").slice(0, 160);
}

/**
 * Starts a command that stays, and leaves it running.
 *
 * @param options How it is run; what it prints goes to the file.
 */
export function stay(
  command: readonly string[],
  { cwd, env, file }: CommandOptions & { readonly file: string },
): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", {
    args: ["-c", 'file=$1; shift; exec "$@" >"$file" 2>&1', "sh", file]
      .concat(command),
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...env, [RUN_VARIABLE]: RUN_ID },
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
}
