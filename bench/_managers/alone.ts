/**
 * No tool at all: one shell starts the services at once, and each is asked to
 * end, which no tool can be faster than.
 */

import { stay } from "../_command.ts";
import { ROWS } from "../_model.ts";
import { serversOn } from "../_server.ts";
import { isAlive, until } from "../_world.ts";
import type {
  BenchProject,
  BenchService,
  Managed,
  Manager,
} from "./manager.ts";

/** The services without a tool. */
export const alone: Manager = {
  name: ROWS.alone,
  ready: "",
  stopped: "",
  restarts: false,
  open,
};

function open({ folder, services }: BenchProject): Managed {
  const file = (service: string) => `${folder}/${service}.log`;
  let shell: Deno.ChildProcess | undefined;
  const begin = (some: readonly BenchService[]) => {
    // A shell forks faster than the large program that this is.
    const lines = some.map(({ name, command }) =>
      `${command.join(" ")} >${file(name)} 2>&1 &`
    );
    shell = stay(["/bin/sh", "-c", `${lines.join("\n")}\nwait`], {
      file: "/dev/null",
    });
  };
  const end = async (some: readonly BenchService[]) => {
    const pids = serversOn(some.map(({ port }) => port));
    for (const pid of pids) Deno.kill(pid, "SIGTERM");
    await until("ended", () => !pids.some(isAlive));
  };
  return {
    start: () => {
      begin(services);
      return Promise.resolve();
    },
    stop: async () => {
      await end(services);
      await shell?.status;
    },
    restart: async (name) => {
      const some = services.filter((service) => service.name === name);
      await end(some);
      begin(some);
    },
    logs: { kind: "each", file },
    close: () => end(services),
  };
}
