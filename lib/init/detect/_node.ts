/** Reads `package.json` and the lock files. */

import type { Evidence } from "./candidate.ts";
import { evidenceAt, readJson, toRecord, upwards } from "./_text.ts";
import { type Tree, within } from "./folder_tree.ts";

/** Runs the scripts of `package.json`. */
type PackageManager = "npm" | "pnpm" | "yarn" | "bun";

const LOCKS: readonly (readonly [string, PackageManager])[] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
  ["package-lock.json", "npm"],
  ["npm-shrinkwrap.json", "npm"],
];

/**
 * Returns the package manager of a folder, by the nearest lock file or
 * `packageManager`; npm where there is neither.
 */
export function packageManagerOf(tree: Tree, folder: string): PackageManager {
  for (const one of upwards(folder)) {
    const { packageManager } = readJson(tree, packageFile(one));
    const named = LOCKS.find(([, name]) =>
      typeof packageManager === "string" &&
      packageManager.startsWith(`${name}@`)
    );
    const locked = LOCKS.find(([file]) => tree.has(within(one, file) ?? file));
    const found = named ?? locked;
    if (found) return found[1];
  }
  return "npm";
}

/** Returns the path of the `package.json` of a folder. */
export function packageFile(folder: string): string {
  return within(folder, "package.json") ?? "package.json";
}

/** Returns the scripts of a folder by their names. */
export function scriptsOf(
  tree: Tree,
  folder: string,
): ReadonlyMap<string, string> {
  const { scripts } = readJson(tree, packageFile(folder));
  return new Map(
    Object.entries(toRecord(scripts)).flatMap(([name, body]) =>
      typeof body === "string" ? [[name, body] as const] : []
    ),
  );
}

/**
 * Finds the line of a script.
 *
 * @param folder The folder of `package.json`.
 */
export function scriptEvidence(
  tree: Tree,
  folder: string,
  name: string,
): Evidence {
  const file = packageFile(folder);
  const text = tree.read(file) ?? "";
  const begin = Math.max(0, text.search(/"scripts"\s*:/));
  const at = text.indexOf(`${JSON.stringify(name)}:`, begin);
  const place = at === -1 ? text.indexOf(JSON.stringify(name), begin) : at;
  if (place === -1) return { file };
  const evidence = evidenceAt(file, text, place);
  return { ...evidence, text: evidence.text?.replace(/,$/, "") ?? "" };
}

/** Returns the dependencies of a package, those for development too. */
export function dependenciesOf(
  tree: Tree,
  folder: string,
): ReadonlySet<string> {
  const { dependencies, devDependencies } = readJson(tree, packageFile(folder));
  return new Set(
    [dependencies, devDependencies].flatMap((one) =>
      Object.keys(toRecord(one))
    ),
  );
}

/** Lists the folders that have a `package.json`, the topmost first. */
export function packages(tree: Tree): readonly string[] {
  return tree.folders.filter((folder) =>
    tree.files(folder).includes("package.json")
  );
}

/** The script of a package manager that a command runs. */
export interface ScriptCall {
  /** The package manager. */
  readonly manager: PackageManager;
  /** The script. */
  readonly script: string;
  /** The folder of `package.json`, relative to that of the command. */
  readonly folder: string;
  /** The arguments of the script. */
  readonly args: readonly string[];
}

const FOLDER_FLAGS: ReadonlySet<string> = new Set([
  ...["--prefix", "-C", "--cwd", "--dir"],
]);

/** Commands of package managers that are no scripts. */
const NO_SCRIPTS: ReadonlySet<string> = new Set([
  ...["install", "i", "ci", "add", "exec", "x", "dlx", "create", "init"],
  ...["workspace", "workspaces", "update", "remove", "config", "build"],
]);

/**
 * Parses `npm run dev`, `yarn dev`, `pnpm -C web dev` and the like.
 *
 * @param words The words of the command, without quotes.
 * @returns The script; `undefined` for any other command.
 */
export function scriptCall(words: readonly string[]): ScriptCall | undefined {
  const manager = LOCKS.find(([, name]) => name === words[0])?.[1];
  if (manager === undefined) return undefined;
  const rest: string[] = [];
  let folder = ".";
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? "";
    const [flag = "", value] = word.split("=");
    if (word === "--") {
      rest.push(...words.slice(at));
      break;
    }
    if (!FOLDER_FLAGS.has(flag)) rest.push(word);
    else folder = value ?? words[++at] ?? ".";
  }
  const [first, second] = rest;
  const isRun = first === "run" || first === "run-script";
  const script = isRun ? second : first;
  if (script === undefined || script.startsWith("-")) return undefined;
  // Without `run`, npm runs the script `start` only.
  if (!isRun && manager === "npm" && script !== "start") return undefined;
  if (!isRun && (NO_SCRIPTS.has(script) || script.includes("."))) {
    return undefined;
  }
  return { manager, script, folder, args: rest.slice(isRun ? 2 : 1) };
}

/** Adds arguments to the call of a script, as its package manager takes them. */
export function withArguments(
  call: string,
  manager: PackageManager,
  args: string,
): string {
  if (args === "") return call;
  // npm reads arguments before `--` itself; the others pass on all, `--` too.
  const isSeparated = manager !== "npm" || / -- /.test(`${call} `);
  return isSeparated ? `${call} ${args}` : `${call} -- ${args}`;
}

/** Returns the command that runs a program of `node_modules`. */
export function programCall(manager: PackageManager, program: string): string {
  const runner = {
    npm: "npx",
    pnpm: "pnpm exec",
    yarn: "yarn",
    bun: "bunx",
  }[manager];
  return `${runner} ${program}`;
}
