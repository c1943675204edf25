/**
 * The goals, how each is read from the tables, and the reason where one is not
 * met.
 */

import { excess, median, ratio } from "./_measure.ts";
import { type Row, ROWS, type Table } from "./_model.ts";
import { LSOF_AND_DENO } from "./_workloads/b_holder.ts";

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
  readonly evaluate: (tables: Tables) => Verdict | undefined;
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
    "What is over the empty script is loading: 46 modules, and a TOML parser " +
    "of 10 more that is found by the rules of npm (2 ms). Tried: one graph of " +
    "modules (−2.7 ms, but every command would load all), a lock file less " +
    "(+12 ms); what helped: docs/decisions/0005.",
  bundle:
    "What is left is Deno's own loading of 25 parts and their first run. What " +
    "helped, and what did not: docs/decisions/0005.",
  held: "Tools after Deno and devsvc are loaded: `ss` beside the table of " +
    "processes (8 ms), then arguments and folders beside the health (5 ms), " +
    "and 15 more modules to ask and to explain. Tried: loading while the tools " +
    "run, tools by setsid instead of a fork.",
  thousandFree:
    "27 ms read the file, 26 ms try 2,000 addresses. Tried: the folder of " +
    "run records read once (−45 ms).",
  thousandHeld:
    "1,000 health checks are asked, some 0.25 ms each, as `check` reports " +
    "what is unhealthy; the rest is as with 1,000 free ports.",
  start: "Before: Deno and the modules that start services (40 ms), a shell " +
    "and a run record each. After the services listen: two snapshots of sockets " +
    "and processes (8 ms each) around the check. Tried: docs/decisions/0005.",
  startMany:
    "Both cores are at their limit: a start barrier, a run record and a service " +
    "each are some 2.5 ms of devsvc and as much of the shells, and the last service is " +
    "only begun when all others are. Tried, all of it kept: setsid instead of " +
    "a fork, a lock a log, run records written at once, a later supervisor that asks " +
    "once for all, one snapshot for many (docs/decisions/0005). Left: the " +
    "identity could come from the start barrier itself.",
  stop:
    "Deno and the modules that stop services (35 ms), then five snapshots " +
    "one after the other: whose they are, the tree, each identity right before " +
    "its signal, the tree again, run ids beside sockets. None can be left out. " +
    "Tried: docs/decisions/0005.",
  stopMany:
    "Identities, signals and run records of 100 one after the other (100 ms), " +
    "snapshots of twice as many processes. Tried: one snapshot for all (before: 14.8 s, and " +
    "27 not proven); neither health nor command lines before a stop, files " +
    "at once.",
  unproven:
    "A tool that proves nothing reads no state, before or after: a signal by a daemon " +
    "that runs already takes 5 ms, and it is right where all ends at once.",
} as const;

