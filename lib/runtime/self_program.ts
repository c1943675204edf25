/** How devsvc starts itself: in another folder, or as the supervisor. */

import config from "../../deno.json" with { type: "json" };

/** The internal command that runs a supervisor. */
export const SUPERVISOR_COMMAND = "__supervisor";

/** A program and its arguments. */
export interface Program {
  /** The path of the executable, absolute. */
  readonly path: string;
  /** The arguments after it. */
  readonly args: readonly string[];
}

/**
 * Returns the flags for the permissions of deno.json. `-P` cannot be used: it ties a
 * compiled program to the folder in which it was compiled.
 *
 * Relative paths among them mean the folder in which the program is started.
 */
export function permissionFlags(): readonly string[] {
  const set = config.permissions.default;
  const { run, read, write, net, env } = set;
  const flag = (name: string, value: boolean | readonly string[]) =>
    value === true ? `--allow-${name}` : `--allow-${name}=${value}`;
  return [
    flag("run", run),
    flag("read", read),
    flag("write", write.map((path) => path.replace("./", ""))),
    flag("net", net),
    flag("env", env.allow),
    "--ignore-env",
    flag("import", set.import),
  ];
}

/**
 * Compiles all functions of a module when it is loaded. Deno caches compiled code
 * between runs, but not functions that are compiled at their first call; with this
 * flag `check` takes a fifth less time (docs/decisions/0005).
 */
export const EAGER_FLAG = "--v8-flags=--no-lazy";

/**
 * The flags that run main.ts on packages of Deno's cache, and fetch what it
 * lacks of those in run.lock: node_modules may not be there. A bundle has its
 * packages in it.
 */
function packageFlags(source: string): readonly string[] {
  if (!source.endsWith(".ts")) return [];
  const lock = `${import.meta.dirname}/../../run.lock`;
  return ["--node-modules-dir=none", `--lock=${lock}`];
}

/**
 * Returns the program that is this devsvc, compiled or not. It must be started in
 * the folder of services.toml, which is the only one that it may write to.
 */
export function selfProgram(args: readonly string[]): Program {
  const path = Deno.execPath();
  if (Deno.build.standalone) return { path, args };
  const source = Deno.mainModule;
  return {
    path,
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      EAGER_FLAG,
      ...permissionFlags(),
      ...packageFlags(source),
      source,
      ...args,
    ],
  };
}
