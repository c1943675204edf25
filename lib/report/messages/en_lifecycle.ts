/**
 * What devsvc says of services that port mismatch, still run or are asked by a command to
 * stop, in English.
 *
 * @module
 */

import type { AskFailure, NamedProcess } from "../../core/events.ts";
import { printable } from "../format.ts";
import { nameProcesses, nameWait } from "./_names.ts";

/** The English texts. */
export const lifecycle = {
  drift: (
    port: number,
    took: readonly number[],
    holders: readonly NamedProcess[],
  ) =>
    `listens on port ${took.join(", ")}, not on its port ${port}` +
    (holders.length > 0 ? `, which belongs to ${nameProcesses(holders)}` : ""),
  driftAdvice: (took: readonly number[]) =>
    "have it fail rather than take another port (Vite: --strictPort), " +
    `or write port = ${took[0]} in services.toml`,
  held: (port: number, holders: readonly NamedProcess[]) =>
    `port ${port} belongs to ${nameProcesses(holders)}`,
  asking: (pid: number) => `its stop command runs (PID ${pid})`,
  askFailed: (failure: AskFailure) => {
    switch (failure.kind) {
      case "spawn":
        return `its stop command cannot be run: ${printable(failure.reason)}`;
      case "exited":
        return failure.signal === undefined
          ? `its stop command failed with exit code ${failure.code}`
          : `its stop command was ended by ${failure.signal}`;
      case "timeout":
        return `its stop command did not end within ${
          nameWait(failure.waited)
        }: killed`;
    }
  },
  stillRunning: (processes: readonly NamedProcess[]) =>
    `waiting for the end of ${nameProcesses(processes)}`,
};
