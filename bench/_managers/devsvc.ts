/** devsvc, from its source and from its bundle. */

import { timed } from "../_command.ts";
import type { Devsvc } from "../_launcher.ts";
import { isAlive } from "../_world.ts";
import type { BenchProject, Managed, Manager } from "./manager.ts";

/** devsvc as a manager. */
export function devsvcManager({ name, command }: Devsvc): Manager {
  return {
    name,
    ready: "HTTP, and its own tree owns the port",
    stopped: "tree gone, port free",
    restarts: true,
    open: (project) => open(project, command),
  };
}

function open(
  project: BenchProject,
  command: readonly string[],
): Managed {
  const { folder: cwd } = project;
  Deno.writeTextFileSync(`${cwd}/services.toml`, servicesToml(project));
  const devsvc = async (...words: readonly string[]) => {
    await timed([...command, ...words], { cwd });
  };
  return {
    start: () => devsvc("start"),
    stop: () => devsvc("stop"),
    restart: (service) => devsvc("restart", service),
    status: () => devsvc("status"),
    logs: {
      kind: "each",
      file: (service) => `${cwd}/.devsvc/logs/${service}.log`,
    },
    untagged: () => supervisorOf(cwd),
    close: () => Promise.resolve(),
  };
}

/** The resident process of a project, where it has one. */
function supervisorOf(folder: string): readonly number[] {
  try {
    const text = Deno.readTextFileSync(`${folder}/.devsvc/supervisor.json`);
    const { pid } = JSON.parse(text);
    return Number.isSafeInteger(pid) && isAlive(pid) ? [pid] : [];
  } catch {
    return [];
  }
}

/** Writes a project as services.toml. */
export function servicesToml(
  { services, restart }: Pick<BenchProject, "services" | "restart">,
): string {
  return services.map(({ name, port, command }) =>
    `[services.${name}]
command = ${JSON.stringify(command)}
port = ${port}
ready = { http = "/", timeout = "90s" }
${restart ? 'restart = "always"\n' : ""}`
  ).join("\n");
}
