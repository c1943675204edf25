/**
 * From what was found to what is written: one service for each program, names
 * and ports that no two services share, and the order in which they start.
 */

import { DEVICE_NAME, MAX_PORT, RESERVED_NAMES } from "../config/values.ts";
import { findCycle } from "../core/graph.ts";
import { CONTROLS } from "../core/printable.ts";
import {
  type Candidate,
  type Commands,
  type ComposeService,
  type Evidence,
  type FoundPort,
  PORT_SLOT,
} from "./detect/candidate.ts";
import type { Detection } from "./detect/detect.ts";
import type { Tree } from "./detect/folder_tree.ts";

/** A value and its evidence. */
interface Sourced<T> {
  /** The value. */
  readonly value: T;
  /** Where it is written; none where it is the default of the program. */
  readonly from?: Evidence;
}

interface PlannedPort extends Sourced<number> {
  /** The port that it would have if no other service had it. */
  readonly movedFrom?: number;
}

/** A service as it is written into services.toml. */
export interface PlannedService {
  /** Its unique name. */
  readonly name: string;
  /** The name for people. */
  readonly label: string;
  /** Its folder, relative to the project. */
  readonly cwd: string;
  /** What is run, with its port. */
  readonly command: Commands;
  /** Its port, if no other service has it. */
  readonly port?: PlannedPort;
  /** The port in its own code, which another service has: it is not written. */
  readonly sharedPort?: Sourced<number>;
  /** The path that answers once it is ready. */
  readonly ready?: Sourced<string>;
  /** Its variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Its env file, relative to the project. */
  readonly envFile?: string;
  /** A `.env` in its folder that nothing says to load. */
  readonly envFileBeside?: string;
  /** The services that must be ready before it. */
  readonly dependsOn: readonly Sourced<string>[];
  /** What it was detected by; at least one. */
  readonly evidence: readonly Evidence[];
}

/** All that `devsvc init` writes. */
export interface PlannedFile {
  /** The services, in the order of the file. */
  readonly services: readonly PlannedService[];
  /** What Docker Compose runs, and devsvc does not. */
  readonly composeServices: readonly ComposeService[];
}

/** Plans services.toml. */
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
    // Without a port there is nothing to send a request to.
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

/** Services that use each other cannot wait for each other. */
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

/** Merges the candidates that are the same service. */
function mergeCandidates(
  candidates: readonly Candidate[],
): readonly Candidate[] {
  const groups: Candidate[][] = [];
  for (const candidate of candidates) {
    const group = groups.find((members) =>
      members.some((member) => isSame(member, candidate))
    );
    if (group) group.push(candidate);
    else groups.push([candidate]);
  }
  return groups.map(mergeGroup);
}

/** In one folder, two programs cannot both be configured to the same port. */
function isSame(one: Candidate, other: Candidate): boolean {
  if (one.keys.some((key) => other.keys.includes(key))) return true;
  const areConfigured = one.port?.from !== undefined &&
    other.port?.from !== undefined;
  return areConfigured && one.cwd === other.cwd &&
    one.port.number === other.port.number;
}

function mergeGroup(group: readonly Candidate[]): Candidate {
  const [first] = group;
  // The later detectors know the program best, the earlier ones its name.
  const runs = group.find(({ exact }) => exact) ??
    group.findLast(({ exact }) => !exact) ?? first;
  if (first === undefined || runs === undefined) {
    throw new Error("Cannot merge candidates: there is none");
  }
  const port = portOf(group, runs);
  const ready = group.map((one) => one.ready).find((one) => one !== undefined);
  const envFile = group.map((one) => one.envFile)
    .find((file) => file !== undefined);
  return {
    keys: group.flatMap(({ keys }) => keys),
    name: first.name,
    label: first.label,
    cwd: runs.cwd,
    command: runs.command,
    exact: runs.exact,
    ...(port ? { port } : {}),
    ...(ready ? { ready } : {}),
    env: Object.assign({}, ...group.map(({ env }) => env).toReversed()),
    ...(envFile === undefined ? {} : { envFile }),
    uses: group.flatMap(({ uses }) => uses),
    evidence: distinct(group.flatMap((one) => one.evidence)),
  };
}

/** Programs that take their port from their command line and nothing else. */
const READS_NO_FILE =
  /\b(?:uvicorn|hypercorn|daphne|manage\.py runserver|http\.server)\b/;

/** A port in the command comes first, then one in a file, then the default. */
function portOf(
  group: readonly Candidate[],
  runs: Candidate,
): FoundPort | undefined {
  const isSettled = runs.exact && READS_NO_FILE.test(runs.command.posix);
  if (isSettled && runs.port) return runs.port;
  const ports = [runs, ...group].flatMap(({ port }) => port ? [port] : []);
  return ports.find(({ from }) => from !== undefined) ?? ports[0];
}

function distinct(evidence: readonly Evidence[]): readonly Evidence[] {
  return evidence.filter((one, index) =>
    index ===
      evidence.findIndex(({ file, line }) =>
        file === one.file && line === one.line
      )
  );
}

interface Names {
  readonly name: string;
  readonly label: string;
}

/** A longer name would not fit into the table of `status`. */
const MAX_NAME_LENGTH = 32;

/** Names each candidate: as it proposes, else by its folder, else with a number. */
function distinctNames(
  candidates: readonly Candidate[],
): readonly Names[] {
  const wished = candidates.map(({ name }) => toName(name));
  const taken = new Set<string>();
  return candidates.map(({ label, cwd }, index) => {
    const wish = wished[index] ?? "";
    const isShared = wished.filter((one) => one === wish).length > 1;
    const folder = isShared ? cwd.slice(cwd.lastIndexOf("/") + 1) : "";
    const base = folder === "" ? wish : toName(folder);
    let name = base;
    for (let count = 2; taken.has(name); count++) name = `${base}-${count}`;
    taken.add(name);
    const shown = toLabel(label) || name;
    return { name, label: folder === "" ? shown : `${shown} (${folder})` };
  });
}

/**
 * Makes a name that services.toml accepts.
 *
 * @returns Lower case letters, digits and `-`; `service` where none is left.
 */
export function toName(text: string): string {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[^a-z0-9]+/g, "-").slice(0, MAX_NAME_LENGTH)
    .replace(/^-+|-+$/g, "");
  if (plain === "") return "service";
  const isTaken = DEVICE_NAME.test(plain) || RESERVED_NAMES.has(plain);
  return isTaken ? `${plain}-service` : plain;
}

function toLabel(text: string): string {
  return text.replace(CONTROLS, " ").replace(/\s+/g, " ")
    .trim();
}

type AssignedPort = Pick<PlannedService, "port" | "sharedPort">;

/**
 * Gives each candidate a port of its own. A port that is written in the project
 * takes precedence over a default; a later candidate moves to the next free
 * port, if its command can name it.
 */
function assignPorts(
  candidates: readonly Candidate[],
  published: readonly number[],
): readonly AssignedPort[] {
  // Not the published ports: Compose may run one of these services in production.
  const taken = new Set<number>();
  const assigned = new Map<Candidate, AssignedPort>();
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
