/**
 * Prints what devsvc costs beside an empty Deno script, in one run: the
 * commands take turns, so that a slow moment of the machine meets all alike.
 *
 * `deno task bench [ROUNDS]`; it decides nothing and never fails on a figure.
 *
 * @module
 */

import { devsvcCommand } from "../tests/helpers/devsvc.ts";
import { makeProject, plainServers } from "../tests/helpers/project.ts";

const ROUNDS = Number(Deno.args[0] ?? 30);

/** What is measured, and at most how many times the empty script it may take. */
interface Work {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly goal?: number;
}

async function timeOnce({ command, cwd }: Work): Promise<number> {
  const [program = "", ...args] = command;
  const begun = performance.now();
  await new Deno.Command(program, {
    args,
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return performance.now() - begun;
}

async function measure(
  works: readonly Work[],
): Promise<ReadonlyMap<Work, readonly number[]>> {
  const times = new Map<Work, number[]>(works.map((work) => [work, []]));
  for (const work of works) await timeOnce(work);
  for (let round = 0; round < ROUNDS; round++) {
    for (const work of works) times.get(work)?.push(await timeOnce(work));
  }
  return times;
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
}

function tell(times: ReadonlyMap<Work, readonly number[]>): string {
  const [base = []] = times.values();
  const rows = [...times].map(([{ name, goal }, values]) => {
    const ratios = values.map((value, round) => value / (base[round] ?? value));
    return [
      name,
      ...[0.5, 0, 1].map((part) => quantile(values, part).toFixed(1)),
      `${quantile(ratios, 0.5).toFixed(2)} ×`,
      goal === undefined ? "" : `at most ${goal} ×`,
    ];
  });
  const head = ["command", "median ms", "min", "max", "ratio", "goal"];
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const [program, ...args] = devsvcCommand();
await using free = makeProject(3, plainServers);
await using busy = makeProject(3, plainServers);
const { code, stderr } = await busy.run(["start"]);
if (code !== 0) throw new Error(`Cannot start the services: ${stderr}`);
Deno.writeTextFileSync(`${free.root}/empty.ts`, "");

const devsvc = (...words: readonly string[]) => [program, ...args, ...words];
const times = await measure([
  {
    name: "an empty script",
    command: [Deno.execPath(), "run", "--no-config", "empty.ts"],
    cwd: free.root,
  },
  {
    name: "check, 3 services, all free",
    command: devsvc("check"),
    cwd: free.root,
    goal: 2.5,
  },
  {
    name: "check, 3 services, all ready",
    command: devsvc("check"),
    cwd: busy.root,
  },
  {
    name: "status --json, 3 services, all free",
    command: devsvc("status", "--json"),
    cwd: free.root,
    goal: 3,
  },
  {
    name: "status --json, 3 services, all ready",
    command: devsvc("status", "--json"),
    cwd: busy.root,
    goal: 3,
  },
  {
    name: "start, 3 services, all ready already",
    command: devsvc("start"),
    cwd: busy.root,
  },
]);
const encoder = new TextEncoder();
await Deno.stdout.write(encoder.encode(
  `${ROUNDS} rounds, ${navigator.hardwareConcurrency} cores, ` +
    `${Deno.build.os} ${Deno.osRelease()}, Deno ${Deno.version.deno}\n\n` +
    `${tell(times)}\n`,
));
