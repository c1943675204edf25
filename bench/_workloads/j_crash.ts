/** (j) The time until a service that was killed answers again. */

import {
  type Bench,
  makeProject,
  managersOf,
  turns,
  type Workload,
} from "../_bench.ts";
import type { Contender } from "../_measure.ts";
import type { Manager } from "../_managers/manager.ts";
import { serverOn, serversOn, untilReplaced } from "../_server.ts";
import { killProcesses, pause, untilGone, untilUp } from "../_world.ts";

/** Who dies sooner than this after its start is no crash to some tools, in ms. */
const SETTLE = 1_200;

/** The workload. */
export const crash: Workload = {
  letter: "j",
  title: "Answer after a crash",
  run: async (bench) => {
    const able = managersOf(bench).filter(({ restarts, name }) =>
      restarts || name.startsWith("devsvc")
    );
    return [{
      id: "j",
      title: "(j) A killed service answers again",
      unit: "ms",
      text:
        "`kill -9` of a service that has run for more than a second, under " +
        "the restart policy of the tool; it listens at once when it is started.",
      rows: await turns(
        bench,
        "crash",
        able.map((manager) => contenderOf(bench, manager)),
      ),
    }];
  },
};

function contenderOf(bench: Bench, manager: Manager): Contender {
  return {
    name: manager.name,
    measure: async () => {
      if (!manager.restarts) throw new Error("not yet");
      const project = makeProject(bench, { count: 1, restart: true });
      const managed = manager.open(project);
      const ports = project.services.map(({ port }) => port);
      const [port = 0] = ports;
      try {
        await Promise.all([managed.start(), untilUp(ports)]);
        await pause(SETTLE);
        const before = serverOn(port);
        if (before === undefined) throw new Error("no process of the service");
        const begun = performance.now();
        Deno.kill(before, "SIGKILL");
        await untilReplaced(port, before);
        const elapsed = performance.now() - begun;
        const pids = serversOn(ports);
        await Promise.all([managed.stop(), untilGone(ports, pids)]);
        return elapsed;
      } finally {
        await managed.close().catch(() => {});
        await killProcesses(serversOn(ports));
      }
    },
  };
}
