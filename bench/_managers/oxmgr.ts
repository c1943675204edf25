/**
 * oxmgr: its daemon, an oxfile, and a health command as its `wait_ready` wants.
 */

import { timed } from "../_command.ts";
import type { Rivals } from "../rivals.ts";
import type { BenchProject, Managed, Manager } from "./manager.ts";

/**
 * oxmgr as a manager.
 *
 * @returns The manager; `undefined` where it is missing.
 */
export function oxmgrManager({ tools }: Rivals): Manager | undefined {
  const tool = tools.get("oxmgr");
  return tool && {
    name: "oxmgr",
    ready: "HTTP by curl",
    stopped: "no",
    restarts: true,
    open: (project) => open(project, tool.path),
  };
}

function open(project: BenchProject, path: string): Managed {
  const { folder, home, services, ownPort } = project;
  const file = (service: string) => `${folder}/${service}.log`;
  const oxfile = `${folder}/oxfile.toml`;
  Deno.writeTextFileSync(oxfile, oxfileOf(project, file));
  const env = {
    OXMGR_HOME: home,
    OXMGR_DAEMON_ADDR: `127.0.0.1:${ownPort}`,
    OXMGR_API_ADDR: `127.0.0.1:${ownPort + 1}`,
    OXMGR_LOG_MAX_SIZE_MB: "1000",
  };
  const oxmgr = async (...words: readonly string[]) => {
    await timed([path, ...words], { cwd: folder, env });
  };
  return {
    start: () => oxmgr("apply", oxfile),
    // It stops one at a time, by name.
    stop: async () => {
      for (const { name } of services) await oxmgr("stop", name);
    },
    restart: (service) => oxmgr("restart", service),
    status: () => oxmgr("list"),
    logs: { kind: "each", file },
    close: () => oxmgr("daemon", "stop"),
  };
}

function oxfileOf(
  { folder, services, restart }: BenchProject,
  file: (service: string) => string,
): string {
  const apps = services.map(({ name, port, command }) =>
    `[[apps]]
name = "${name}"
command = "${command.join(" ")}"
cwd = "${folder}"
restart_policy = "${restart ? "always" : "never"}"
crash_restart_limit = 0
health_cmd = "curl -fsS http://127.0.0.1:${port}/"
health_interval_secs = 1
health_max_failures = 90
wait_ready = true
logs = { combined = "${file(name)}" }
`
  );
  return `version = 1\n\n${apps.join("\n")}`;
}
