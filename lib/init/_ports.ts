/**
 * Ports of services: each has its own.
 *
 * @module
 */

import {
  type Candidate,
  type FoundPort,
  PORT_SLOT,
} from "./detect/candidate.ts";
import { MAX_PORT } from "../config/values.ts";
import type { PlannedPort, Sourced } from "./planned_service.ts";

/** What became of the port of a candidate. */
export interface AssignedPort {
  /** The port that it has. */
  readonly port?: PlannedPort;
  /** The port that it cannot have and cannot leave. */
  readonly sharedPort?: Sourced<number>;
}

/**
 * Gives every candidate a port of its own. What is written in the project goes
 * before what a program takes by itself; who comes later moves to the next
 * port that is free, if its command can say so.
 *
 * @returns The ports, in the same order.
 */
export function assignPorts(
  candidates: readonly Candidate[],
  published: readonly number[],
): readonly AssignedPort[] {
  const taken = new Set<number>();
  const assigned = new Map<Candidate, AssignedPort>();
  // A second service may be what the Compose file runs in production.
  const isWritten = ({ port }: Candidate) => port?.from !== undefined;
  const ordered = [
    ...candidates.filter((one) => isWritten(one) && !isMovable(one)),
    ...candidates.filter((one) => isWritten(one) && isMovable(one)),
    ...candidates.filter((one) => !isWritten(one) && !isMovable(one)),
    ...candidates.filter((one) => !isWritten(one) && isMovable(one)),
  ];
  const wished = new Set(
    candidates.flatMap(({ port }) => port ? [port.number] : []),
  );
  for (const candidate of ordered) {
    if (!candidate.port) continue;
    const result = assign(candidate, candidate.port, {
      taken,
      wished,
      published,
    });
    if (result.port) taken.add(result.port.value);
    assigned.set(candidate, result);
  }
  return candidates.map((candidate) => assigned.get(candidate) ?? {});
}

function isMovable({ command, env }: Candidate): boolean {
  return command.posix.includes(PORT_SLOT) ||
    Object.values(env).some((value) => value.includes(PORT_SLOT));
}

function assign(
  candidate: Candidate,
  { number, from }: FoundPort,
  { taken, wished, published }: {
    readonly taken: ReadonlySet<number>;
    readonly wished: ReadonlySet<number>;
    readonly published: readonly number[];
  },
): AssignedPort {
  const source = from ? { from } : {};
  if (!taken.has(number)) return { port: { value: number, ...source } };
  if (!isMovable(candidate)) {
    return { sharedPort: { value: number, ...source } };
  }
  let value = number;
  while (taken.has(value) || wished.has(value) || published.includes(value)) {
    // Those below 1024 need more rights, and above the last there is none.
    value = value < MAX_PORT ? value + 1 : 1024;
  }
  return { port: { value, movedFrom: number } };
}
