/**
 * What identifies a service, so that two detectors find the same one, and its
 * name.
 */

import type { Commands } from "./candidate.ts";
import { dependenciesOf, packageFile } from "./_node.ts";
import type { Server } from "./_servers.ts";
import { moduleFile } from "./_python.ts";
import { lastName, readJson } from "./_text.ts";
import { type Tree, within } from "./folder_tree.ts";

/** A program and what is known about it. */
interface Subject {
  /** The folder that it runs in. */
  readonly cwd: string;
  /** Its name. */
  readonly program: string;
  /** Its arguments, without quotes. */
  readonly args: readonly string[];
  /** Its row in the table of servers, if it has one. */
  readonly server: Server | undefined;
  /** The file of the project that it runs, if any. */
  readonly source: string | undefined;
}

/** Returns what identifies a program, at least one key; see {@linkcode Candidate.keys}. */
export function keysOf(
  tree: Tree,
  subject: Subject,
  command: Commands,
): readonly string[] {
  const { cwd, program, server, source } = subject;
  const file = source ?? pythonFile(tree, subject);
  if (file !== undefined) return [`file:${file}`];
  if (server) return [`${program}:${cwd}`];
  return [`line:${cwd}:${command.posix}`];
}

/** The file of an application that a Python server runs. */
function pythonFile(
  tree: Tree,
  { cwd, program, args, server }: Subject,
): string | undefined {
  if (!server) return undefined;
  if (program === "manage.py") return within(cwd, "manage.py");
  const home = within(cwd, flagOf(args, "--app-dir") ?? ".") ?? cwd;
  if (program === "flask") {
    const app = flagOf(args, "--app") ?? flagOf(args, "-A");
    const names = app === undefined ? ["app", "wsgi"] : [app];
    return names.map((name) => moduleFile(tree, cwd, name))
      .find((file) => file !== undefined);
  }
  const module = args.find((word) =>
    /^[\w.\\/]+(?::[\w.]+)?$/.test(word) &&
    !["dev", "run"].includes(word)
  );
  if (module === undefined) return undefined;
  const isDjango = /\b[aw]sgi\b/.test(module) &&
    tree.has(within(cwd, "manage.py") ?? "");
  return isDjango ? within(cwd, "manage.py") : moduleFile(tree, home, module);
}

function flagOf(args: readonly string[], flag: string): string | undefined {
  const at = args.findIndex((word) =>
    word === flag || word.startsWith(`${flag}=`)
  );
  const word = args[at];
  if (word === undefined) return undefined;
  return word.includes("=") ? word.slice(word.indexOf("=") + 1) : args[at + 1];
}

/** Frameworks that use Vite, the more specific ones first. */
const VITE_WITH: readonly (readonly [string, string])[] = [
  ["@sveltejs/kit", "SvelteKit"],
  ["react", "React"],
  ["preact", "Preact"],
  ["vue", "Vue"],
  ["svelte", "Svelte"],
  ["solid-js", "Solid"],
];

/** Names a service. */
export function labelOf(
  tree: Tree,
  subject: Subject,
): { readonly name: string; readonly label: string } {
  const { cwd, program, server, source } = subject;
  if (server?.label === "Vite") {
    const needs = dependenciesOf(tree, cwd);
    const framework = VITE_WITH.find(([name]) => needs.has(name))?.[1];
    return framework === undefined
      ? { name: "vite", label: "Vite" }
      : { name: framework.toLowerCase(), label: `${framework} (Vite)` };
  }
  const isOtherAsgi = program === "uvicorn" &&
    !(tree.read(pythonFile(tree, subject) ?? "") ?? "FastAPI")
      .includes("FastAPI");
  if (isOtherAsgi) return { name: "uvicorn", label: "Uvicorn" };
  if (server) return { name: server.name, label: server.label };
  const { name: own } = readJson(tree, packageFile(cwd));
  const named = typeof own === "string" ? lastName(own) : "";
  const stem = source === undefined
    ? program
    : lastName(source).replace(/\.\w+$/, "");
  const isPython = source?.endsWith(".py") === true;
  const candidates = isPython ? [stem] : [lastName(cwd), named, stem];
  const name = candidates.find((one) => one !== "") ?? "app";
  return { name, label: name };
}
