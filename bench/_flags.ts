/** The words behind `deno task bench`. */

/** What the run is asked for. */
export interface Flags {
  /** Only what devsvc costs beside an empty script, printed. */
  readonly isQuick: boolean;
  /** The folder of another checkout, measured beside this one. */
  readonly vs?: string;
  /** The letters of the workloads, all if none is named. */
  readonly only: readonly string[];
  /** Tools that are left out. */
  readonly without: readonly string[];
  /** How many rounds count. */
  readonly runs: number;
  /** How long one tool may take in one table, in seconds. */
  readonly limit: number;
}

/** What is said to who asked for something else. */
export const USAGE =
  "Usage: deno task bench [--only a,c] [--without pm2,mprocs] [--runs N] " +
  "[--limit SECONDS]\n       deno task bench --quick [--vs CHECKOUT] [--runs N]";

const RUNS = 10;
const QUICK_RUNS = 30;
const LIMIT = 30;

/**
 * Reads the flags.
 *
 * @returns The flags; `undefined` where they cannot be read.
 */
export function readFlags(
  args: readonly string[],
  letters: readonly string[],
): Flags | undefined {
  let flags: Flags = {
    isQuick: args.includes("--quick"),
    only: [],
    without: [],
    runs: args.includes("--quick") ? QUICK_RUNS : RUNS,
    limit: LIMIT,
  };
  const words = args.filter((word) => word !== "--quick");
  for (let at = 0; at < words.length; at += 2) {
    const value = words[at + 1] ?? "";
    const count = /^[1-9]\d*$/.test(value) ? Number(value) : undefined;
    if (words[at] === "--only") {
      const only = value.split(",");
      if (!only.every((letter) => letters.includes(letter))) return undefined;
      flags = { ...flags, only };
    } else if (words[at] === "--without" && value !== "") {
      flags = { ...flags, without: value.split(",") };
    } else if (words[at] === "--vs" && value !== "" && flags.isQuick) {
      flags = { ...flags, vs: value };
    } else if (words[at] === "--runs" && count !== undefined) {
      flags = { ...flags, runs: count };
    } else if (words[at] === "--limit" && count !== undefined) {
      flags = { ...flags, limit: count };
    } else return undefined;
  }
  return flags;
}
