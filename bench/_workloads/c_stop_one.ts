/** (c) Free one held port, and prove it. */

import { type Bench, turns, type Workload } from "../_bench.ts";
import { timed } from "../_command.ts";
import type { Contender } from "../_measure.ts";
import { ROWS } from "../_model.ts";
import { servicesToml } from "../_managers/devsvc.ts";
import { hold } from "../_server.ts";
import { takePorts, untilGone } from "../_world.ts";

/** The workload. */
export const stopOne: Workload = {
  letter: "c",
  title: "Free one held port, and prove it",
  run: async (bench) => {
    const port = takePorts(1);
    const cwd = `${bench.folder}/stop-one`;
    await Deno.mkdir(cwd);
    // The words that `hold` runs: only then is it known as the service.
    const command = [bench.server, String(port), "--count", "1"] as const;
    await Deno.writeTextFile(
      `${cwd}/services.toml`,
      servicesToml({
        services: [{ name: "held", port, command }],
        restart: false,
      }),
    );
    const contenders = contendersOf(bench, cwd, port);
    return [{
      id: "c",
      title: "(c) Free one held port",
      unit: "ms",
      base: ROWS.alone,
      over: true,
      columns: ["asks first", "checks who it is", "proves it"],
      text: "A server of the project's folder, started by hand, holds the " +
        "port. The clock runs until the command has ended and nothing listens. " +
        "As devsvc did not start it, it watches for one more second whether a " +
        "supervisor brings it back.",
      rows: await turns(bench, "free one port", contenders),
    }];
  },
};

function contendersOf(
  { devsvc, server, rivals: { tools } }: Bench,
  cwd: string,
  port: number,
): readonly Contender[] {
  const freeing = (
    name: string,
    notes: readonly [asks: string, checks: string, proves: string],
    stop: (pid: number) => Promise<unknown>,
  ): Contender => ({
    name,
    notes: {
      "asks first": notes[0],
      "checks who it is": notes[1],
      "proves it": notes[2],
    },
    measure: async () => {
      await using holder = await hold(server, port, 1, cwd);
      const begun = performance.now();
      await stop(holder.pid);
      await untilGone([port], [holder.pid]);
      return performance.now() - begun;
    },
  });
  const with_ = (
    tool: string,
    args: readonly string[],
    asks: string,
  ): readonly Contender[] => {
    const path = tools.get(tool)?.path;
    if (path === undefined) return [];
    return [
      freeing(
        [tool, ...args.slice(0, -1)].join(" "),
        [asks, "no", "no"],
        () => timed([path, ...args], { cwd }),
      ),
    ];
  };
  return [
    freeing(ROWS.alone, ["", "", ""], (pid) => {
      Deno.kill(pid, "SIGTERM");
      return Promise.resolve();
    }),
    ...devsvc.map(({ name, command }) =>
      freeing(
        `${name} stop --force`,
        ["yes", "yes", "yes"],
        () => timed([...command, "stop", "--force"], { cwd }),
      )
    ),
    ...with_("kill-port", [String(port)], "no (SIGKILL)"),
    ...with_("fkill-cli", [`:${port}`], "yes"),
    ...with_("killport", [String(port)], "no (SIGKILL)"),
    ...with_("killport", ["-s", "sigterm", String(port)], "yes"),
  ];
}
