/** (b) Who holds the ports? */

import { type Bench, turns, type Workload } from "../_bench.ts";
import { timed } from "../_command.ts";
import type { Contender } from "../_measure.ts";
import { ROWS } from "../_model.ts";
import { servicesToml } from "../_managers/devsvc.ts";
import { hold } from "../_server.ts";
import { takePorts } from "../_world.ts";

const COUNT = 3;

/** The name of the row that a goal compares with. */
export const LSOF_AND_DENO = "lsof, then an empty Deno script";

/** The workload. */
export const holder: Workload = {
  letter: "b",
  title: "Who holds it?",
  run: async (bench) => {
    const first = takePorts(COUNT);
    const ports = Array.from({ length: COUNT }, (_, index) => first + index);
    const cwd = `${bench.folder}/holder`;
    await Deno.mkdir(cwd);
    const services = ports.map((port) =>
      ({ name: `s${port}`, port, command: ["true"] }) as const
    );
    await Deno.writeTextFile(
      `${cwd}/services.toml`,
      servicesToml({ services, restart: false }),
    );
    await using stack = new AsyncDisposableStack();
    for (const port of ports) {
      stack.use(await hold(bench.server, port, 1, "/"));
    }
    return [{
      id: "b",
      title: `(b) Who holds ${COUNT} ports?`,
      unit: "ms",
      base: ROWS.empty,
      columns: ["what it says"],
      text: `${COUNT} processes of another folder hold one port each.`,
      rows: await turns(bench, "who holds it", contendersOf(bench, cwd, ports)),
    }];
  },
};

function contendersOf(
  { empty, devsvc, rivals: { tools } }: Bench,
  cwd: string,
  ports: readonly number[],
): readonly Contender[] {
  const timing = (...commands: readonly (readonly string[])[]) => async () => {
    let sum = 0;
    for (const command of commands) {
      sum += await timed(command, { cwd, codes: [0, 1] });
    }
    return sum;
  };
  const with_ = (
    name: string,
    says: string,
    make: (path: string) => readonly (readonly string[])[],
    row = name,
  ): readonly Contender[] => {
    const path = tools.get(name)?.path;
    if (path === undefined) return [];
    const notes = { "what it says": says };
    return [{ name: row, notes, measure: timing(...make(path)) }];
  };
  const words = ports.map(String);
  const lsof = (
    path: string,
  ) => [path, "-nP", ...ports.map((port) => `-iTCP:${port}`), "-sTCP:LISTEN"];
  return [
    { name: ROWS.empty, measure: timing(empty) },
    ...devsvc.map(({ name, command }) => ({
      name,
      notes: {
        "what it says":
          "pid, command line, folder, user, age, parents; whose it is",
      },
      measure: timing([...command, "check"]),
    })),
    ...with_("lsof", "pid, name, user", (path) => [lsof(path)]),
    ...with_(
      "lsof",
      "pid, name, user",
      (path) => [lsof(path), empty],
      LSOF_AND_DENO,
    ),
    ...with_("ss", "pid, name", (path) => [[path, "-ltnp"]], "ss -ltnp"),
    ...with_(
      "killport",
      "name",
      (path) => [[path, "--dry-run", ...words]],
      "killport --dry-run",
    ),
    ...with_("pid-port", "pid", (path) => [[
      "node",
      "--input-type=module",
      "-e",
      `import { portToPid } from ${JSON.stringify(`${path}/index.js`)};` +
      `console.log(await portToPid(${JSON.stringify(ports)}))`,
    ]], "pid-port (what fkill asks)"),
  ];
}
