/**
 * Measures devsvc beside other tools and writes `docs/benchmarks.md`:
 * `deno task bench`.
 *
 * With `--quick` it only prints what devsvc costs beside an empty script, and
 * with `--vs PATH` beside another checkout of devsvc. With `--only` it prints its
 * tables and writes no page. It fails on no figure.
 */

import type { Bench } from "./_bench.ts";
import { emptyScript, prepareDevsvc } from "./_launcher.ts";
import { type Flags, readFlags, USAGE } from "./_flags.ts";
import { describeMachine } from "./_host.ts";
import type { Table } from "./_model.ts";
import { renderGoals, renderPage } from "./_page.ts";
import { runQuick } from "./_quick.ts";
import { buildServer } from "./_server.ts";
import { renderSvg } from "./_svg.ts";
import { renderTable } from "./_table.ts";
import { killLeftovers } from "./_world.ts";
import { WORKLOADS } from "./_workloads/all.ts";
import { installRivals, without } from "./rivals.ts";

const PAGE = new URL("../docs/benchmarks.md", import.meta.url);
const PICTURE = new URL("../docs/benchmarks.svg", import.meta.url);

/** The tables of the picture. */
const MAIN = ["a-3-free", "b", "d-3", "d-100", "e-3", "e-100", "h-memory", "j"];

async function main(): Promise<number> {
  const letters = WORKLOADS.map(({ letter }) => letter);
  const flags = readFlags(Deno.args, letters);
  if (!flags) {
    log(`${USAGE}\n`);
    return 2;
  }
  if (flags.isQuick) {
    await print(await runQuick(flags.runs, flags.vs));
    return 0;
  }
  const folder = await Deno.makeTempDir({ prefix: "devsvc-bench-" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {
      log(`\n${signal}\n`);
      cleanUp(folder).then(() => Deno.exit(130));
    });
  }
  try {
    await measure(flags, folder);
    return 0;
  } finally {
    await cleanUp(folder);
  }
}

async function measure(flags: Flags, folder: string): Promise<void> {
  const begun = performance.now();
  const installed = await installRivals((line) => log(`${line}\n`));
  const rivals = without(installed, flags.without);
  const bench: Bench = {
    runs: flags.runs,
    limit: flags.limit * 1000,
    folder,
    rivals,
    devsvc: await prepareDevsvc(`${folder}/bundle`),
    empty: emptyScript(folder),
    server: await buildServer(),
    log: (line) => log(`\r\x1b[K${line}`),
  };
  const workloads = WORKLOADS.filter(({ letter }) =>
    flags.only.length === 0 || flags.only.includes(letter)
  );
  const tables: Table[] = [];
  for (const workload of workloads) {
    tables.push(...await workload.run(bench));
    // At once: who gives up keeps what was measured by then.
    if (flags.only.length === 0) await writePage(tables, bench, begun);
  }
  log("\r\x1b[K");
  if (flags.only.length === 0) return;
  const texts = tables.map((one) => `## ${one.title}\n\n${renderTable(one)}`);
  await print([...texts, renderGoals(tables)].join("\n"));
}

async function writePage(
  tables: readonly Table[],
  { runs, rivals }: Bench,
  begun: number,
): Promise<void> {
  const about = {
    command: ["deno task bench", ...Deno.args].join(" "),
    date: new Date().toISOString().slice(0, 10),
    seconds: (performance.now() - begun) / 1000,
    machine: describeMachine(),
    runs,
    rivals,
  };
  await Deno.writeTextFile(PAGE, renderPage(tables, about));
  const main = tables.filter(({ id }) => MAIN.includes(id));
  await Deno.writeTextFile(PICTURE, renderSvg(main));
}

/** The processes last: a workload that is aborted may start another until then. */
async function cleanUp(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  const left = await killLeftovers();
  if (left > 0) log(`${left} processes that were left behind are ended\n`);
}

function log(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

async function print(text: string): Promise<void> {
  await new Blob([text]).stream().pipeTo(Deno.stdout.writable, {
    preventClose: true,
  });
}

if (import.meta.main) Deno.exit(await main());
