/**
 * The issues that services.toml can have, as plain data: the words for them are
 * in `lib/report/messages`.
 */

import type { WindowsHazard } from "../../core/path.ts";

/** Where in a TOML document something is: keys, and indices of arrays. */
export type ConfigPath = readonly (string | number)[];

/** What a TOML value is. */
export type TomlKind =
  | "string"
  | "integer"
  | "float"
  | "boolean"
  | "date"
  | "array"
  | "table";

/** What a key of services.toml takes. */
export type Expected =
  | "text"
  | "integer"
  | "true"
  | "table"
  | "command"
  | "names"
  | "duration"
  | "size"
  | "boolean"
  | "statuses"
  /** A value of the environment: always a string. */
  | "env"
  /** A value of a header: always a string. */
  | "header"
  /** One of a few words. */
  | "choice"
  /** A path, or a table. */
  | "http"
  /** One of three words, or a table. */
  | "restart"
  /** `false`, or a table. */
  | "live";

/** What is wrong with the TOML itself. */
export type SyntaxReason =
  | "invalid-value"
  | "missing-value"
  | "missing-equals"
  | "missing-line-end"
  | "missing-comma"
  | "unclosed-text"
  | "bad-escape"
  | "bad-key"
  | "bad-number"
  | "bad-date"
  | "control-character"
  | "duplicate"
  | "encoding"
  | "other";

/** Why a file or a folder could not be used. */
export type ReadFailure =
  | "not-found"
  | "not-permitted"
  | "is-folder"
  /** A pipe, a socket or a device. */
  | "not-file"
  | "too-large"
  | "not-folder"
  | "encoding"
  | "other";

/** What is wrong with a line of an env file. */
export type EnvLineReason =
  | "no-equals"
  | "bad-name"
  | "unclosed-quote"
  | "text-after-quote"
  | "nul";

/** Why a name can't be the name of a service. */
export type NameReason =
  | "characters"
  /** A device of Windows, such as `nul`: no file can be called so. */
  | "device"
  /** A name that JavaScript keeps for itself. */
  | "reserved"
  /** Another service differs only in case, and so would its files. */
  | "case";

/** Why a name can't be the name of a header. */
export type HeaderReason =
  | "characters"
  /** It says where the request ends, which only devsvc may. */
  | "framing"
  /** A name that JavaScript keeps for itself. */
  | "reserved";

/** Stands for a text or a number of a file that is not shown. */
export const HIDDEN_TEXT = "…";

/** A number of the file, where it is shown. */
type ShownNumber = number | typeof HIDDEN_TEXT;

