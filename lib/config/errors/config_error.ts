/**
 * The error of a services.toml that cannot be used.
 *
 * @module
 */

import type { ConfigIssue } from "./config_issue.ts";
import type { Language } from "../../core/model.ts";

/** Thrown where services.toml has mistakes: it carries all of them. */
export class ConfigError extends Error {
  /** The file, absolute. */
  readonly file: string;
  /** The mistakes in the order of the file; at least one. */
  readonly issues: readonly ConfigIssue[];
  /** The language that the file asks for, where that much can be read. */
  readonly language: Language | undefined;

  /**
   * Makes the error.
   *
   * @param file The file, absolute.
   * @param issues The mistakes in the order of the file; at least one.
   */
  constructor(
    file: string,
    issues: readonly ConfigIssue[],
    language?: Language,
  ) {
    const places = issues.map((issue) =>
      `${issue.line}:${issue.column} ${issue.code}`
    );
    super(`Cannot load ${file}: ${places.join(", ")}`);
    this.name = "ConfigError";
    this.file = file;
    this.issues = issues;
    this.language = language;
  }
}
