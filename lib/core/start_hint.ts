/**
 * Why a command ended before it was ready, as far as its exit code, its last
 * lines and the processes that it left show.
 */

import type { ProcessEntry } from "./model.ts";

/** What is known of it, for an advice. */
export type StartHint =
  /** `source` is a command of bash; the shell of the OS may be another one. */
  | { readonly kind: "source" }
  | {
    readonly kind: "not-found";
    /** The program, where its name is known. */
    readonly program?: string;
    /** Where it lies in the project, as a path from the folder of the service. */
    readonly at?: string;
  }
  /** There is no file of this path. */
  | { readonly kind: "no-file"; readonly program: string }
  /** It is a folder. */
  | { readonly kind: "folder"; readonly program: string }
  /** The file is there, but what its first line names is not. */
  | { readonly kind: "interpreter"; readonly program: string }
  | { readonly kind: "not-executable"; readonly program?: string }
  | {
    readonly kind: "background";
    /** The processes that it left. */
    readonly processes: readonly Pick<ProcessEntry, "pid" | "name">[];
    /** They hold its port, and were not ended. */
    readonly areAlive: boolean;
  }
  /** Without an error. */
  | { readonly kind: "ended" };

/** What a POSIX shell ends with where it finds no program (`man 1p sh`). */
const NOT_FOUND = 127;

/** And where it must not run the file. */
const NOT_EXECUTABLE = 126;

/** What cmd.exe ends with where it finds no program. */
const NOT_RECOGNIZED = 9009;

const SOURCE = /(?:^|[\s:])source: (?:command )?not found$/;

/** As dash, bash, zsh, env and cmd.exe write it. */
const NO_PROGRAM: readonly RegExp[] = [
  /(?:^|[\s:])([^\s:]+): (?:command )?not found$/,
  /command not found: (\S+)$/,
  /^env: [‘'"]?([^\s’'"]+)[’'"]?: No such file or directory$/,
  /^\S*sh: (?:[^:]*\d+: )?(?:exec: )?([^\s:]+)\s?: /,
  /(?:^|: )([^\s:]+): No such file or directory$/,
];

const UNKNOWN_TO_CMD = /^'([^']+)' (?:is not recognized|n'est pas reconnu)/;

const FORBIDDEN: readonly RegExp[] = [
  /(?:^|[\s:])([^\s:]+): (?:Permission denied|cannot execute|Exec format)/,
  /^\S*sh: (?:[^:]*\d+: )?(?:exec: )?([^\s:]+)\s?: /,
];

/**
 * Reads the hint of a command that failed.
 *
 * @param lines Its last lines, without control codes.
 */
export function hintOf(
  code: number,
  lines: readonly string[],
): Extract<StartHint, { program?: string }> | { kind: "source" } | undefined {
  if (code === 0) return undefined;
  if (lines.some((line) => SOURCE.test(line))) return { kind: "source" };
  if (code === NOT_FOUND) return named("not-found", lines, NO_PROGRAM);
  if (code === NOT_EXECUTABLE) return named("not-executable", lines, FORBIDDEN);
  const isUnknown = code === NOT_RECOGNIZED ||
    lines.some((line) => UNKNOWN_TO_CMD.test(line));
  return isUnknown ? named("not-found", lines, [UNKNOWN_TO_CMD]) : undefined;
}

function named<K extends "not-found" | "not-executable">(
  kind: K,
  lines: readonly string[],
  patterns: readonly RegExp[],
): { readonly kind: K; readonly program?: string } {
  for (const line of lines.toReversed()) {
    for (const pattern of patterns) {
      const program = pattern.exec(line)?.[1];
      if (program !== undefined) return { kind, program };
    }
  }
  return { kind };
}
