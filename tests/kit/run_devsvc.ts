/**
 * Runs devsvc as its users do: as a program, found by `DEVSVC_BIN` or else
 * from its source.
 */

import { permissionFlags } from "../../lib/runtime/self_program.ts";
import { COVERED, IS_COVERED_FILE } from "./coverage.ts";
import { fromFileUrl } from "./paths.ts";

/** What a run of devsvc ended with. */
export interface Run {
  /** The exit code. */
  readonly code: number;
  /** What it wrote to standard output. */
  readonly stdout: string;
  /** What it wrote to standard error. */
  readonly stderr: string;
}

/** How devsvc is run. */
export interface RunOptions {
  /** The folder that it is called in. */
  readonly cwd: string;
  /** Set on top of the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Without the powers of root: it may not write what is not its own. */
  readonly powerless?: boolean;
  /** With the permissions that users give it, and no more. */
  readonly scoped?: boolean;
  /**
   * Writes coverage, as does what it starts; by default only in the end-to-end
   * tests.
   */
  readonly covered?: boolean;
}

/** What a user has set who reads English, wherever the tests run. */
export const ENGLISH = { LANG: "en_US.UTF-8", LC_ALL: "" } as const;

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));
const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));

/**
 * The words that start devsvc.
 *
 * @param options Whether it has only the permissions that users give it; an
 * executable has its own.
 */
export function devsvcCommand(
  { scoped = false }: { readonly scoped?: boolean } = {},
): readonly [string, ...string[]] {
  const binary = Deno.env.get("DEVSVC_BIN");
  if (binary) return [binary];
  const flags = scoped ? ["--no-prompt", ...permissionFlags()] : ["-A"];
  // Quiet as the tasks are: Deno would print the packages that it fetches.
  const words = ["run", "--quiet", ...flags, "--config", CONFIG, MAIN];
  return [Deno.execPath(), ...words];
}

/** What takes from root all that a common user has not (`man setpriv`). */
export const POWERLESS = [
  "setpriv",
  "--inh-caps=-all",
  "--bounding-set=-all",
] as const;

/** Whether the tests run as root, for whom file modes do not count. */
export function isRoot(): boolean {
  return Deno.build.os !== "windows" && Deno.uid() === 0;
}

/** Starts devsvc and leaves it running. */
export function spawnDevsvc(
  args: readonly string[],
  options: RunOptions,
): Deno.ChildProcess {
  const [program, ...before] = [
    ...(options.powerless && isRoot() ? POWERLESS : []),
    ...devsvcCommand(options),
  ] as const;
  return new Deno.Command(program, {
    args: [...before, ...args],
    cwd: options.cwd,
    clearEnv: true,
    env: {
      ...Deno.env.toObject(),
      ...(options.covered ?? IS_COVERED_FILE ? COVERED : {}),
      ...ENGLISH,
      NO_COLOR: "",
      ...options.env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs devsvc to its end. */
export async function runDevsvc(
  args: readonly string[],
  options: RunOptions,
): Promise<Run> {
  const output = await spawnDevsvc(args, options).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}
