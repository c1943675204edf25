/**
 * A regular expression that a user searches lines for, in a time that grows only
 * with their length: the engine of JavaScript takes the short lines, and RE2 all
 * that it could take long for (docs/decisions/0011).
 */

import { patternCost } from "../../core/pattern_cost.ts";

/** Thrown where no engine can search for an expression in a bounded time. */
export class PatternError extends Error {
  /** The name of the class. */
  override name = "PatternError";
}

/** Searches lines. */
export interface LinePattern {
  /** Loads the other engine, where a line of that length needs it. */
  prepare(length: number): Promise<void>;
  /**
   * Whether a line matches.
   *
   * @param line No longer than what {@linkcode prepare} was called for.
   */
  test(line: string): boolean;
}

/**
 * Makes a pattern of a regular expression of JavaScript.
 *
 * @throws {SyntaxError} Where it is none.
 * @throws {PatternError} Where it looks around or back.
 */
export function linePattern(source: string): LinePattern {
  const fast = new RegExp(source);
  const cost = patternCost(source);
  if ("refused" in cost) throw new PatternError(cost.refused);
  const { longest } = cost;
  const isLong = (length: number) => longest === 0 || length > longest;
  let linear: { test(line: string): boolean } | undefined;
  return {
    prepare: async (length) => {
      if (linear || !isLong(length)) return;
      linear = await compileLinear(source);
    },
    test: (line) => {
      if (!isLong(line.length)) return fast.test(line);
      if (!linear) {
        throw new Error("Cannot search: the pattern is not prepared");
      }
      return linear.test(line);
    },
  };
}

async function compileLinear(
  source: string,
): Promise<{ test(line: string): boolean }> {
  const { RE2JS } = await import("re2js");
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source));
  } catch (error) {
    throw new PatternError(error instanceof Error ? error.message : source);
  }
}
