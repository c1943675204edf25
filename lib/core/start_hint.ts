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
    readonly program: string;
    /** Where it lies in the project, as a path from the folder of the service. */
    readonly at?: string;
  }
  /** There is no file of this path. */
  | { readonly kind: "no-file"; readonly program: string }
  /** It is a folder. */
  | { readonly kind: "folder"; readonly program: string }
  /** The file is there, but what its first line names is not. */
  | { readonly kind: "interpreter"; readonly program: string }
  | { readonly kind: "not-executable"; readonly program: string }
  /** A code of shells for this, but no line says so: programs use it, too. */
  | { readonly kind: "usual-code"; readonly code: number }
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

/** The name of a shell in its own messages; ours are named `devsvc`. */
const SH = String.raw`-?(?:\S*/)?(?:(?:a|ba|da|k|mk|z)?sh|devsvc)`;

/** A shell, or the path of a script. */
const SPEAKER = `^(?:${SH}|[^:]*/[^:]*|[^:]*\\.sh)`;

/**
 * A builtin such as `cd` speaks of what it was given, not of a program; and a
 * number of a line is none.
 */
const NO_BUILTIN = "(?!(?:cd|pushd|\\.|(?:\\p{L}+ )?\\d+)\\s?: )";

/** How a shell begins a message, in a script or not. */
const SHELL =
  `(?:${SPEAKER}: (?:line )?\\d+:|^${SH}(?:\\[\\d+\\])?:) (?:exec: )?${NO_BUILTIN}`;

/** So does a bash of another language than English. */
const LOCAL_SHELL =
  `${SPEAKER}: (?!line )\\p{L}+ \\d+: (?:exec: )?${NO_BUILTIN}`;

/** What coreutils write around a name, by language and terminal. */
const OPEN = `[‘'"«„“]?[ \\u00a0\\u202f]?`;
const CLOSE = `[ \\u00a0\\u202f]?[’'"»“”]?[ \\u00a0\\u202f]?`;

/** As dash, bash, ksh, zsh and the programs that start another write it. */
const NO_PROGRAM: readonly RegExp[] = [
  new RegExp(`${LOCAL_SHELL}(.+?)\\s?: `, "u"),
  new RegExp(
    `${SHELL}(.+?)\\s?: (?:(?:command )?not found` +
      "|commande introuvable|No such file or directory" +
      "|Aucun fichier ou dossier de ce (?:type|nom)" +
      "|cannot execute: required file not found" +
      "|.+: bad interpreter: No such file or directory)$",
    "u",
  ),
  new RegExp(
    String
      .raw`^-?(?:\S*/)?zsh:(?:\d+:)? (?:command not found|no such file or directory): (.+)$`,
  ),
  new RegExp(
    `^(?:\\S*/)?env: ${OPEN}(.+?)${CLOSE}: ` +
      "(?:No such file or directory|Aucun fichier ou dossier de ce (?:type|nom))$",
  ),
  new RegExp(
    `^\\S+: failed to (?:run command|execute) ${OPEN}(.+?)${CLOSE}: No such file or directory$`,
  ),
];

const UNKNOWN_TO_CMD = /^'([^']+)' (?:is not recognized|n'est pas reconnu)/;

const FORBIDDEN: readonly RegExp[] = [
  new RegExp(`${LOCAL_SHELL}(.+?)\\s?: `, "u"),
  new RegExp(
    `${SHELL}(.+?)\\s?: (?:Permission (?:denied|non accordée)` +
      "|cannot execute|Exec format|Is a directory|.+: bad interpreter)",
    "u",
  ),
  new RegExp(String.raw`^-?(?:\S*/)?zsh:(?:\d+:)? permission denied: (.+)$`),
  new RegExp(`^(?:\\S*/)?env: ${OPEN}(.+?)${CLOSE}: Permission `),
];

/**
 * Reads the hint of a command that failed.
 *
 * @param lines Its last lines, without control codes.
 */
export function hintOf(
  code: number,
  lines: readonly string[],
): StartHint | undefined {
  if (code === 0) return undefined;
  if (lines.some((line) => SOURCE.test(line))) return { kind: "source" };
  if (code === NOT_FOUND) {
    return named("not-found", lines, NO_PROGRAM) ??
      { kind: "usual-code", code };
  }
  if (code === NOT_EXECUTABLE) {
    return named("not-executable", lines, FORBIDDEN) ??
      { kind: "usual-code", code };
  }
  const hint = named("not-found", lines, [UNKNOWN_TO_CMD]);
  if (hint || code !== NOT_RECOGNIZED) return hint;
  return { kind: "usual-code", code };
}

function named<K extends "not-found" | "not-executable">(
  kind: K,
  lines: readonly string[],
  patterns: readonly RegExp[],
): { readonly kind: K; readonly program: string } | undefined {
  for (const line of lines.toReversed()) {
    for (const pattern of patterns) {
      const program = pattern.exec(line)?.[1];
      if (program !== undefined) return { kind, program };
    }
  }
  return undefined;
}
