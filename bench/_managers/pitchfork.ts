/** pitchfork: one supervisor a user, an HTTP check a daemon. */

import { timed } from "../_command.ts";
import type { Rivals } from "../rivals.ts";
import {
  type BenchProject,
  type Managed,
  type Manager,
  shellLine,
} from "./manager.ts";

/**
 * pitchfork as a manager.
 *
 * @returns The manager; `undefined` where it is missing.
 */
export function pitchforkManager({ tools }: Rivals): Manager | undefined {
  const tool = tools.get("pitchfork");
  return tool && {
    name: "pitchfork",
    ready: "HTTP",
    stopped: "process group gone",
    restarts: true,
    open: (project) => open(project, tool.path),
  };
}

function open(
  { folder, home, services, restart }: BenchProject,
  path: string,
): Managed {
  const daemons = services.map((service) =>
    `[daemons.${service.name}]
run = ${JSON.stringify(shellLine(service))}
ready_http = "http://127.0.0.1:${service.port}/"
${restart ? "retry = true\n" : ""}`
  );
  Deno.writeTextFileSync(`${folder}/pitchfork.toml`, daemons.join("\n"));
  const env = {
    HOME: home,
    XDG_STATE_HOME: `${home}/state`,
    XDG_CONFIG_HOME: `${home}/config`,
    XDG_RUNTIME_DIR: home,
  };
  const pitchfork = async (...words: readonly string[]) => {
    await timed([path, ...words], { cwd: folder, env });
  };
  return {
    start: () => pitchfork("start", "--all"),
    stop: () => pitchfork("stop", "--all"),
    restart: (service) => pitchfork("restart", service),
    status: () => pitchfork("list"),
    logs: { kind: "taken", place: "SQLite" },
    close: () => pitchfork("supervisor", "stop"),
  };
}
