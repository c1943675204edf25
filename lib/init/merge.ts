/**
 * Puts candidates together that are the same service.
 *
 * @module
 */

import type { Candidate, Evidence, FoundPort } from "./detect/candidate.ts";

/**
 * Puts candidates together that share a key.
 *
 * @returns One candidate a service, in the same order.
 */
export function mergeCandidates(
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

/** In one folder, two programs cannot both have been told the same port. */
function isSame(one: Candidate, other: Candidate): boolean {
  if (one.keys.some((key) => other.keys.includes(key))) return true;
  const isTold = one.port?.from !== undefined && other.port?.from !== undefined;
  return isTold && one.cwd === other.cwd &&
    one.port.number === other.port.number;
}

function mergeGroup(group: readonly Candidate[]): Candidate {
  const [first] = group;
  // The last detectors know the program best, the first ones what is wanted.
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

/** What the command says holds, then what is written, then what is usual. */
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
