/**
 * pm2: an ecosystem file of native programs (`interpreter: none`). For these
 * it has no readiness (`wait_ready` wants a message of a Node program).
 */

import { timed } from "../_command.ts";
import type { Rivals } from "../rivals.ts";
import type { BenchProject, Managed, Manager } from "./manager.ts";

/**
 * pm2 as a manager.
 *
 * @returns The manager; `undefined` where it is missing.
 */
export function pm2Manager({ tools }: Rivals): Manager | undefined {
  const tool = tools.get("pm2");
  return tool && {
    name: "pm2",
    ready: "no",
    stopped: "no",
    restarts: true,
    open: (project) => open(project, tool.path),
  };
}

function open(
  { folder, home, services, restart }: BenchProject,
  path: string,
): Managed {
  const file = (service: string) => `${folder}/${service}.log`;
  const ecosystem = `${folder}/ecosystem.config.json`;
  const apps = services.map(({ name, command: [script, ...args] }) => ({
    name,
    script,
    args,
    interpreter: "none",
    autorestart: restart,
    out_file: file(name),
    error_file: file(name),
  }));
  Deno.writeTextFileSync(ecosystem, JSON.stringify({ apps }));
  const pm2 = async (...words: readonly string[]) => {
    await timed([path, ...words], { cwd: folder, env: { PM2_HOME: home } });
  };
  return {
    start: () => pm2("start", ecosystem),
    stop: () => pm2("stop", ecosystem),
    restart: (service) => pm2("restart", service),
    status: () => pm2("list"),
    logs: { kind: "each", file },
    close: () => pm2("kill"),
  };
}
