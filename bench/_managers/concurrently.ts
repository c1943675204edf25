/**
 * concurrently, with wait-on as one more of its commands, which says when all
 * ports answer.
 */

import type { Rivals } from "../rivals.ts";
import { foreground } from "./_foreground.ts";
import { type Manager, shellLine } from "./manager.ts";

/** What it prints when wait-on has ended; the quotes keep it from the command. */
const READY = "all-are-ready";

/**
 * concurrently with wait-on as a manager.
 *
 * @returns The manager; `undefined` where one of them is missing.
 */
export function concurrentlyManager({ tools }: Rivals): Manager | undefined {
  const tool = tools.get("concurrently");
  const waitOn = tools.get("wait-on");
  return tool && waitOn && {
    name: "concurrently + wait-on",
    ready: "TCP",
    stopped: "no",
    restarts: true,
    open: ({ folder, services, restart }) => {
      const file = `${folder}/output.log`;
      const ports = services.map(({ port }) => `tcp:127.0.0.1:${port}`);
      const wait = `${waitOn.path} ${ports.join(" ")} && echo all-are''-ready`;
      const tries = restart ? ["--restart-tries", "-1"] : [];
      return {
        ...foreground(
          [tool.path, ...tries, ...services.map(shellLine), wait],
          { cwd: folder, file, ready: READY },
        ),
        logs: { kind: "joint", file },
      };
    },
  };
}
