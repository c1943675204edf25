/**
 * A launcher of the bundle for POSIX: what an executable is to the tests where
 * none can be compiled, with the permissions that an executable has.
 *
 * As a program it writes one into a folder and prints its path:
 *
 *     DEVSVC_BIN=$(deno run -A tests/kit/launcher.ts dist/devsvc.js FOLDER)
 */

import { denoArgs } from "../../lib/runtime/self_program.ts";
import { writeProgram } from "./program.ts";

/**
 * Writes a launcher.
 *
 * @param bundle The file that `deno task bundle` writes, absolute.
 * @param folder Where the launcher goes, absolute.
 */
export function writeLauncher(bundle: string, folder: string): string {
  const words = [Deno.execPath(), ...denoArgs(bundle)]
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  const path = `${folder}/devsvc`;
  writeProgram(path, `exec ${words.join(" ")} "$@"`);
  return path;
}

if (import.meta.main) {
  const [bundle = "", folder = ""] = Deno.args.map((path) =>
    Deno.realPathSync(path)
  );
  await Deno.stdout.write(
    new TextEncoder().encode(`${writeLauncher(bundle, folder)}\n`),
  );
}
