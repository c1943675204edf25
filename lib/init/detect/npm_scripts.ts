/** Finds what the scripts of `package.json` start besides Vite and Next.js. */

import type { Candidate } from "./candidate.ts";
import { candidateOf, parseLine } from "./_line.ts";
import {
  packageManagerOf,
  packages,
  scriptEvidence,
  scriptsOf,
} from "./_node.ts";
import { type ParsedCommand, parseScriptOf } from "./_program.ts";
import type { Tree } from "./folder_tree.ts";
import { bare, programName, splitWords } from "./_words.ts";

/** Scripts for development, the likeliest first. */
const SCRIPTS = ["dev", "start:dev", "develop", "serve", "start"];

/**
 * Finds the services that scripts start: one a `package.json`, or all that a
 * script such as `concurrently` starts.
 */
export function npmScripts(tree: Tree): readonly Candidate[] {
  return packages(tree).flatMap((folder) => {
    const scripts = scriptsOf(tree, folder);
    for (const name of SCRIPTS) {
      if (!scripts.has(name)) continue;
      const parsed = parseScriptOf(tree, folder, name);
      if (parsed.kind === "builder") continue;
      return parsed.kind === "orchestrator"
        ? startedBy(tree, folder, name)
        : toCandidate(tree, folder, name, parsed);
    }
    return [];
  });
}

function toCandidate(
  tree: Tree,
  folder: string,
  name: string,
  parsed: ParsedCommand,
): readonly Candidate[] {
  const evidence = scriptEvidence(tree, folder, name);
  return [{ ...candidateOf(parsed, evidence), exact: false }];
}

/** `concurrently "npm:dev:*" "cd api && npm start"`, `run-p dev:*`. */
function startedBy(
  tree: Tree,
  folder: string,
  script: string,
): readonly Candidate[] {
  const scripts = scriptsOf(tree, folder);
  const words = splitWords(scripts.get(script) ?? "");
  const program = programName(words[0] ?? "");
  const evidence = scriptEvidence(tree, folder, script);
  const manager = packageManagerOf(tree, folder);
  const lines = words.slice(1).map((word) => bare(unescape(word)))
    .filter((word) => !word.startsWith("-"))
    .flatMap((word) => {
      const named = /^(?:npm|pnpm|yarn|bun):(.+)$/.exec(word)?.[1] ??
        (/^(?:run-[ps]|npm-run-all2?)$/.test(program) ? word : undefined);
      return named === undefined ? [word] : matching(named, [...scripts.keys()])
        .map((name) => `${manager} run ${name}`);
    });
  return lines.filter((line) => /\s/.test(line)).flatMap((text) => {
    const line = { cwd: folder, text, evidence, separator: ";" } as const;
    const parsed = parseLine(tree, line);
    const isService = parsed && parsed.kind !== "builder" &&
      parsed.kind !== "orchestrator";
    return isService ? [candidateOf(parsed, evidence)] : [];
  });
}

/** Quotes in JSON are often escaped a second time, for `cmd`. */
function unescape(word: string): string {
  return word.replaceAll('\\"', '"');
}

function matching(
  pattern: string,
  names: readonly string[],
): readonly string[] {
  const parts = pattern.split(/\*+/).map(RegExp.escape);
  const whole = new RegExp(`^${parts.join(".+")}$`);
  return names.filter((name) => whole.test(name));
}
