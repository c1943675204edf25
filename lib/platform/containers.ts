import type { UnidentifiedHolder } from "../core/model.ts";
import { runFirst } from "./tool.ts";

/** Docker does not answer while it starts or its virtual machine sleeps. */
const DOCKER_DEADLINE = 2_000;

/** On macOS Docker Desktop is not in the PATH of every program. */
const DOCKER: readonly string[] = ["docker", "/usr/local/bin/docker"];

/**
 * Asks Docker which containers publish some ports.
 *
 * `docker ps --filter publish=` matches the port of the host
 * (https://docs.docker.com/reference/cli/docker/container/ls/#publish).
 */
export async function findContainers(
  ports: readonly number[],
  docker: readonly string[] = DOCKER,
): Promise<ReadonlyMap<number, UnidentifiedHolder>> {
  const found = await Promise.all(ports.map(async (port) => {
    const filter = `publish=${port}`;
    const args = ["ps", "--filter", filter, "--format", "{{.Names}}"];
    const result = await runFirst(docker, args, { deadline: DOCKER_DEADLINE });
    const [container = ""] = result.kind === "done" && result.code === 0
      ? result.stdout.trim().split(/\s+/)
      : [];
    return container === "" ? [] : [[port, { container }] as const];
  }));
  return new Map(found.flat());
}
