/**
 * No tool at all: the services are started at once and asked to end, which is
 * what nobody can be faster than.
 *
 * @module
 */

import { stay } from "../_command.ts";
import { ROWS } from "../_model.ts";
import type { BenchProject, Managed, Manager } from "./manager.ts";

/** The services without a tool. */
export const alone: Manager = {
  name: ROWS.alone,
  ready: "",
  stopped: "",
  restarts: false,
  open,
};

function open({ folder, services }: BenchProject): Managed {
  const children = new Map<string, Deno.ChildProcess>();
  const file = (service: string) => `${folder}/${service}.log`;
  const begin = (name: string) => {
    const service = services.find((one) => one.name === name);
    if (!service) return;
    children.set(name, stay(service.command, { file: file(name) }));
  };
  const end = async (name: string) => {
    const child = children.get(name);
    try {
      child?.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    await child?.status;
  };
  const stop = async () => {
    await Promise.all([...children.keys()].map(end));
  };
  return {
    start: () => {
      for (const { name } of services) begin(name);
      return Promise.resolve();
    },
    stop,
    restart: async (name) => {
      await end(name);
      begin(name);
    },
    logs: { kind: "each", file },
    close: stop,
  };
}
