/** The error of a services.toml that cannot be used. */

import type { ConfigIssue } from "./config_issue.ts";
import type { Language } from "../../core/model.ts";

/** Thrown where services.toml has issues: it carries the first of them. */
export class ConfigError extends Error {
  /** The file, absolute. */
  readonly file: string;
  /** The first issues in the order of the file; at least one. */
  readonly issues: readonly ConfigIssue[];
  /** How many issues there are in all. */
  readonly issueCount: number;
  /** The language that the file asks for, where that much can be read. */
  readonly language: Language | undefined;

  /**
   * Makes the error.
   *
   * @param file The file, absolute.
   * @param issues The first issues in the order of the file; at least one.
   * @param issueCount How many issues there are in all.
   */
  constructor(
    file: string,
    issues: readonly ConfigIssue[],
    language?: Language,
    issueCount: number = issues.length,
  ) {
    const places = issues.map((issue) =>
      `${issue.line}:${issue.column} ${issue.code}`
    );
    super(`Cannot load ${file}: ${places.join(", ")}`);
    this.name = "ConfigError";
    this.file = file;
    this.issues = issues;
    this.issueCount = issueCount;
    this.language = language;
  }
}
