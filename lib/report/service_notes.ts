/** Notes on a service, below the line with its state. */

import type { Diagnosis, RunRecord } from "../core/model.ts";
import { mainOf } from "../core/process_tree.ts";
import type { Plan } from "../core/plan.ts";
import { printable } from "../core/printable.ts";
import { formatSpan, formatTime } from "./format.ts";
import { markOf } from "./style.ts";
import { labelled, type View } from "./view.ts";

/** Whether a service listens where services.toml said when it was started. */
function isOnEarlierPort(
  { service, record, mismatchedPorts, configChanged }: Diagnosis,
): boolean {
  return configChanged && record?.port !== undefined &&
    record.port !== service.port &&
    (mismatchedPorts?.includes(record.port) ?? false);
}

/** Says of a service that services.toml has another port for it since its start. */
export function earlierPortNotes(
  diagnosis: Diagnosis,
  view: View,
): readonly string[] {
  return isOnEarlierPort(diagnosis) ? changeNotes(diagnosis, view) : [];
}

/** Says which ports a service took instead of its own, and what to do. */
export function mismatchNotes(
  diagnosis: Diagnosis,
  view: View,
): readonly string[] {
  const { service: { label, port }, mismatchedPorts } = diagnosis;
  if (port === undefined || mismatchedPorts === undefined) return [];
  // It did not choose that port by itself.
  if (isOnEarlierPort(diagnosis)) return [];
  const { progress } = view.messages;
  return [
    labelled(label, progress.portMismatch(port, mismatchedPorts, []), view),
    `→ ${progress.portMismatchAdvice(mismatchedPorts)}`,
  ];
}

/**
 * Says how the last run of a service ended, and what the supervisor does about
 * it.
 *
 * @param now The present, in milliseconds since 1970.
 */
export function endingNotes(
  { service: { name, label }, ending, supervision, tree, state }: Diagnosis,
  view: View,
  now: number,
): readonly string[] {
  const words = view.messages.status;
  const lines: string[] = [];
  const isEnded = state === "stopping" || state === "restarting";
  if (ending && tree.length === 0 && !isEnded) {
    const how = ending.signal === null
      ? words.byCode(ending.code)
      : words.bySignal(ending.signal);
    lines.push(words.ended(label, how, formatTime(ending.at, now)));
  }
  // One that is overdue waits for its port, or is no longer wanted.
  if (supervision?.dueAt !== undefined && supervision.dueAt > now) {
    const span = formatSpan(supervision.dueAt - now, view.messages.units);
    lines.push(words.due(label, span, supervision.restarts));
  }
  if (supervision?.gaveUp) {
    lines.push(words.gaveUp(label, supervision.restarts));
  }
  if (supervision?.outdated) lines.push(words.outdated(label, name));
  return lines;
}

/** Says why the system could not tell the state of a service. */
export function unknownNotes(
  diagnosis: Diagnosis,
  view: View,
): readonly string[] {
  const { state, service: { label } } = diagnosis;
  const known = state === "unknown" ? knownOf(diagnosis, view) : undefined;
  return known === undefined
    ? []
    : [labelled(label, `${view.messages.states[state]} (${known})`, view)];
}

/**
 * Returns what is known where no process can be named.
 *
 * @returns The reason why a query failed, a container or a user; `undefined` if
 * nothing.
 */
export function knownOf(
  { unidentifiedHolder, reason, unreadable, state }: Diagnosis,
  view: View,
): string | undefined {
  if (unreadable && state === "unknown") {
    const { file, problem } = unreadable;
    return view.messages.errors.pathProblem(file, problem);
  }
  const known = reason ?? unidentifiedHolder?.container ??
    unidentifiedHolder?.user;
  if (known === undefined) return undefined;
  const words: Readonly<Record<string, string>> = view.messages.reasons;
  return printable(Object.hasOwn(words, known) ? words[known] ?? "" : known);
}

/** Says that the run record of what runs is gone. */
export function recordNotes(
  { service: { label }, record, recordIssue }: Diagnosis,
  view: View,
): readonly string[] {
  return record && recordIssue === "missing"
    ? [view.messages.status.recordMissing(label)]
    : [];
}

/** Says that a service runs more than once, and names the main process of each run. */
export function duplicateNotes(
  { service: { label }, tree, record, otherRuns }: Diagnosis,
  view: View,
): readonly string[] {
  if (!record || !otherRuns) return [];
  const mainOfRun = ({ pid }: RunRecord) =>
    tree.find(({ ppid }) => ppid === pid)?.pid ?? pid;
  const pids = [record, ...otherRuns].map(mainOfRun);
  return [view.messages.status.runs(label, pids)];
}

/** Says of a service that is not in services.toml any more that it still runs. */
export function removedNote(
  { service: { name }, tree, record, reason = "", otherRuns }: Diagnosis,
  view: View,
): string {
  const words = view.messages.status;
  if (tree.length === 0) {
    const known: Readonly<Record<string, string>> = view.messages.reasons;
    return words.removedUnknown(name, known[reason] ?? reason);
  }
  const main = otherRuns ? undefined : mainOf(tree, record);
  const pids = main ? [main] : tree;
  return words.removed(name, pids.map(({ pid }) => pid));
}

/** Says which services a start leaves alone that run with another configuration. */
export function changeLines(
  { steps }: Pick<Plan, "steps">,
  view: View,
): readonly string[] {
  return steps
    .filter(({ kind, diagnosis }) =>
      kind === "keep" || (kind === "conflict" && !isOnEarlierPort(diagnosis))
    )
    .flatMap(({ diagnosis }) => changeNotes(diagnosis, view))
    .map((note) => `${markOf("warn", view.style)} ${note}`);
}

/** Says what changed since a service was started: only a restart applies it. */
export function changeNotes(
  { service: { label, name }, configChanged, environmentChanges }: Diagnosis,
  view: View,
): readonly string[] {
  const words = view.messages.status;
  const names = environmentChanges.map(printable);
  return [
    ...(configChanged ? [words.configChanged(label, name)] : []),
    ...(names.length > 0 ? [words.environmentChanged(label, name, names)] : []),
  ];
}
