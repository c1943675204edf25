/**
 * The goals, how each is read from the tables, and what is to be said of one
 * that is not met.
 *
 * @module
 */

import { excess, median, ratio } from "./_measure.ts";
import { type Row, ROWS, type Table } from "./_model.ts";
import { LSOF_AND_DENO } from "./_works/b_holder.ts";

/** What became of a goal. */
export interface Verdict {
  /** It is met. */
  readonly isMet: boolean;
  /** The figures that decide. */
  readonly figures: string;
}

/** A goal. */
export interface Goal {
  /** What is to be. */
  readonly text: string;
  /** Reads the tables; `undefined` where they were not measured. */
  readonly judge: (tables: Tables) => Verdict | undefined;
  /** Why it is not met where it is not, and what was tried. */
  readonly reason?: string;
}

/** The tables, by their ids. */
export type Tables = ReadonlyMap<string, Table>;

/** All that run services and are to be slower, whatever they prove. */
const RIVALS_OF_START = [
  "pm2",
  "process-compose",
  "pitchfork",
  "concurrently + wait-on",
] as const;

const NPM_TOOLS_OF_B = ["pid-port (what fkill asks)"] as const;

/** Why goals are not met, measured by the parts; and what was tried. */
const REASONS = {
  source:
    "Of about 21 ms over the empty script, 16 go to loading some 42 modules " +
    "and two packages. Tried: one graph of modules instead of five (−2.7 ms), " +
    "files read synchronously (nothing), loading while looking (−1 ms, within " +
    "the noise). The same code in the few files of the bundle is faster.",
  bundle:
    "What is left is the first run of the command line library (5 ms) and of " +
    "the TOML parser (1 ms). Tried: one file instead of parts (3.5 ×: the " +
    "`node:` modules of the question are then loaded by every command).",
  held: "Three tools one after the other: `ss`, the table of processes, then " +
    "arguments and folders. The second needs no answer of the first where a " +
    "probe has found a port held: to ask both at once would save about 8 ms.",
  thousandFree:
    "A third is looking for 1,000 leases one by one (45 ms), where one look " +
    "into their folder tells that there is none; then 27 ms for the file, " +
    "26 ms for 2,000 probes.",
  thousandHeld:
    "1,000 health checks are asked, as `check` tells what is unhealthy.",
  start:
    "After the services listen, the proof takes two looks at sockets and " +
    "processes (about 15 ms each) around the check; before, the port is tried " +
    "at growing pauses, 40 ms late in the mean; and Deno's own start.",
  startMany:
    "Tried: one look for all who ask at the same time (before: 9.8 s and 7 s of " +
    "CPU for 100; after: 2.3 s and 0.7 s). What is left: every service runs " +
    "`cat` for its identity while it waits, and is looked at twice.",
  stop:
    "The proof needs two tables of processes, one look into all environments " +
    "(about 15 ms), one at sockets; and Deno's own start (17 ms) with the " +
    "loading of devsvc (40 ms).",
  stopMany:
    "Tried: one look for all who ask at the same time (before: 14.8 s, and 27 " +
    "not proven; after: 0.8 s). What is left: 100 signals one after the other, " +
    "each after a look at its target.",
  unproven:
    "A daemon of Go or Rust is asked in 5 ms, and those who prove nothing do " +
    "not look at the end. devsvc starts, looks, asks, looks again.",
} as const;

