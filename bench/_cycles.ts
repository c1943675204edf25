/**
 * Cycles of a project: start, list, restart of one, stop. The workloads (d) to
 * (g) read them, so that each cycle runs once.
 */

import { type Bench, makeProject, managersOf } from "./_bench.ts";
import { inTurn } from "./_measure.ts";
import type { Row } from "./_model.ts";
import type { BenchProject, Managed, Manager } from "./_managers/manager.ts";
import { serverOn, serversOn, untilReplaced } from "./_server.ts";
import { killProcesses, untilGone, untilUp } from "./_world.ts";

/** What is measured of a cycle. */
export type Step = "start" | "status" | "restart" | "stop";

/** The times of all tools, by step. */
export type Cycles = ReadonlyMap<Step, readonly Row[]>;

/**
 * The least time a service of the cycles takes before it listens, in
 * milliseconds, and by how much more the slowest does.
 */
const DELAY = { least: 200, spread: 100 } as const;

const measured = new Map<number, Promise<Cycles>>();

/** Measures the cycles of a project of some size with every tool, once in a run. */
export function cycles(bench: Bench, count: number): Promise<Cycles> {
  const known = measured.get(count) ?? measureCycles(bench, count);
  measured.set(count, known);
  return known;
}

/** One tool with its project, and what its steps took. */
interface ToolRun {
  readonly manager: Manager;
  readonly project: BenchProject;
  readonly managed: Managed;
  readonly times: Map<Step, number[]>;
}

async function measureCycles(bench: Bench, count: number): Promise<Cycles> {
  const toolRuns = managersOf(bench).map((manager): ToolRun => {
    const project = makeProject(bench, {
      count,
      args: (index) => ["--delay", String(delayOf(index, count))],
    });
    const managed = manager.open(project);
    return { manager, project, managed, times: new Map() };
  });
  const rows = await inTurn(
    toolRuns.map((toolRun) => ({
      name: toolRun.manager.name,
      measure: () => runCycle(toolRun),
    })),
    {
      runs: bench.runs,
      limit: bench.limit,
      onRound: (round) => {
        bench.log(`start to stop of ${count}: ${round}/${bench.runs}`);
        // The first round warmed up.
        if (round === 1) toolRuns.forEach(({ times }) => times.clear());
      },
    },
  );
  for (const { managed } of toolRuns) await managed.close().catch(() => {});
  const steps: readonly Step[] = ["start", "status", "restart", "stop"];
  return new Map(
    steps.map((step) => [
      step,
      rows.flatMap((row, index): Row[] => {
        const toolRun = toolRuns[index];
        const values = toolRun?.times.get(step) ?? [];
        const isMissing = values.length === 0 && row.failure === undefined;
        return toolRun && !isMissing
          ? [{ ...row, values, notes: notesOf(toolRun) }]
          : [];
      }),
    ]),
  );
}

/** From the least delay to the greatest, not in the order of the services. */
function delayOf(index: number, count: number): number {
  const place = count === 1 ? 0 : (index * 37 % count) / (count - 1);
  return Math.round(DELAY.least + place * DELAY.spread);
}

function notesOf(
  { manager: { ready, stopped } }: ToolRun,
): Row["notes"] & object {
  return { "proves ready": ready, "proves stopped": stopped };
}

async function runCycle(toolRun: ToolRun): Promise<number> {
  const { project: { services }, managed } = toolRun;
  const ports = services.map(({ port }) => port);
  try {
    await record(toolRun, "start", () => [managed.start(), untilUp(ports)]);
    const { status, restart } = managed;
    if (status) await record(toolRun, "status", () => [status()]);
    const [first] = services;
    const before = first && serverOn(first.port);
    if (restart && first && before !== undefined) {
      await record(toolRun, "restart", () => [
        restart(first.name),
        untilReplaced(first.port, before),
      ]);
    }
    const pids = serversOn(ports);
    await record(
      toolRun,
      "stop",
      () => [managed.stop(), untilGone(ports, pids)],
    );
    return 0;
  } catch (error) {
    await managed.close().catch(() => {});
    await killProcesses(serversOn(ports));
    throw error;
  }
}

/** Both must have come: what the tool reports and what is observed. */
async function record(
  { times }: ToolRun,
  step: Step,
  begin: () => readonly Promise<void>[],
): Promise<void> {
  const begun = performance.now();
  await Promise.all(begin());
  const values = times.get(step) ?? [];
  times.set(step, [...values, performance.now() - begun]);
}
