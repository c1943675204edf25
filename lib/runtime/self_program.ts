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
  const { run, read, write, net, env, sys } = set;
  const flag = (name: string, value: boolean | readonly string[]) =>
    value === true ? `--allow-${name}` : `--allow-${name}=${value}`;
  return [
    flag("run", run),
    flag("read", read),
    flag("write", write.map((path) => path.replace("./", ""))),
    flag("net", net),
    flag("env", env.allow),
    "--ignore-env",
    flag("sys", sys),
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
 * Where Deno finds settings and packages. It looks at no file above the script
 * by itself: a deno.json that happens to lie there may be wrong, or change how
 * devsvc runs. A bundle needs none; main.ts takes the one of its checkout, and
 * the packages of Deno's cache, of which it fetches what run.lock names and the
 * cache lacks: node_modules may not be there.
 */
function configFlags(source: string): readonly string[] {
  if (!source.endsWith(".ts")) return ["--no-config"];
  const checkout = `${import.meta.dirname}/../..`;
  return [
    `--config=${checkout}/deno.json`,
    "--node-modules-dir=none",
    `--lock=${checkout}/run.lock`,
  ];
}

/**
 * Returns the arguments of Deno that run a script as devsvc, without a question
 * and with no more than devsvc may touch.
 *
 * @param source The bundle or main.ts, a path or a `file:` URL.
 */
export function denoArgs(source: string): readonly string[] {
  return [
    "run",
    "--quiet",
    "--no-prompt",
    EAGER_FLAG,
    ...permissionFlags(),
    ...configFlags(source),
    source,
  ];
}

/**
 * Returns the program that is this devsvc, compiled or not. It must be started in
 * the folder of services.toml, which is the only one that it may write to.
 */
export function selfProgram(args: readonly string[]): Program {
  const path = Deno.execPath();
  if (Deno.build.standalone) return { path, args };
  return { path, args: [...denoArgs(Deno.mainModule), ...args] };
}
