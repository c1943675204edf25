/**
 * Asks Docker which container publishes a port.
 *
 * @module
 */

import type { UnidentifiedHolder } from "../core/model.ts";
import { runFirst } from "./tool.ts";

/** A Docker that is starting, or whose machine sleeps, does not answer. */
const DOCKER_DEADLINE = 2_000;

/** Docker Desktop is not in the PATH of every program on macOS. */
const DOCKER: readonly string[] = ["docker", "/usr/local/bin/docker"];

/**
 * Finds the containers that publish some ports.
 *
 * `docker ps --filter publish=` matches the port of the host
 * (https://docs.docker.com/reference/cli/docker/container/ls/#publish).
 *
 * @returns The names of the containers by port; a port of none is left out, and
 * so is every port where Docker does not answer.
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
