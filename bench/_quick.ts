/**
 * The quick mode: what devsvc costs beside an empty script, and beside another
 * checkout of it, in some minutes.
 */

import {
  makeProject,
  plainServers,
  type TestProject,
} from "../tests/kit/test_project.ts";
import { timed } from "./_command.ts";
import { emptyScript, sourceCommand } from "./_launcher.ts";
import { inTurn, median, ratio } from "./_measure.ts";
import { type Row, ROWS, type Table } from "./_model.ts";
import { number, renderTable } from "./_table.ts";

const COUNT = 3;

/** One devsvc, with projects of its own. */
interface Checkout {
  /** Measures a command. */
  readonly time: (
    project: keyof Projects,
    words: readonly string[],
    code?: number,
  ) => Promise<number>;
}

/** The projects that commands are measured in. */
interface Projects {
  /** Its services do not run. */
  readonly free: TestProject;
  /** Its services run. */
  readonly ready: TestProject;
  /** Its services are started and stopped. */
  readonly cycle: TestProject;
}

/** What is measured: figures by the row that they belong to. */
type Case = (checkout: Checkout) => Promise<Readonly<Record<string, number>>>;

const single = (
  name: string,
  project: keyof Projects,
  words: readonly string[],
  code: number,
): Case =>
async (checkout) => ({ [name]: await checkout.time(project, words, code) });

const CASES: readonly Case[] = [
  single(`check of ${COUNT} free ports`, "free", ["check"], 0),
  single(`check of ${COUNT} held ports`, "ready", ["check"], 1),
  single(`status --json of ${COUNT} stopped`, "free", ["status", "--json"], 1),
  single(`status --json of ${COUNT} running`, "ready", ["status", "--json"], 0),
  single(`start of ${COUNT} that run`, "ready", ["start"], 0),
  async (checkout) => ({
    [`start of ${COUNT}`]: await checkout.time("cycle", ["start"]),
    [`stop of ${COUNT}`]: await checkout.time("cycle", ["stop"]),
  }),
];

/**
 * Measures devsvc in projects of three services, stopped and running.
 *
 * @param vs The folder of another checkout, measured in the same rounds.
 * @throws {Error} Where the services do not start.
 */
export async function runQuick(runs: number, vs?: string): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const checkouts = [await openCheckout(stack)];
  if (vs !== undefined) {
    checkouts.push(await openCheckout(stack, `${await Deno.realPath(vs)}/`));
  }
  const base = await Deno.makeTempDir({ prefix: "devsvc-bench-" });
  stack.defer(() => Deno.remove(base, { recursive: true }));
  const empty = emptyScript(base);
  const rows = await measureCases(checkouts, empty, runs);
  const table: Table = {
    id: "quick",
    title: "Quick",
    unit: "ms",
    base: ROWS.empty,
    ...(vs === undefined ? {} : { columns: Object.values(VS) }),
    text: "",
    rows,
  };
  return `${runs} rounds, ${navigator.hardwareConcurrency} cores, ` +
    `${Deno.build.os} ${Deno.osRelease()}, Deno ${Deno.version.deno}\n\n` +
    renderTable(table);
}

/** The columns of the other checkout. */
const VS = {
  median: "--vs, median ms",
  ratio: "--vs, ratio",
  compared: "beside --vs",
} as const;

async function openCheckout(
  stack: AsyncDisposableStack,
  folder?: string,
): Promise<Checkout> {
  const command = sourceCommand(folder);
  const make = () => stack.use(makeProject(COUNT, plainServers));
  const projects: Projects = { free: make(), ready: make(), cycle: make() };
  const time: Checkout["time"] = (project, words, code = 0) =>
    timed([...command, ...words], {
      cwd: projects[project].root,
      codes: [code],
    });
  // By the devsvc that started them: another one may know other files.
  for (const project of ["ready", "cycle"] as const) {
    stack.defer(async () => {
      await time(project, ["stop"]);
    });
  }
  await time("ready", ["start"]);
  return { time };
}

/** Measures each case with all checkouts, which take turns in beginning. */
async function measureCases(
  checkouts: readonly Checkout[],
  empty: readonly string[],
  runs: number,
): Promise<readonly Row[]> {
  const figures = checkouts.map(() => new Map<string, number[]>());
  const contenders = CASES.map((measure) => {
    let round = 0;
    const measureAll = async () => {
      const order = [...checkouts.entries()];
      if (round % 2 === 1) order.reverse();
      for (const [index, checkout] of order) {
        for (const [name, value] of Object.entries(await measure(checkout))) {
          const values = figures[index]?.get(name) ?? [];
          // The first round warms up.
          figures[index]?.set(name, round === 0 ? [] : [...values, value]);
        }
      }
      round++;
      return 0;
    };
    return { name: "", measure: measureAll };
  });
  const [emptyRow, ...others] = await inTurn(
    [{ name: ROWS.empty, measure: () => timed(empty) }, ...contenders],
    { runs, limit: Infinity },
  );
  const failure = others.find((row) => row.failure !== undefined)?.failure;
  if (failure !== undefined) throw new Error(failure);
  const [own, vs] = figures;
  return [
    ...(emptyRow ? [emptyRow] : []),
    ...[...own ?? []].map(([name, values]): Row => ({
      name,
      values,
      notes: vsNotes(values, vs?.get(name), emptyRow?.values ?? []),
    })),
  ];
}

function vsNotes(
  values: readonly number[],
  vs: readonly number[] | undefined,
  empty: readonly number[],
): Readonly<Record<string, string>> {
  return vs
    ? {
      [VS.median]: number(median(vs)),
      [VS.ratio]: `${ratio(vs, empty).toFixed(2)} ×`,
      [VS.compared]: `${ratio(values, vs).toFixed(2)} ×`,
    }
    : {};
}
