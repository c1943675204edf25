/**
 * devsvc as it is measured: run from its source, and bundled.
 *
 * @module
 */

import { EAGER_FLAG, permissionFlags } from "../lib/runtime/self_program.ts";
import { run } from "./_command.ts";
import { ROWS } from "./_model.ts";

/** One way to run devsvc. */
export interface Devsvc {
  /** Its name in the tables. */
  readonly name: string;
  /** The words before its own. */
  readonly command: readonly string[];
}

/** The flags of every run: no prompt, no message of Deno. */
const QUIET = ["run", "--quiet", "--no-prompt"] as const;

/** A bundle in parts: without the second, Deno reads the parts of all commands. */
const PARTS = ["--no-config", "--unstable-lazy-dynamic-imports"] as const;

/**
 * The command of an empty Deno script, the least that a Deno program can take.
 */
export function emptyScript(folder: string): readonly string[] {
  const script = `${folder}/empty.ts`;
  Deno.writeTextFileSync(script, "");
  return [Deno.execPath(), ...QUIET, "--no-config", script];
}

/**
 * Prepares devsvc: its source as it is, and a bundle of it.
 *
 * @throws {Error} Where it cannot be bundled.
 */
export async function prepareDevsvc(
  folder: string,
): Promise<readonly Devsvc[]> {
  const source = new URL("../main.ts", import.meta.url).pathname;
  const config = new URL("../deno.json", import.meta.url).pathname;
  const words = [
    Deno.execPath(),
    ...QUIET,
    EAGER_FLAG,
    ...permissionFlags(),
  ];
  const bundled = await run([
    ...[Deno.execPath(), "run", "-A", "--config", config],
    ...[new URL("../scripts/bundle.ts", import.meta.url).pathname, folder],
  ]);
  if (bundled.code !== 0) throw new Error(`Cannot bundle: ${bundled.stderr}`);
  return [
    { name: ROWS.source, command: [...words, source] },
    {
      name: ROWS.bundle,
      command: [...words, ...PARTS, `${folder}/devsvc.js`],
    },
  ];
}
