/**
 * devsvc as a program that devsvc can start: itself again in another folder,
 * or its supervisor.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };

/** The hidden command that runs a supervisor. */
export const SUPERVISOR_COMMAND = "__supervisor";

/** A program and its arguments. */
export interface Program {
  /** The executable, absolute. */
  readonly path: string;
  /** Its arguments. */
  readonly args: readonly string[];
}

/**
 * The flags that give devsvc exactly the permissions of deno.json: plain ones,
 * for `-P` would tie a compiled program to the folder it was compiled in.
 *
 * Relative paths among them mean the folder that the program is started in.
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
 * Compiles all functions of a module when it is loaded, not each at its first
 * call: Deno keeps compiled code between runs, but only what is compiled by
 * then, so whatever is left for later is compiled in every run. `check` takes a
 * fifth less time by it (docs/decisions/0005).
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
 * The way to start devsvc once more, compiled or not; it must be started in
 * the folder of services.toml, where it may write.
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
