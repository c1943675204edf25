/**
 * process-compose: detached, its control on a socket, an HTTP probe at the
 * shortest period that it takes (one second; ten is its default).
 */

import { timed } from "../_command.ts";
import type { Rivals } from "../rivals.ts";
import {
  type BenchProject,
  type BenchService,
  type Managed,
  type Manager,
  shellLine,
} from "./manager.ts";

/**
 * process-compose as a manager.
 *
 * @returns The manager; `undefined` where it is missing.
 */
export function processComposeManager({ tools }: Rivals): Manager | undefined {
  const tool = tools.get("process-compose");
  return tool && {
    name: "process-compose",
    ready: "HTTP",
    stopped: "no",
    restarts: true,
    open: (project) => open(project, tool.path),
  };
}

function open(project: BenchProject, path: string): Managed {
  const { folder, home, services } = project;
  const file = (service: string) => `${folder}/${service}.log`;
  const config = `${folder}/process-compose.yaml`;
  const processes = Object.fromEntries(
    services.map((service) => [
      service.name,
      processOf(service, file(service.name), project.restart),
    ]),
  );
  // JSON is YAML.
  Deno.writeTextFileSync(config, JSON.stringify({ version: "0.5", processes }));
  const env = {
    HOME: home,
    PC_SOCKET_PATH: `${home}/control.sock`,
    PC_LOG_FILE: `${home}/process-compose.log`,
  };
  const compose = async (...words: readonly string[]) => {
    await timed([path, ...words, "-U"], { cwd: folder, env });
  };
  return {
    start: async () => {
      await compose("up", "-D", "-f", config);
      await compose("project", "is-ready", "--wait");
    },
    stop: () => compose("down"),
    restart: (service) => compose("process", "restart", service),
    status: () => compose("process", "list", "-o", "wide"),
    logs: { kind: "taken", place: "a file a service, its end in a buffer" },
    close: () => compose("down"),
  };
}

function processOf(
  service: BenchService,
  log: string,
  restart: boolean,
): Readonly<Record<string, unknown>> {
  return {
    command: shellLine(service),
    log_location: log,
    readiness_probe: {
      http_get: {
        host: "127.0.0.1",
        scheme: "http",
        path: "/",
        port: String(service.port),
      },
      initial_delay_seconds: 0,
      period_seconds: 1,
      failure_threshold: 90,
    },
    availability: restart
      ? { restart: "always", backoff_seconds: 1 }
      : { restart: "no" },
  };
}
