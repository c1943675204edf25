/** devsvc as it is measured: run from its source, and bundled. */

import { existsSync } from "node:fs";
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

const ROOT = new URL("../", import.meta.url).pathname;

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

function denoWords(): readonly string[] {
  return [Deno.execPath(), ...QUIET, EAGER_FLAG, ...permissionFlags()];
}

/**
 * The command of devsvc from its source, with the flags of its tasks.
 *
 * @param folder The checkout, with a slash at its end; this one if not given.
 */
export function sourceCommand(folder: string = ROOT): readonly string[] {
  return [...denoWords(), ...packageFlags(folder), `${folder}main.ts`];
}

/** A checkout without `run.lock` has its packages in node_modules. */
function packageFlags(folder: string): readonly string[] {
  const lock = `${folder}run.lock`;
  return existsSync(lock) ? ["--node-modules-dir=none", `--lock=${lock}`] : [];
}

/**
 * Prepares devsvc: its source as it is, and a bundle of it.
 *
 * @throws {Error} Where it cannot be bundled.
 */
export async function prepareDevsvc(
  folder: string,
): Promise<readonly Devsvc[]> {
  const config = `${ROOT}deno.json`;
  const bundled = await run([
    ...[Deno.execPath(), "run", "-A", "--config", config],
    ...[`${ROOT}scripts/bundle.ts`, folder],
  ]);
  if (bundled.code !== 0) throw new Error(`Cannot bundle: ${bundled.stderr}`);
  return [
    { name: ROWS.source, command: sourceCommand() },
    {
      name: ROWS.bundle,
      command: [...denoWords(), ...PARTS, `${folder}/devsvc.js`],
    },
  ];
}
