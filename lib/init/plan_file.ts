/**
 * From what was found to what is written: names and ports that no two services
 * share, and who waits for whom.
 *
 * @module
 */

import { findCycle } from "../core/graph.ts";
import {
  type Candidate,
  type Commands,
  PORT_SLOT,
} from "./detect/candidate.ts";
import type { Detection } from "./detect/detect.ts";
import type { Tree } from "./detect/folder_tree.ts";
import { mergeCandidates } from "./merge.ts";
import { distinctNames } from "./_names.ts";
import { type AssignedPort, assignPorts } from "./_ports.ts";
import type {
  PlannedFile,
  PlannedService,
  Sourced,
} from "./planned_service.ts";

/** Plans the file. */
export function planFile(tree: Tree, detection: Detection): PlannedFile {
  const candidates = mergeCandidates(detection.candidates);
  const names = distinctNames(candidates);
  const published = detection.composeServices.flatMap(({ ports }) => ports);
  const ports = assignPorts(candidates, published);
  const services = candidates.map((candidate, index) =>
    planService(tree, candidate, {
      ...names[index] ?? { name: candidate.name, label: candidate.label },
      assigned: ports[index] ?? {},
    })
  );
  const waiting = services.map((service, index) =>
    withDependencies(service, candidates[index]?.uses ?? [], services)
  );
  return {
    services: withoutCycles(waiting),
    composeServices: detection.composeServices,
  };
}

function planService(
  tree: Tree,
  candidate: Candidate,
  { name, label, assigned }: {
    readonly name: string;
    readonly label: string;
    readonly assigned: AssignedPort;
  },
): PlannedService {
  const { cwd, command, ready, env, envFile, evidence } = candidate;
  const { port, sharedPort } = assigned;
  const number = port?.value ?? sharedPort?.value;
  const beside = cwd === "" ? ".env" : `${cwd}/.env`;
  const hasFileBeside = envFile === undefined && tree.has(beside) &&
    !candidate.keys.some((key) => /^(?:vite|next|script):/.test(key));
  return {
    name,
    label,
    cwd,
    command: fill(command, number),
    ...(port ? { port } : {}),
    ...(sharedPort ? { sharedPort } : {}),
    // Without a port there is nobody to ask.
    ...(port && ready
      ? { ready: { value: ready.path, from: ready.from } }
      : {}),
    env: Object.fromEntries(
      Object.entries(env)
        // A variable for the port is nothing without one.
        .filter(([, value]) => value !== PORT_SLOT || number !== undefined)
        .map(([key, value]) => [key, put(value, number)]),
    ),
    ...(envFile === undefined ? {} : { envFile }),
    ...(hasFileBeside ? { envFileBeside: beside } : {}),
    dependsOn: [],
    evidence,
  };
}

function fill(
  { posix, windows }: Commands,
  port: number | undefined,
): Commands {
  return { posix: put(posix, port), windows: put(windows, port) };
}

function put(text: string, port: number | undefined): string {
  return port === undefined ? text : text.replaceAll(PORT_SLOT, String(port));
}

function withDependencies(
  service: PlannedService,
  uses: Candidate["uses"],
  services: readonly PlannedService[],
): PlannedService {
  const dependsOn = uses.flatMap(
    ({ port, from }): readonly Sourced<string>[] => {
      const other = services.find((one) => one.port?.value === port);
      const isOther = other !== undefined && other.name !== service.name;
      return isOther ? [{ value: other.name, from }] : [];
    },
  );
  const isFirst = ({ value }: Sourced<string>, index: number) =>
    index === dependsOn.findIndex((one) => one.value === value);
  return { ...service, dependsOn: dependsOn.filter(isFirst) };
}

/** Two that speak to each other do not wait for each other. */
function withoutCycles(
  services: readonly PlannedService[],
): readonly PlannedService[] {
  const nodes = services.map(({ name, dependsOn }) => ({
    name,
    dependsOn: dependsOn.map(({ value }) => value),
  }));
  const cycle = findCycle(nodes);
  if (cycle === undefined) return services;
  return withoutCycles(
    services.map((service) =>
      cycle.includes(service.name) ? { ...service, dependsOn: [] } : service
    ),
  );
}
