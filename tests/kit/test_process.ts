/**
 * Processes that end with their test, fake tools, and waiting for a condition.
 */

import "./coverage.ts";

/** Whether this machine can listen on IPv6. */
export const HAS_IPV6: boolean = canListen("::1");

/**
 * Waits until a condition holds.
 *
 * @param condition Returns `undefined` or `false` while it does not hold.
 * @param options How long to wait at most, in milliseconds; a minute if not
 * given, for machines that are busy with other tests.
 * @returns What the condition returned.
 */
export async function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  options: { readonly timeout?: number } = {},
): Promise<T> {
  const end = performance.now() + (options.timeout ?? 60_000);
  for (;;) {
    const result = await condition();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > end) {
      throw new Error(`Cannot wait any longer for ${condition}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Ends a process by `kill -9`, unless it has ended by itself. */
export function killNow(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** A process that ends with its test, also where the test is killed. */
export interface TestProcess extends AsyncDisposable {
  /** Its process id. */
  readonly pid: number;
  /** The next line that it printed. */
  line(): Promise<string>;
  /** Closes its standard input. */
  closeInput(): Promise<void>;
  /** How it ended. */
  readonly status: Promise<Deno.CommandStatus>;
  /** Ends it at once. */
  kill(): void;
}

/** Starts a process whose standard output is read by the line. */
export function startProcess(
  command: string,
  args: readonly string[],
): TestProcess {
  const child = new Deno.Command(command, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  const kill = () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  };
  const closeInput = () => child.stdin.close().catch(() => {});
  return {
    pid: child.pid,
    status: child.status,
    kill,
    closeInput,
    line: async () => {
      while (!rest.includes("\n")) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`Cannot read a line: ${command} ended`);
        rest += value;
      }
      const [line = "", ...others] = rest.split("\n");
      rest = others.join("\n");
      return line;
    },
    [Symbol.asyncDispose]: async () => {
      kill();
      await closeInput();
      await child.status;
      await reader.cancel();
    },
  };
}

/**
 * Starts a Deno program given as text; it ends when its standard input does.
 */
export function startDeno(code: string): TestProcess {
  return startProcess(Deno.execPath(), [
    "eval",
    "--no-config",
    "--no-lock",
    `${code};
     for await (const _ of Deno.stdin.readable);
     Deno.exit();`,
  ]);
}

/** A process that listens. */
export interface TestListener extends AsyncDisposable {
  /** Its process id. */
  readonly pid: number;
  /** The port that the OS chose. */
  readonly port: number;
}

/** Starts a process that listens on a free port. */
export async function startListener(hostname: string): Promise<TestListener> {
  const process = startDeno(
    `const l = Deno.listen({ hostname: ${JSON.stringify(hostname)}, port: 0 });
     console.log(l.addr.port)`,
  );
  const port = Number(await process.line());
  return {
    pid: process.pid,
    port,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** A folder that is removed with the test. */
export interface TestFolder extends AsyncDisposable {
  /** Its path, without symbolic links. */
  readonly path: string;
  /** Writes a shell script into it and returns its path. */
  tool(name: string, script: string): Promise<string>;
}

/** Makes a folder for one test. */
export async function makeFolder(): Promise<TestFolder> {
  const path = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "devsvc-platform-" }),
  );
  return {
    path,
    tool: async (name, script) => {
      const file = `${path}/${name}`;
      // Written by a process that has ended: a file that a fork of this one
      // still has open for writing cannot be run (ETXTBSY).
      await new Deno.Command("/bin/sh", {
        args: [
          "-c",
          'printf "%s\n" "$2" >"$1" && chmod 755 "$1"',
          "sh",
          file,
          `#!/bin/sh\n${script}`,
        ],
      }).output();
      return file;
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

function canListen(hostname: string): boolean {
  try {
    Deno.listen({ hostname, port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}