/** The goals, in the order of the page. */
export const GOALS: readonly Goal[] = [
  {
    text: "`check` of 3 free ports: at most 2.0 × an empty Deno script",
    evaluate: atMostTimes("a-3-free", ROWS.source, ROWS.empty, 2),
    reason: REASONS.source,
  },
  {
    text: "`check` of 3 free ports, bundled: at most 1.6 ×",
    evaluate: atMostTimes("a-3-free", ROWS.bundle, ROWS.empty, 1.6),
    reason: REASONS.bundle,
  },
  {
    text: "`check` of 3 held ports: at most 2.0 ×",
    evaluate: atMostTimes("a-3-held", ROWS.source, ROWS.empty, 2),
    reason: REASONS.held,
  },
  {
    text: "`check` of 3 held ports, bundled: at most 1.6 ×",
    evaluate: atMostTimes("a-3-held", ROWS.bundle, ROWS.empty, 1.6),
    reason: REASONS.held,
  },
  {
    text: "`check` of 1,000 free ports: at most 3 × of 3",
    evaluate: atMostTimesOf("a-1000-free", "a-3-free", 3),
    reason: REASONS.thousandFree,
  },
  {
    text: "`check` of 1,000 held ports: at most 3 × of 3",
    evaluate: atMostTimesOf("a-1000-held", "a-3-held", 3),
    reason: REASONS.thousandHeld,
  },
  {
    text: "`check` with holders named: faster than every npm tool",
    evaluate: fasterThan("b", ROWS.source, NPM_TOOLS_OF_B),
  },
  {
    text: "… and than `lsof` alone plus Deno's start",
    evaluate: fasterThan("b", ROWS.source, [LSOF_AND_DENO]),
    reason: REASONS.held,
  },
  {
    text: "Start to all ready: at most 100 ms over 3 services alone",
    evaluate: atMostOver("d-3", ROWS.source, 100),
    reason: REASONS.start,
  },
  {
    text: "… at most 300 ms over 100 services alone",
    evaluate: atMostOver("d-100", ROWS.source, 300),
    reason: REASONS.startMany,
  },
  ...[3, 20, 100].map((count): Goal => ({
    text: `Start of ${count}: ahead of pm2, process-compose, pitchfork, ` +
      "concurrently with wait-on",
    evaluate: fasterThan(`d-${count}`, ROWS.source, RIVALS_OF_START),
    reason: count === 100 ? REASONS.startMany : REASONS.start,
  })),
  {
    text: "Stop of 3 proven: at most 100 ms over the services' own exit",
    evaluate: atMostOver("e-3", ROWS.source, 100),
    reason: REASONS.stop,
  },
  {
    text: "Stop of 100 proven: at most 100 ms over their own exit",
    evaluate: atMostOver("e-100", ROWS.source, 100),
    reason: REASONS.stopMany,
  },
  {
    text: "Stop of 3: ahead of all that prove nothing",
    evaluate: fasterThanUnproven("e-3", ROWS.source),
    reason: REASONS.unproven,
  },
  {
    text: "Stop of 100: ahead of all that prove nothing",
    evaluate: fasterThanUnproven("e-100", ROWS.source),
    reason: REASONS.unproven,
  },
  {
    text: "Resident while 3 services run: no more than pm2",
    evaluate: noMoreThan("h-memory", ROWS.source, "pm2"),
  },
  {
    text: "Resident when nothing runs: nothing",
    evaluate: (tables) => {
      const row = rowOf(tables, "h-after", ROWS.source);
      if (!row) return undefined;
      const most = Math.max(...row.values);
      return { isMet: most === 0, figures: `${most.toFixed(1)} MiB` };
    },
  },
];

type Evaluate = Goal["evaluate"];

function rowOf(tables: Tables, id: string, name: string): Row | undefined {
  const row = tables.get(id)?.rows.find((one) => one.name === name);
  return row && row.values.length > 0 ? row : undefined;
}

function atMostTimes(
  id: string,
  name: string,
  base: string,
  limit: number,
): Evaluate {
  return (tables) => {
    const row = rowOf(tables, id, name);
    const baseRow = rowOf(tables, id, base);
    if (!row || !baseRow) return undefined;
    const found = ratio(row.values, baseRow.values);
    return { isMet: found <= limit, figures: `${found.toFixed(2)} ×` };
  };
}

/** Of two tables the rounds have nothing in common: their medians are compared. */
function atMostTimesOf(id: string, baseId: string, limit: number): Evaluate {
  return (tables) => {
    const row = rowOf(tables, id, ROWS.source);
    const baseRow = rowOf(tables, baseId, ROWS.source);
    if (!row || !baseRow) return undefined;
    const found = median(row.values) / median(baseRow.values);
    return { isMet: found <= limit, figures: `${found.toFixed(2)} ×` };
  };
}

function atMostOver(id: string, name: string, limit: number): Evaluate {
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
): Evaluate {
  return (tables) => {
    const row = rowOf(tables, id, name);
    const rows = others.flatMap((other) => rowOf(tables, id, other) ?? []);
    return row && rows.length > 0 ? compare(row, rows) : undefined;
  };
}

function fasterThanUnproven(id: string, name: string): Evaluate {
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
  const named = ahead.length > 0 ? ahead : others;
  return {
    isMet: ahead.length === 0,
    figures: `${own.toFixed(0)} ms; ` +
      `${ahead.length > 0 ? "ahead of it: " : "behind it: "}` +
      named.map(words).join(", "),
  };
}

function noMoreThan(id: string, name: string, other: string): Evaluate {
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
