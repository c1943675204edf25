/** Finds what the tasks of `deno.json` start. */

import type { Candidate } from "./candidate.ts";
import { candidateOf, parseLine } from "./_line.ts";
import { findIn, lastName, readJson, toRecord } from "./_text.ts";
import { type Tree, within } from "./folder_tree.ts";

const TASKS = ["dev", "start", "serve"];

/**
 * Finds the services that tasks start, one a `deno.json`. A `package.json` in
 * the same folder takes precedence.
 */
export function denoTasks(tree: Tree): readonly Candidate[] {
  return tree.folders.flatMap((folder): readonly Candidate[] => {
    const names = tree.files(folder);
    const name = ["deno.json", "deno.jsonc"].find((one) => names.includes(one));
    if (name === undefined || names.includes("package.json")) return [];
    const file = within(folder, name) ?? name;
    const tasks = toRecord(readJson(tree, file)["tasks"]);
    const task = TASKS.find((one) => one in tasks);
    if (task === undefined) return [];
    const value = tasks[task];
    const body = typeof value === "string" ? value : toRecord(value)["command"];
    if (typeof body !== "string") return [];
    const evidence =
      findIn(tree, file, new RegExp(`"${task}"\\s*:`))?.evidence ??
        { file };
    const line = { cwd: folder, text: body, evidence, separator: ";" } as const;
    const parsed = parseLine(tree, line);
    const isService = parsed?.kind === "server" ||
      parsed?.kind === "source";
    if (!isService) return [];
    const command = `deno task ${task}`;
    const label = lastName(folder) || parsed.label;
    return [{
      ...candidateOf(parsed, evidence),
      name: label,
      label,
      // Its flags are in the task, where init cannot change them.
      cwd: folder,
      command: { posix: command, windows: command },
      exact: false,
    }];
  });
}