/** The goals, in the order of the page. */
export const GOALS: readonly Goal[] = [
  {
    text: "`check` of 3 free ports: at most 2.0 × an empty Deno script",
    judge: atMostTimes("a-3-free", ROWS.source, ROWS.empty, 2),
    reason: REASONS.source,
  },
  {
    text: "`check` of 3 free ports, bundled: at most 1.6 ×",
    judge: atMostTimes("a-3-free", ROWS.bundle, ROWS.empty, 1.6),
    reason: REASONS.bundle,
  },
  {
    text: "`check` of 3 held ports: at most 2.0 ×",
    judge: atMostTimes("a-3-held", ROWS.source, ROWS.empty, 2),
    reason: REASONS.held,
  },
  {
    text: "`check` of 3 held ports, bundled: at most 1.6 ×",
    judge: atMostTimes("a-3-held", ROWS.bundle, ROWS.empty, 1.6),
    reason: REASONS.held,
  },
  {
    text: "`check` of 1,000 free ports: at most 3 × of 3",
    judge: atMostTimesOf("a-1000-free", "a-3-free", 3),
    reason: REASONS.thousandFree,
  },
  {
    text: "`check` of 1,000 held ports: at most 3 × of 3",
    judge: atMostTimesOf("a-1000-held", "a-3-held", 3),
    reason: REASONS.thousandHeld,
  },
  {
    text: "`check` with holders named: faster than every npm tool",
    judge: fasterThan("b", ROWS.source, NPM_TOOLS_OF_B),
  },
  {
    text: "… and than `lsof` alone plus Deno's start",
    judge: fasterThan("b", ROWS.source, [LSOF_AND_DENO]),
    reason: REASONS.held,
  },
  {
    text: "Start to all ready: at most 100 ms over 3 services alone",
    judge: atMostOver("d-3", ROWS.source, 100),
    reason: REASONS.start,
  },
  {
    text: "… at most 300 ms over 100 services alone",
    judge: atMostOver("d-100", ROWS.source, 300),
    reason: REASONS.startMany,
  },
  ...[3, 20, 100].map((count): Goal => ({
    text: `Start of ${count}: ahead of pm2, process-compose, pitchfork, ` +
      "concurrently with wait-on",
    judge: fasterThan(`d-${count}`, ROWS.source, RIVALS_OF_START),
    reason: count === 100 ? REASONS.startMany : REASONS.start,
  })),
  {
    text: "Stop of 3 proven: at most 100 ms over the services' own exit",
    judge: atMostOver("e-3", ROWS.source, 100),
    reason: REASONS.stop,
  },
  {
    text: "Stop of 100 proven: at most 100 ms over their own exit",
    judge: atMostOver("e-100", ROWS.source, 100),
    reason: REASONS.stopMany,
  },
  {
    text: "Stop of 3: ahead of all that prove nothing",
    judge: fasterThanUnproven("e-3", ROWS.source),
    reason: REASONS.unproven,
  },
  {
    text: "Stop of 100: ahead of all that prove nothing",
    judge: fasterThanUnproven("e-100", ROWS.source),
    reason: REASONS.unproven,
  },
  {
    text: "Resident while 3 services run: no more than pm2",
    judge: noMoreThan("h-memory", ROWS.source, "pm2"),
  },
  {
    text: "Resident when nothing runs: nothing",
    judge: (tables) => {
      const row = rowOf(tables, "h-after", ROWS.source);
      if (!row) return undefined;
      const most = Math.max(...row.values);
      return { isMet: most === 0, figures: `${most.toFixed(1)} MiB` };
    },
  },
];

type Judge = Goal["judge"];

function rowOf(tables: Tables, id: string, name: string): Row | undefined {
  const row = tables.get(id)?.rows.find((one) => one.name === name);
  return row && row.values.length > 0 ? row : undefined;
}

function atMostTimes(
  id: string,
  name: string,
  base: string,
  limit: number,
): Judge {
  return (tables) => {
    const row = rowOf(tables, id, name);
    const baseRow = rowOf(tables, id, base);
    if (!row || !baseRow) return undefined;
    const found = ratio(row.values, baseRow.values);
    return { isMet: found <= limit, figures: `${found.toFixed(2)} ×` };
  };
}

/** Of two tables the rounds have nothing in common: their medians are compared. */
function atMostTimesOf(id: string, baseId: string, limit: number): Judge {
  return (tables) => {
    const row = rowOf(tables, id, ROWS.source);
    const baseRow = rowOf(tables, baseId, ROWS.source);
    if (!row || !baseRow) return undefined;
    const found = median(row.values) / median(baseRow.values);
    return { isMet: found <= limit, figures: `${found.toFixed(2)} ×` };
  };
}

function atMostOver(id: string, name: string, limit: number): Judge {
  return (tables) => {
    const row = rowOf(tables, id, name);
    const baseRow = rowOf(tables, id, ROWS.alone);
    if (!row || !baseRow) return undefined;
    const found = excess(row.values, baseRow.values);
    return { isMet: found <= limit, figures: `${found.toFixed(0)} ms over` };
  };
}

function fasterThan(
  id: string,
  name: string,
  others: readonly string[],
): Judge {
  return (tables) => {
    const row = rowOf(tables, id, name);
    const rows = others.flatMap((other) => rowOf(tables, id, other) ?? []);
    return row && rows.length > 0 ? compare(row, rows) : undefined;
  };
}

function fasterThanUnproven(id: string, name: string): Judge {
  return (tables) => {
    const row = rowOf(tables, id, name);
    const rows = (tables.get(id)?.rows ?? []).filter(({ notes, values }) =>
      notes?.["proves stopped"] === "no" && values.length > 0
    );
    return row && rows.length > 0 ? compare(row, rows) : undefined;
  };
}

function compare(row: Row, others: readonly Row[]): Verdict {
  const own = median(row.values);
  const ahead = others.filter(({ values }) => median(values) < own);
  const words = (one: Row) => `${one.name} ${median(one.values).toFixed(0)}`;
  const told = ahead.length > 0 ? ahead : others;
  return {
    isMet: ahead.length === 0,
    figures: `${own.toFixed(0)} ms; ` +
      `${ahead.length > 0 ? "ahead of it: " : "behind it: "}` +
      told.map(words).join(", "),
  };
}

function noMoreThan(id: string, name: string, other: string): Judge {
  return (tables) => {
    const row = rowOf(tables, id, name);
    const rival = rowOf(tables, id, other);
    if (!row || !rival) return undefined;
    const [own, theirs] = [median(row.values), median(rival.values)];
    return {
      isMet: own <= theirs,
      figures: `${own.toFixed(1)} MiB; ${other} ${theirs.toFixed(1)} MiB`,
    };
  };
}
