/**
 * The result of a command: JSON for programs, lines of text for people.
 *
 * @module
 */

import type { Diagnosis } from "../core/model.ts";
import type { Report } from "../report/json.ts";
import type { Session } from "./session.ts";

/** The result of a command. */
export interface Result extends Omit<Report, "diagnoses"> {
  /** The services at the end, or how to read them where JSON alone needs them. */
  readonly diagnoses:
    | readonly Diagnosis[]
    | (() => Promise<readonly Diagnosis[]>);
  /** The lines for people, without their newlines. */
  readonly text: () => readonly string[] | Promise<readonly string[]>;
}

/**
 * Writes the result of a command.
 *
 * @returns Its exit code.
 */
export async function reportResult(
  session: Session,
  { text, diagnoses, ...report }: Result,
): Promise<number> {
  if (session.json) {
    // Only for programs: people do not wait for it.
    const { reportJson } = await import("../report/json.ts");
    const read = typeof diagnoses === "function"
      ? await diagnoses()
      : diagnoses;
    session.context.terminal.write(reportJson({ ...report, diagnoses: read }));
  } else print(session, await text());
  return report.code;
}

/**
 * Writes lines to the screen.
 *
 * @param lines The lines, without their newlines.
 */
export function print(session: Session, lines: readonly string[]): void {
  if (lines.length > 0) session.context.terminal.write(lines.join("\n") + "\n");
}
