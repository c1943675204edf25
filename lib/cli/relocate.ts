/**
 * devsvc has the permission to write only in the folder that it was started in:
 * called from another one, it runs itself again in the folder of services.toml.
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
 * @returns The exit code of that run; `undefined` where none is needed, or the
 * folder does not exist.
 */
export async function relocate(
  file: string,
  call: Call,
): Promise<number | undefined> {
  const root = dirname(file);
  if (mayWrite(stateDirOf(root).runs)) return undefined;
  const folder = startFolderOf(root, call.cwd);
  if (folder === undefined) return undefined;
  const config = join(folder, basename(file));
  const { path, args } = selfProgram(withConfig(call.args, config));
  const child = new Deno.Command(path, {
    args: [...args],
    cwd: folder,
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
 * The path of the folder as a process that is started in it sees it: POSIX
 * resolves links; Windows keeps the path as given, and `cmd` cannot be in a
 * network folder (`\\server`), which may be the real path of a drive letter.
 */
function startFolderOf(root: string, cwd: string): string | undefined {
  try {
    const real = Deno.realPathSync(root);
    if (CWD_IS_REAL_PATH) return real;
    return real === Deno.realPathSync(cwd) ? undefined : root;
  } catch {
    // There is no such folder: the error comes from reading the file.
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
 * in the same process group; forwarded, they would count as the second signal,
 * which ends it at once. SIGTERM reaches this process alone, so it is forwarded.
 */
function outlive(child: Deno.ChildProcess): Disposable {
  const ignore = () => {};
  const forward = () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
  };
  const listeners = INTERRUPT_SIGNALS.map((name) =>
    [name, name === "SIGTERM" ? forward : ignore] as const
  );
  for (const [name, on] of listeners) Deno.addSignalListener(name, on);
  return {
    [Symbol.dispose]: () => {
      for (const [name, on] of listeners) Deno.removeSignalListener(name, on);
    },
  };
}
