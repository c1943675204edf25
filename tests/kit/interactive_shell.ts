/** The shells that people type devsvc in, as far as this machine has them. */

import { ON_POSIX } from "./os_tags.ts";
import { devsvcCommand } from "./run_devsvc.ts";
import { writeProgram } from "./program.ts";

/**
 * Options of a test that needs a program: without it the test is ignored.
 *
 * `.ci/run` installs the shells and fails where their tests were not run.
 */
export function needs(name: string): { readonly ignore: boolean } {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const isThere = folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${name}`).isFile;
    } catch {
      return false;
    }
  });
  return { ignore: ON_POSIX.ignore || !isThere };
}

/** A folder with a `devsvc` in it, as an installation puts one on `PATH`. */
export interface Installation extends Disposable {
  /** The folder, absolute. */
  readonly folder: string;
  /** `PATH` with the folder in front. */
  readonly path: string;
}

/** Puts a `devsvc` into a folder of its own. */
export function installDevsvc(): Installation {
  const folder = Deno.makeTempDirSync({ prefix: "devsvc-bin-" });
  const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
  // The shells get a home of their own; the cache of Deno is in the usual one.
  const home = quote(Deno.env.get("HOME") ?? "");
  const words = devsvcCommand().map(quote).join(" ");
  writeProgram(`${folder}/devsvc`, `HOME=${home} exec ${words} "$@"`);
  return {
    folder,
    path: `${folder}:${Deno.env.get("PATH")}`,
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}
