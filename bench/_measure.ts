/**
 * Figures taken in turn: in each round every tool has its turn, so that a slow
 * phase of the machine affects all alike.
 */

import { type Clock, systemClock } from "../lib/platform/clock.ts";

import type { Row } from "./_model.ts";

/** Something that is measured. */
export interface Contender {
  /** Its name in the table. */
  readonly name: string;
  /** What else is to be said of it, by the column. */
  readonly notes?: Readonly<Record<string, string>>;
  /** Does the work once and returns its figure. */
  readonly measure: () => Promise<number>;
}

/** How figures are taken. */
export interface Turns {
  /** How many rounds count. */
  readonly runs: number;
  /** How long one contender may take in all, in milliseconds. */
  readonly limit: number;
  /** Called with the number of each round; the first, which only warms up, is 0. */
  readonly onRound?: (round: number) => void;
  /** The time; that of this machine if absent. */
  readonly clock?: Pick<Clock, "elapsed">;
}

/** Fewer figures than these say nothing, however slow a tool is. */
const FEWEST = 3;

/**
 * Measures contenders in turn; each round begins with another one.
 *
 * A contender that fails is reported as failed and has no further turn. One that
 * has used up its time has none either: its row then has fewer figures.
 *
 * @returns One row a contender, in their order.
 */
export async function inTurn(
  contenders: readonly Contender[],
  { runs, limit, onRound, clock = systemClock }: Turns,
): Promise<readonly Row[]> {
  const states = contenders.map((contender) => ({
    contender,
    values: [] as number[],
    spent: 0,
    failure: "",
  }));
  for (let round = 0; round <= runs; round++) {
    onRound?.(round);
    for (let turn = 0; turn < states.length; turn++) {
      const state = states[(turn + round) % states.length];
      if (!state || state.failure !== "") continue;
      if (state.values.length >= FEWEST && state.spent > limit) continue;
      const begun = clock.elapsed();
      try {
        const value = await state.contender.measure();
        if (round > 0) state.values.push(value);
      } catch (error) {
        state.failure = error instanceof Error ? error.message : String(error);
      }
      state.spent += clock.elapsed() - begun;
    }
  }
  return states.map(({ contender: { name, notes }, values, failure }) => ({
    name,
    values,
    ...(notes ? { notes } : {}),
    ...(failure === "" ? {} : { failure }),
  }));
}

/**
 * The value below which a part of the values lies.
 *
 * @param values The values, at least one.
 * @returns The value, between two of them where it must be; NaN of none.
 */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * The median.
 *
 * @param values The values, at least one.
 * @returns It; NaN of none.
 */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * How many times the base a tool took: the median of the ratios round by round,
 * so that both halves of each met the same load of the machine.
 *
 * @returns The ratio; NaN where there is no common round.
 */
export function ratio(
  values: readonly number[],
  base: readonly number[],
): number {
  return median(
    values.slice(0, base.length).map((value, round) =>
      value / (base[round] ?? NaN)
    ),
  );
}

/**
 * How much more than the base a tool took: the median of the differences round
 * by round.
 *
 * @returns The difference; NaN where there is no common round.
 */
export function excess(
  values: readonly number[],
  base: readonly number[],
): number {
  return median(
    values.slice(0, base.length).map((value, round) =>
      value - (base[round] ?? NaN)
    ),
  );
}
