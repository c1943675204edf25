/** (a) Is the port free? 3 and 1,000 ports, none and all of them held. */

import { type Bench, turns, type Workload } from "../_bench.ts";
import { timed } from "../_command.ts";
import type { Contender } from "../_measure.ts";
import { ROWS, type Table } from "../_model.ts";
import { servicesToml } from "../_managers/devsvc.ts";
import { hold } from "../_server.ts";
import { takePorts } from "../_world.ts";

/** The workload. */
export const free: Workload = {
  letter: "a",
  title: "Is the port free?",
  run: async (bench) => [
    await measure(bench, 3, false),
    await measure(bench, 3, true),
    await measure(bench, 1000, false),
    await measure(bench, 1000, true),
  ],
};

const SCRIPT = new URL("../check_ports.py", import.meta.url).pathname;

async function measure(
  bench: Bench,
  count: number,
  isHeld: boolean,
): Promise<Table> {
  const first = takePorts(count);
  const state = isHeld ? "held" : "free";
  const cwd = `${bench.folder}/check-${count}-${state}`;
  await Deno.mkdir(cwd);
  const ports = Array.from({ length: count }, (_, index) => first + index);
  const services = ports.map((port, index) =>
    ({ name: `s${index + 1}`, port, command: ["true"] }) as const
  );
  await Deno.writeTextFile(
    `${cwd}/services.toml`,
    servicesToml({ services, restart: false }),
  );
  await using _holder = isHeld
    ? await hold(bench.server, first, count, "/")
    : undefined;
  const contenders = contendersOf(bench, cwd, ports, isHeld);
  return {
    id: `a-${count}-${state}`,
    title: `(a) Is the port free? ${count} ports, all ${state}`,
    unit: "ms",
    base: ROWS.empty,
    columns: ["what it says"],
    text: isHeld
      ? `One process, of another folder, listens on all ${count}.`
      : "Nothing listens on any of them.",
    rows: await turns(bench, `check of ${count}, ${state}`, contenders),
  };
}

function contendersOf(
  { empty, devsvc, rivals: { tools } }: Bench,
  cwd: string,
  ports: readonly number[],
  isHeld: boolean,
): readonly Contender[] {
  const contender = (
    name: string,
    command: readonly string[],
    says: string,
    codes: readonly number[] = [0],
  ): Contender => ({
    name,
    notes: { "what it says": says },
    measure: () => timed(command, { cwd, codes }),
  });
  const checked = [isHeld ? 1 : 0];
  const path = (name: string) => tools.get(name)?.path;
  const [python, ss, lsof] = ["python3", "ss", "lsof"].map(path);
  const words = ports.map(String);
  return [
    contender(ROWS.empty, empty, "nothing"),
    ...devsvc.map(({ name, command }) =>
      contender(
        name,
        [...command, "check"],
        "each port; IPv4 and IPv6; who holds it",
        checked,
      )
    ),
    ...(python
      ? [
        contender("an empty Python script", [python, "-c", ""], "nothing"),
        contender(
          "check_ports.py",
          [python, SCRIPT, ...words],
          "each port; only 127.0.0.1",
          checked,
        ),
      ]
      : []),
    ...(ss
      ? [contender("ss -ltn", [ss, "-ltn"], "all sockets, to be searched")]
      : []),
    ...(lsof
      ? [contender(
        "lsof -iTCP -sTCP:LISTEN",
        [lsof, "-nP", "-iTCP", "-sTCP:LISTEN"],
        "all sockets and who holds them, to be searched",
        [0, 1],
      )]
      : []),
  ];
}
