/**
 * (h) What stays resident: memory, and the CPU that it takes while nothing
 * happens.
 */

import {
  type Bench,
  makeProject,
  managersOf,
  type Workload,
} from "../_bench.ts";
import type { Row, Table } from "../_model.ts";
import type { BenchProject, Managed, Manager } from "../_managers/manager.ts";
import { isServer, serversOn } from "../_server.ts";
import {
  pause,
  processesOfRun,
  readProc,
  type RunProcess,
  untilGone,
  untilUp,
} from "../_world.ts";

const COUNT = 3;

/** How long a tool is left idle before and while it is measured, in ms. */
const SETTLE = 2_000;
const WINDOW = 1_500;

const MIB = 1024;

/** The workload. */
export const resident: Workload = {
  letter: "h",
  title: "What stays resident",
  run: async (bench) => {
    const memory: Row[] = [];
    const cpu: Row[] = [];
    const after: Row[] = [];
    for (const manager of managersOf(bench).slice(1)) {
      bench.log(`resident: ${manager.name}`);
      const footprint = await measureTool(manager, bench);
      memory.push({ name: manager.name, ...footprint.memory });
      cpu.push({ name: manager.name, ...footprint.cpu });
      after.push({ name: manager.name, ...footprint.after });
    }
    const table = (part: string, rest: Omit<Table, "id">): Table => ({
      id: `h-${part}`,
      ...rest,
    });
    return [
      table("memory", {
        title: `(h) Memory of the tool while ${COUNT} services run`,
        unit: "MiB",
        columns: ["processes"],
        text:
          "The share of each process of the tool (PSS), the services left " +
          "out. Zero: nothing stays.",
        rows: memory,
      }),
      table("cpu", {
        title: `(h) CPU of the tool while ${COUNT} services are idle`,
        unit: "‰ of a core",
        text: `Time on a CPU in windows of ${WINDOW / 1000} s.`,
        rows: cpu,
      }),
      table("after", {
        title: "(h) Memory of the tool when nothing runs any more",
        unit: "MiB",
        columns: ["processes"],
        text: "After its stop of all services.",
        rows: after,
      }),
    ];
  },
};

type Figures = Omit<Row, "name">;

interface Footprint {
  readonly memory: Figures;
  readonly cpu: Figures;
  readonly after: Figures;
}

async function measureTool(manager: Manager, bench: Bench): Promise<Footprint> {
  const before = new Set(processesOfRun().map(({ pid }) => pid));
  const project = makeProject(bench, {
    count: COUNT,
    restart: manager.restarts,
  });
  const managed = manager.open(project);
  const own = () => {
    const tagged = processesOfRun().filter(({ pid, args }) =>
      !before.has(pid) && !isServer(args) && !isShellOf(args)
    );
    const known = new Set(tagged.map(({ pid }) => pid));
    const others = (managed.untagged?.() ?? []).filter((pid) =>
      !known.has(pid)
    );
    return [...tagged, ...others.map((pid) => ({ pid, args: [] }))];
  };
  try {
    return await measureRunning(project, managed, bench.runs, own);
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    const failed: Figures = { values: [], failure };
    return { memory: failed, cpu: failed, after: failed };
  } finally {
    await managed.close().catch(() => {});
  }
}

async function measureRunning(
  { services }: BenchProject,
  managed: Managed,
  runs: number,
  own: () => readonly RunProcess[],
): Promise<Footprint> {
  const ports = services.map(({ port }) => port);
  await Promise.all([managed.start(), untilUp(ports)]);
  await pause(SETTLE);
  const memory: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round < runs; round++) {
    const begun = performance.now();
    const time = cpuTime(own());
    await pause(WINDOW);
    const elapsed = performance.now() - begun;
    cpu.push(1000 * (cpuTime(own()) - time) / elapsed);
    memory.push(memoryOf(own()));
  }
  const running = namesOf(own());
  const pids = serversOn(ports);
  await Promise.all([managed.stop(), untilGone(ports, pids)]);
  await pause(SETTLE);
  const after = Array.from({ length: runs }, () => memoryOf(own()));
  return {
    memory: { values: memory, notes: { processes: running } },
    cpu: { values: cpu },
    after: { values: after, notes: { processes: namesOf(own()) } },
  };
}

/** A shell that became nothing else is part of the service, not of the tool. */
function isShellOf(args: readonly string[]): boolean {
  return /(^|\/)(ba)?sh$/.test(args[0] ?? "") &&
    args.some((word) => word.includes("/devsvc-bench/server"));
}

/** In milliseconds. */
function cpuTime(processes: readonly RunProcess[]): number {
  return processes.reduce((sum, { pid }) => {
    const tasks = tasksOf(pid).map((task) =>
      Number(readProc(pid, `task/${task}/schedstat`).split(" ")[0])
    );
    return sum + tasks.reduce((all, one) => all + one, 0) / 1e6;
  }, 0);
}

function tasksOf(pid: number): readonly string[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
  } catch {
    return [];
  }
}

/** In MiB. */
function memoryOf(processes: readonly RunProcess[]): number {
  return processes.reduce((sum, { pid }) => {
    const [, pss = "0"] =
      /^Pss:\s+(\d+)/m.exec(readProc(pid, "smaps_rollup")) ??
        [];
    return sum + Number(pss) / MIB;
  }, 0);
}

function namesOf(processes: readonly RunProcess[]): string {
  const names = processes.map(({ pid }) => readProc(pid, "comm").trim());
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) =>
    count === 1 ? name : `${count} ${name}`
  ).join(", ") || "none";
}