/** What each kind of issue says beside its place. */
interface ConfigIssueData {
  /** The file is not TOML. */
  readonly "syntax": {
    readonly reason: SyntaxReason;
    /** What stands at the place; empty at the end of a line. */
    readonly text: string;
    /** The words of the parser, English. */
    readonly detail: string;
  };
  /** A key that services.toml does not have. */
  readonly "unknown-key": {
    readonly key: string;
    readonly allowed: readonly string[];
    readonly suggestion?: string;
  };
  /** A value of another kind than the key takes. */
  readonly "wrong-type": {
    readonly key: string;
    readonly expected: Expected;
    readonly found: TomlKind;
    /** The value as text, where it is short enough to be shown. */
    readonly value?: string;
    /** The words that the key takes, where it takes a word. */
    readonly choices?: readonly string[];
  };
  /** A key that must be there. */
  readonly "missing-key": { readonly key: string; readonly table: string };
  /** A number beyond its limits. */
  readonly "out-of-range": {
    readonly key: string;
    readonly min: number;
    readonly max: number;
    readonly found: ShownNumber;
  };
  /** A port written between quotes. */
  readonly "not-a-port-text": {
    readonly found: string;
    readonly port: ShownNumber;
  };
  /** A port that an earlier service has. */
  readonly "duplicate-port": {
    readonly port: ShownNumber;
    readonly service: string;
  };
  /** Services that wait for each other, each for the next. */
  readonly "cycle": {
    /** The first 20 at most. */
    readonly names: readonly string[];
    /** Whether there are more. */
    readonly isCut?: true;
  };
  /** A dependency on no service. */
  readonly "unknown-dependency": {
    readonly name: string;
    /** The other services; the first 20 at most are reported. */
    readonly services: readonly string[];
    /** Whether there are more. */
    readonly isCut?: true;
    readonly suggestion?: string;
  };
  /** A text of nothing but blanks, or a command of no words. */
  readonly "empty-value": { readonly key: string };
  /** A text for people with a character that is not seen, or acts on a screen. */
  readonly "hidden-character": {
    readonly key: string;
    /** As Unicode writes it: `U+202E`. */
    readonly character: string;
  };
  /** A path that Windows must not even look at. */
  readonly "windows-path": {
    readonly key: string;
    readonly found: string;
    readonly reason: WindowsHazard;
  };
  /** A `cwd` that is no folder. */
  readonly "missing-folder": {
    /** Absolute. */
    readonly folder: string;
    readonly reason: ReadFailure;
  };
  /** A file that could not be read: services.toml or an `env_file`. */
  readonly "unreadable-file": {
    /** Absolute. */
    readonly file: string;
    readonly reason: ReadFailure;
  };
  /** A line of an `env_file` that sets nothing. */
  readonly "bad-env-line": {
    /** Absolute. */
    readonly file: string;
    /** The line in the env file, from 1. */
    readonly envLine: number;
    readonly reason: EnvLineReason;
  };
  /** A name that no variable of the environment can have. */
  readonly "bad-env-name": { readonly name: string };
  /** A duration that is none. */
  readonly "bad-duration": { readonly key: string; readonly found: string };
  /** A size that is none. */
  readonly "bad-size": {
    readonly key: string;
    readonly found: string;
    readonly suggestion?: string;
  };
  /** A name that no header of a check can have. */
  readonly "bad-header-name": {
    readonly name: string;
    readonly reason: HeaderReason;
  };
  /** A value that would end the line of its header; it may be a secret. */
  readonly "bad-header-value": { readonly name: string };
  /** An `http` check that is not a path. */
  readonly "bad-http-path": {
    readonly found: string;
    readonly suggestion?: string;
  };
  /** A `log` check that is no regular expression. */
  readonly "bad-pattern": {
    readonly found: string;
    /** The words of the JavaScript engine, English. */
    readonly detail: string;
  };
  /** A `log` check that no engine can search for in a bounded time. */
  readonly "slow-pattern": {
    readonly found: string;
    /** The part of it that is refused. */
    readonly part: string;
  };
  /** A text that is not one of those that the key takes. */
  readonly "bad-choice": {
    readonly key: string;
    readonly found: string;
    readonly choices: readonly string[];
    readonly suggestion?: string;
  };
  /** A name that can't be the name of a service. */
  readonly "bad-name": {
    readonly name: string;
    readonly reason: NameReason;
    /** The service that has the name already, where only the case differs. */
    readonly other?: string;
  };
  /** An `http` or `tcp` check of a service without a port. */
  readonly "needs-port": { readonly check: "http" | "tcp" };
  /** A file without any service. */
  readonly "no-services": Readonly<Record<never, never>>;
}

/** The kinds of issues. */
export type ConfigIssueCode = keyof ConfigIssueData;

/** What is wrong, without its place. */
export type IssueDetail<C extends ConfigIssueCode = ConfigIssueCode> = {
  readonly [K in C]: ConfigIssueData[K] & { readonly code: K };
}[C];

/** An issue before its place in the text is known. */
export type UnplacedIssue = IssueDetail & {
  readonly path: ConfigPath;
  /** Whether the key or the value is wrong. */
  readonly at: "key" | "value";
  /**
   * Where a key is missing: the unknown keys beside it, one of which may be
   * what it was misspelt as, and the keys that are known there.
   */
  readonly others?: {
    readonly unknown: readonly string[];
    readonly allowed: readonly string[];
  };
};

/** Where an issue is in the text of services.toml. */
export interface ConfigPlace {
  /** From 1; 0 where the issue is about the file as a whole. */
  readonly line: number;
  /** From 1, in characters (code points); 0 where the line is 0. */
  readonly column: number;
  /**
   * The text of the line, without its end; of a line of more than 200
   * characters the part around the place.
   */
  readonly source: string;
  /** How many characters of `source` stand before the place. */
  readonly indent: number;
  /** How many characters are meant, in `source`; at least 1, or 0. */
  readonly width: number;
}

/** One issue in services.toml, distinguished by `code`. */
export type ConfigIssue<C extends ConfigIssueCode = ConfigIssueCode> = {
  readonly [K in C]:
    & ConfigPlace
    & ConfigIssueData[K]
    & { readonly code: K; readonly path: ConfigPath };
}[C];
