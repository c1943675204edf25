/**
 * What a regular expression of a user may cost on one line. The engine of
 * JavaScript tries all ways to match one after the other, so `(a+)+$` takes for
 * ever on 40 letters, and `a.*b` on a line of megabytes.
 */

/** How many steps one line may take, about: some milliseconds. */
const MAX_STEPS = 1_000_000;

/** How many ways to go on a place of a line may have. */
const MAX_BRANCHES = 64;

/** The most repetitions that RE2 counts (https://github.com/google/re2/wiki/Syntax). */
const MAX_COUNT = 1000;

/** What no engine does in linear time, and forms that engines read differently. */
const REFUSED = /^(?:\(\?<?[=!]|\\[1-9kcpP]|\[\^?\])/;

const QUANTIFIER = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??/;

/** An open group. */
interface Group {
  /** How many alternatives it has. */
  alternatives: number;
  /** Whether a text may match its inside in several ways. */
  isVague: boolean;
}

/**
 * Finds out how long a line may be that the engine of JavaScript searches in a
 * bounded time.
 *
 * @param source A regular expression that is valid, without its slashes.
 * @returns The length in UTF-16 units, 0 where no line is short enough; or the
 * part of the expression for which no bound can be kept on any engine.
 */
export function patternCost(
  source: string,
): { readonly longest: number } | { readonly refused: string } {
  const groups: Group[] = [{ alternatives: 1, isVague: false }];
  const top = (): Group => groups.at(-1) ?? { alternatives: 1, isVague: false };
  let branches = 1;
  let degree = 1;
  let isNested = false;
  /** Whether what a quantifier would repeat may match in several ways. */
  let isVague = false;
  const close = (): void => {
    const { alternatives, isVague: inside } = groups.pop() ?? top();
    branches *= alternatives;
    isVague = inside || alternatives > 1;
    top().isVague ||= isVague;
  };
  for (let at = 0; at < source.length;) {
    const rest = source.slice(at, at + 16);
    const [refused] = REFUSED.exec(rest) ?? [];
    if (refused !== undefined) return { refused };
    const quantifier = QUANTIFIER.exec(rest);
    if (quantifier) {
      const [text, least, isRange, most] = quantifier;
      if (Number(most || least || 0) > MAX_COUNT) return { refused: text };
      const isOptional = text.startsWith("?") || most === "1";
      isNested ||= isVague && !isOptional;
      if (isOptional) branches *= 2;
      else if (least === undefined || isRange) degree++;
      if (isOptional || least === undefined || isRange) {
        top().isVague = true;
      }
      isVague = false;
      at += text.length;
      continue;
    }
    isVague = false;
    const letter = source[at];
    if (letter === "(") groups.push({ alternatives: 1, isVague: false });
    else if (letter === ")") close();
    else if (letter === "|") top().alternatives++;
    at += letter === "\\" ? 2 : letter === "[" ? classLength(source, at) : 1;
  }
  branches *= top().alternatives;
  if (isNested) return { longest: 0 };
  // Without repetitions the time grows with the line as for any engine.
  return degree === 1 && branches <= MAX_BRANCHES
    ? { longest: Infinity }
    : { longest: Math.round((MAX_STEPS / branches) ** (1 / degree)) };
}

function classLength(source: string, from: number): number {
  let at = from + 1;
  while (at < source.length && source[at] !== "]") {
    at += source[at] === "\\" ? 2 : 1;
  }
  return at + 1 - from;
}
