/** Asks Docker which container publishes a port. */

import type { UnidentifiedHolder } from "../core/model.ts";
import { runFirst } from "./tool.ts";

/** Docker does not answer while it starts or its virtual machine sleeps. */
const DOCKER_DEADLINE = 2_000;

/** On macOS Docker Desktop is not in the PATH of every program. */
const DOCKER: readonly string[] = ["docker", "/usr/local/bin/docker"];

/**
 * Finds the containers that publish some ports.
 *
 * `docker ps --filter publish=` matches the port of the host
 * (https://docs.docker.com/reference/cli/docker/container/ls/#publish).
 *
 * @returns The names of the containers by port; none where Docker does not
 * answer.
 */
export async function findContainers(
  ports: readonly number[],
  docker: readonly string[] = DOCKER,
): Promise<ReadonlyMap<number, UnidentifiedHolder>> {
  const names = await Promise.all(ports.map(async (port) => {
    const args = [
      "ps",
      "--filter",
      `publish=${port}`,
      "--format",
      "{{.Names}}",
    ];
    const result = await runFirst(docker, args, { deadline: DOCKER_DEADLINE });
    return result.kind === "done" && result.code === 0
      ? result.stdout.trim().split(/\s+/)[0] ?? ""
      : "";
  }));
  return new Map(
    ports.flatMap((port, index) => {
      const container = names[index] ?? "";
      return container === "" ? [] : [[port, { container }] as const];
    }),
  );
}
