/** Case and word separators are what people mix up without noticing. */
function fold(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, "");
}

/**
 * Counts the edits between two words: letters added, removed, replaced, or two
 * neighbours swapped (optimal string alignment).
 */
function distance(a: string, b: string): number {
  const from = Array.from(a);
  const to = Array.from(b);
  let twoAbove: readonly number[] = [];
  let above: readonly number[] = Array.from(
    { length: to.length + 1 },
    (_, index) => index,
  );
  for (const [i, letter] of from.entries()) {
    const row = [i + 1];
    for (const [j, other] of to.entries()) {
      const swapped = letter === to[j - 1] && from[i - 1] === other;
      row.push(Math.min(
        (above[j + 1] ?? 0) + 1,
        (row[j] ?? 0) + 1,
        (above[j] ?? 0) + (letter === other ? 0 : 1),
        swapped ? (twoAbove[j - 1] ?? 0) + 1 : Infinity,
      ));
    }
    twoAbove = above;
    above = row;
  }
  return above.at(-1) ?? 0;
}

/**
 * Finds the candidate that a misspelt word was probably meant to be, the first
 * of equals.
 *
 * One edit is allowed for every three letters, at least one; a beginning of at
 * least three letters counts as a last resort (`lang` for `language`).
 */
export function suggest(
  word: string,
  candidates: readonly string[],
): string | undefined {
  const folded = fold(word);
  if (folded === "") return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(folded.length / 3)) + 1;
  for (const candidate of candidates) {
    const target = fold(candidate);
    // A word of one or two letters is one edit from too many others.
    if (folded !== target && Math.min(folded.length, target.length) < 2) {
      continue;
    }
    // So many edits at least: a very long word need not be compared.
    if (Math.abs(folded.length - target.length) >= least) continue;
    const edits = distance(folded, target);
    if (edits < least) {
      best = candidate;
      least = edits;
    }
  }
  if (best !== undefined || folded.length < 3) return best;
  return candidates.find((candidate) => fold(candidate).startsWith(folded));
}
