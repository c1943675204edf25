/**
 * devsvc may write only in the folder that it was started in: called from
 * another one, it runs itself again in the folder of services.toml.
 *
 * @module
 */

import { basename, dirname, join } from "../core/path.ts";
import { CWD_IS_REAL_PATH, INTERRUPT_SIGNALS } from "../platform/os.ts";
import { selfProgram } from "../runtime/self_program.ts";
import { stateDirOf } from "../runtime/state/state_dir.ts";

/** How devsvc was called. */
export interface Call {
  /** The words behind its name. */
  readonly args: readonly string[];
  /** The folder in which it was called, absolute. */
  readonly cwd: string;
}

/**
 * Runs the same command in the folder of services.toml, where it is needed.
 *
 * @param file The services.toml to use, absolute.
 * @returns The exit code of that run, or `undefined` when there was none: this
 * process may write there, or no run could.
 */
export async function relocate(
  file: string,
  call: Call,
): Promise<number | undefined> {
  const root = dirname(file);
  if (mayWrite(stateDirOf(root).path)) return undefined;
  const place = placeOf(root, call.cwd);
  if (place === undefined) return undefined;
  const config = join(place, basename(file));
  const { path, args } = selfProgram(withConfig(call.args, config));
  const child = new Deno.Command(path, {
    args: [...args],
    cwd: place,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  using _ = outlive(child);
  return (await child.status).code;
}

function mayWrite(path: string): boolean {
  return Deno.permissions.querySync({ name: "write", path }).state ===
    "granted";
}

/**
 * The folder as a process that is started in it knows it. On Windows the real
 * path of a drive letter may be one that its shell cannot be in.
 */
function placeOf(root: string, cwd: string): string | undefined {
  try {
    const real = Deno.realPathSync(root);
    if (CWD_IS_REAL_PATH) return real;
    return real === Deno.realPathSync(cwd) ? undefined : root;
  } catch {
    // There is no such folder: reading the file will say so.
    return undefined;
  }
}

/**
 * Names services.toml by its absolute path, so that it means the same in
 * another folder.
 *
 * @param file The file, absolute.
 * @returns The words; those without `--config` find the file by themselves.
 */
export function withConfig(
  args: readonly string[],
  file: string,
): readonly string[] {
  const end = args.indexOf("--");
  const at = args.findIndex((word) => /^--config(=|$)/.test(word));
  if (at === -1 || (end !== -1 && at > end)) return args;
  const length = args[at] === "--config" ? 2 : 1;
  return args.toSpliced(at, length, `--config=${file}`);
}

/**
 * Keeps this process alive until its child has ended.
 *
 * Ctrl-C and the closing of a window reach the child by themselves, for it is
 * in the same group; passed on, the child would take them for a second one,
 * which ends it at once. SIGTERM has one receiver, so it is passed on.
 */
function outlive(child: Deno.ChildProcess): Disposable {
  const ignore = () => {};
  const passOn = () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
  };
  const listeners = INTERRUPT_SIGNALS.map((name) =>
    [name, name === "SIGTERM" ? passOn : ignore] as const
  );
  for (const [name, on] of listeners) Deno.addSignalListener(name, on);
  return {
    [Symbol.dispose]: () => {
      for (const [name, on] of listeners) Deno.removeSignalListener(name, on);
    },
  };
}
