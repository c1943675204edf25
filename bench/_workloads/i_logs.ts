/**
 * (i) What services write: one that writes 200 MB, and 20 that write 10 MB
 * each.
 */

import {
  type Bench,
  makeProject,
  managersOf,
  turns,
  type Workload,
} from "../_bench.ts";
import type { Contender } from "../_measure.ts";
import { ROWS, type Table } from "../_model.ts";
import type { BenchProject, Logs, Manager } from "../_managers/manager.ts";
import { serversOn } from "../_server.ts";
import { killProcesses, until, untilGone, untilUp } from "../_world.ts";

const MB = 1_000_000;
const TOTAL = 200 * MB;

/** The last line of a service that has written all. */
const LAST = "END";

/** How much of the end of a file is searched for it. */
const TAIL = 400;

/** The workload. */
export const logs: Workload = {
  letter: "i",
  title: "Log throughput",
  run: async (bench) => [
    await measure(bench, 1),
    await measure(bench, 20),
  ],
};

async function measure(bench: Bench, count: number): Promise<Table> {
  const bytes = TOTAL / count;
  const contenders = managersOf(bench).map((manager) =>
    contenderOf(bench, manager, { count, bytes })
  );
  const what = count === 1
    ? "one service that writes 200 MB"
    : `${count} services that write ${bytes / MB} MB each`;
  return {
    id: `i-${count}`,
    title: `(i) Logs of ${what}`,
    unit: "MB/s",
    moreIsBetter: true,
    base: ROWS.alone,
    columns: ["kept in"],
    text: "From the start until the last line is in the log, as fast as the " +
      "tool takes it. The start of the tool counts.",
    rows: await turns(bench, `logs of ${count}`, contenders),
  };
}

function contenderOf(
  bench: Bench,
  manager: Manager,
  { count, bytes }: { readonly count: number; readonly bytes: number },
): Contender {
  let kept = "";
  return {
    name: manager.name,
    get notes() {
      return { "kept in": kept };
    },
    measure: async () => {
      const project = makeProject(bench, {
        count,
        args: () => ["--write", String(bytes)],
      });
      const managed = manager.open(project);
      kept = keptIn(managed.logs);
      const { services, folder } = project;
      const ports = services.map(({ port }) => port);
      try {
        const begun = performance.now();
        const started = managed.start();
        await Promise.all([
          started,
          untilUp(ports).then(() => untilSupervised(managed.logs, project)),
        ]);
        const elapsed = performance.now() - begun;
        const pids = serversOn(ports);
        await Promise.all([managed.stop(), untilGone(ports, pids)]);
        return count * bytes / MB / (elapsed / 1000);
      } finally {
        await managed.close().catch(() => {});
        await killProcesses(serversOn(ports));
        await Deno.remove(folder, { recursive: true }).catch(() => {});
      }
    },
  };
}

function keptIn(place: Logs): string {
  switch (place.kind) {
    case "each":
      return "a file a service";
    case "joint":
      return "its output, to one file";
    case "taken":
      return `${place.place}; the clock ends when it has taken all`;
  }
}

async function untilSupervised(
  place: Logs,
  project: BenchProject,
): Promise<void> {
  switch (place.kind) {
    case "each":
      return await until(
        "in the logs",
        () =>
          project.services.every(({ name }) => endsWithLast(place.file(name))),
      );
    case "joint":
      return await until("in the log", () => sizeOf(place.file) >= TOTAL);
    case "taken":
  }
}

function endsWithLast(path: string): boolean {
  try {
    using file = Deno.openSync(path);
    const { size } = file.statSync();
    file.seekSync(Math.max(0, size - TAIL), Deno.SeekMode.Start);
    const bytes = new Uint8Array(TAIL);
    const read = file.readSync(bytes) ?? 0;
    return new TextDecoder().decode(bytes.subarray(0, read)).includes(LAST);
  } catch {
    return false;
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
