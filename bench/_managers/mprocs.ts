/**
 * mprocs: a screen program, given a terminal by `script` and ended through its
 * remote control.
 */

import { timed } from "../_command.ts";
import type { Rivals } from "../rivals.ts";
import { foreground } from "./_foreground.ts";
import { type Manager, shellLine } from "./manager.ts";

/**
 * mprocs as a manager.
 *
 * @returns The manager; `undefined` where it or `script` is missing.
 */
export function mprocsManager({ tools }: Rivals): Manager | undefined {
  const tool = tools.get("mprocs");
  const script = tools.get("script");
  return tool && script && {
    name: "mprocs",
    ready: "no",
    stopped: "no",
    restarts: true,
    open: ({ folder: cwd, services, restart, ownPort }) => {
      const server = `127.0.0.1:${ownPort}`;
      const procs = Object.fromEntries(services.map((service) => [
        service.name,
        { shell: shellLine(service), autorestart: restart, stop: "SIGTERM" },
      ]));
      // JSON is YAML.
      const config = JSON.stringify({ server, procs });
      Deno.writeTextFileSync(`${cwd}/mprocs.yaml`, config);
      const logs = `${cwd}/logs`;
      const screen = foreground(
        [script.path, "-qfec", `${tool.path} --log-dir ${logs}`, "/dev/null"],
        { cwd, file: `${cwd}/screen.txt` },
      );
      const control = async (command: string) => {
        await timed([tool.path, "--server", server, "--ctl", command], { cwd });
      };
      return {
        ...screen,
        stop: () => control("{c: quit}"),
        logs: { kind: "each", file: (service) => `${logs}/${service}.log` },
      };
    },
  };
}
