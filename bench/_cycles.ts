/**
 * Days of a project: start, list, restart of one, stop. The works (d) to (g)
 * read them, so that each day is lived once.
 *
 * @module
 */

import { type Bench, makeProject, managersOf } from "./_bench.ts";
import { inTurn } from "./_measure.ts";
import type { Row } from "./_model.ts";
import type { BenchProject, Managed, Manager } from "./_managers/manager.ts";
import { serverOn, serversOn, untilReplaced } from "./_server.ts";
import { sweepPids, untilGone, untilUp } from "./_world.ts";

/** What is measured of a day. */
export type Step = "start" | "status" | "restart" | "stop";

/** The days of all tools, by what was measured. */
export type Cycles = ReadonlyMap<Step, readonly Row[]>;

/**
 * The least time a service of the days takes before it listens, in
 * milliseconds, and by how much more the slowest does.
 */
const DELAY = { least: 200, spread: 100 } as const;

const lived = new Map<number, Promise<Cycles>>();

/** Lives the days of a project of some size with every tool, once in a run. */
export function cycles(bench: Bench, count: number): Promise<Cycles> {
  const known = lived.get(count) ?? live(bench, count);
  lived.set(count, known);
  return known;
}

/** One tool with its project, and what its days took. */
interface Life {
  readonly manager: Manager;
  readonly project: BenchProject;
  readonly managed: Managed;
  readonly days: Map<Step, number[]>;
}

async function live(bench: Bench, count: number): Promise<Cycles> {
  const lives = managersOf(bench).map((manager): Life => {
    const project = makeProject(bench, {
      count,
      args: (index) => ["--delay", String(delayOf(index, count))],
    });
    const managed = manager.open(project);
    return { manager, project, managed, days: new Map() };
  });
  const rows = await inTurn(
    lives.map((life) => ({
      name: life.manager.name,
      measure: () => liveDay(life),
    })),
    {
      runs: bench.runs,
      limit: bench.limit,
      onRound: (round) => {
        bench.tell(`start to stop of ${count}: ${round}/${bench.runs}`);
        // The first round warmed up.
        if (round === 1) lives.forEach(({ days }) => days.clear());
      },
    },
  );
  for (const { managed } of lives) await managed.close().catch(() => {});
  const steps: readonly Step[] = ["start", "status", "restart", "stop"];
  return new Map(
    steps.map((step) => [
      step,
      rows.flatMap((row, index): Row[] => {
        const life = lives[index];
        const values = life?.days.get(step) ?? [];
        const isMissing = values.length === 0 && row.failure === undefined;
        return life && !isMissing
          ? [{ ...row, values, notes: notesOf(life) }]
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

function notesOf({ manager: { ready, stopped } }: Life): Row["notes"] & object {
  return { "proves ready": ready, "proves stopped": stopped };
}

async function liveDay(life: Life): Promise<number> {
  const { project: { services }, managed } = life;
  const ports = services.map(({ port }) => port);
  try {
    await note(life, "start", () => [managed.start(), untilUp(ports)]);
    const { status, restart } = managed;
    if (status) await note(life, "status", () => [status()]);
    const [first] = services;
    const before = first && serverOn(first.port);
    if (restart && first && before !== undefined) {
      await note(life, "restart", () => [
        restart(first.name),
        untilReplaced(first.port, before),
      ]);
    }
    const pids = serversOn(ports);
    await note(life, "stop", () => [managed.stop(), untilGone(ports, pids)]);
    return 0;
  } catch (error) {
    await managed.close().catch(() => {});
    await sweepPids(serversOn(ports));
    throw error;
  }
}

/** What the tool says and what is seen must both have come. */
async function note(
  { days }: Life,
  step: Step,
  work: () => readonly Promise<void>[],
): Promise<void> {
  const begun = performance.now();
  await Promise.all(work());
  const values = days.get(step) ?? [];
  days.set(step, [...values, performance.now() - begun]);
}
