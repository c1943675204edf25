/** Searches the text of files, and says where it was found. */

import { MAX_PORT, MIN_PORT } from "../../config/values.ts";
import type { Evidence, FoundPort } from "./candidate.ts";
import { type Tree, within } from "./folder_tree.ts";

/** A match and its line. */
export interface Found {
  /** The match and its groups. */
  readonly match: RegExpExecArray;
  /** Its line. */
  readonly evidence: Evidence;
}

/** Comments of Python, JavaScript and env files. */
const COMMENT = /^\s*(?:#|\/\/|\*)/;

/** Returns the line at an index of a text. */
export function evidenceAt(
  file: string,
  text: string,
  index: number,
): Evidence {
  const start = text.lastIndexOf("\n", index - 1) + 1;
  const end = text.indexOf("\n", index);
  return {
    file,
    line: text.slice(0, start).split("\n").length,
    text: text.slice(start, end === -1 ? undefined : end).trim(),
  };
}

/**
 * Finds the first match of a pattern in a file, except in its comments.
 *
 * @param pattern The pattern; its flags `g` and `m` are set here.
 */
export function findIn(
  tree: Tree,
  file: string,
  pattern: RegExp,
): Found | undefined {
  return findAll(tree, file, pattern)[0];
}

/**
 * Finds every match of a pattern in a file, except in its comments.
 *
 * @param pattern The pattern; its flags `g` and `m` are set here.
 */
export function findAll(
  tree: Tree,
  file: string,
  pattern: RegExp,
): readonly Found[] {
  const text = tree.read(file);
  if (text === undefined) return [];
  const flags = new Set([...pattern.flags, "g", "m"]);
  const every = new RegExp(pattern.source, [...flags].join(""));
  return [...text.matchAll(every)].flatMap((match): readonly Found[] => {
    const evidence = evidenceAt(file, text, match.index);
    return COMMENT.test(evidence.text ?? "") ? [] : [{ match, evidence }];
  });
}

/** Parses a port; `undefined` where it is none. */
export function toPort(text: string | undefined): number | undefined {
  const port = Number(text);
  const isPort = Number.isInteger(port) && port >= MIN_PORT && port <= MAX_PORT;
  return isPort ? port : undefined;
}

/** Finds a port in a file by patterns whose first group is its digits. */
export function portIn(
  tree: Tree,
  file: string,
  ...patterns: readonly RegExp[]
): FoundPort | undefined {
  for (const pattern of patterns) {
    const found = findIn(tree, file, pattern);
    const number = toPort(found?.match[1]);
    if (found && number !== undefined) return { number, from: found.evidence };
  }
  return undefined;
}

/**
 * Finds a port in the `.env` of a folder.
 *
 * @param names The variables to try before `PORT`.
 */
export function portInEnv(
  tree: Tree,
  folder: string,
  ...names: readonly string[]
): FoundPort | undefined {
  const file = within(folder, ".env") ?? ".env";
  const patterns = [...names, "PORT"].map((name) =>
    new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*["']?(\\d+)\\b`)
  );
  return portIn(tree, file, ...patterns);
}

/** Lists a folder and its ancestors; the last is `""`, the project's own. */
export function upwards(folder: string): readonly string[] {
  if (folder === "") return [""];
  const at = folder.lastIndexOf("/");
  return [folder, ...upwards(at === -1 ? "" : folder.slice(0, at))];
}

/** Returns the last name of a path; empty for the project's own folder. */
export function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * Reads a JSON file, which may have comments and trailing commas.
 *
 * @returns The object; an empty one where it cannot be read.
 */
export function readJson(
  tree: Tree,
  file: string,
): Readonly<Record<string, unknown>> {
  const text = tree.read(file)?.replace(/^\ufeff/, "");
  if (text === undefined) return {};
  // Strings first, so that the // of a URL begins no comment.
  const bare = text
    .replace(
      /("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|\/\*.*?\*\//gs,
      (_, string) => string ?? "",
    )
    .replace(
      /("(?:[^"\\\n]|\\.)*")|,(?=\s*[}\]])/g,
      (_, string) => string ?? "",
    );
  try {
    return toRecord(JSON.parse(bare));
  } catch {
    return {};
  }
}

/** Returns a value as an object; an empty one where it is something else. */
export function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof value === "object" && value !== null &&
    !Array.isArray(value);
  return isObject ? { ...value } : {};
}
