/**
 * Who holds a port, in one line: the answer to "who is it?".
 *
 * @module
 */

import type { Diagnosis, Holder, State } from "../core/model.ts";
import { basename } from "../core/path.ts";
import { printable } from "../core/printable.ts";
import { formatTime, shorten } from "./format.ts";
import type { View } from "./view.ts";

const COMMAND_WIDTH = 90;

const OURS: ReadonlySet<State> = new Set<State>([
  "running",
  "starting",
  "unhealthy",
  "orphan",
]);

/** What else is told of the holders. */
export interface HolderOptions {
  /** All parents of each, of our own too. */
  readonly wholeChain?: boolean;
}

/**
 * Describes each holder of the port of a service, roots before their children.
 *
 * @param now The present, in milliseconds since 1970.
 * @returns One line a holder, and one where it came from.
 */
export function holderLines(
  diagnosis: Diagnosis,
  view: View,
  now: number,
  options: HolderOptions = {},
): readonly string[] {
  const { wholeChain = false } = options;
  return heads(diagnosis.holders).flatMap((holder) => {
    const line = holderLine(holder, diagnosis, view, now);
    return isOurs(holder, diagnosis) && !wholeChain
      ? [line]
      : [line, ...origin(holder, view, wholeChain ? Infinity : SHOWN_PARENTS)];
  });
}

/** Where a process came from: its user and the nearest of its parents. */
function origin(
  holder: Holder,
  view: View,
  most: number,
): readonly string[] {
  const parents = holder.parents.slice(0, most)
    .map(({ pid, name }) => `${printable(name)} (${pid})`);
  const user = holder.user === undefined
    ? []
    : [view.messages.holder.byUser(printable(holder.user))];
  const chain = parents.length > 0 ? [`← ${parents.join(" ← ")}`] : [];
  const parts = [...user, ...chain];
  return parts.length > 0 ? [`  ${parts.join(" · ")}`] : [];
}

const SHOWN_PARENTS = 4;

function isOurs(holder: Holder, diagnosis: Diagnosis): boolean {
  return diagnosis.tree.some(({ pid }) => pid === holder.pid) &&
    OURS.has(diagnosis.state);
}

/** A worker that shares the socket of its parent is not told twice. */
function heads(holders: readonly Holder[]): readonly Holder[] {
  const pids = new Set(holders.map(({ pid }) => pid));
  return holders.filter(({ parents }) =>
    !parents.some(({ pid }) => pids.has(pid))
  );
}

function holderLine(
  holder: Holder,
  diagnosis: Diagnosis,
  view: View,
  now: number,
): string {
  const words = view.messages.holder;
  const isOwn = isOurs(holder, diagnosis);
  const parts = [
    words.pid(holder.pid),
    shorten(commandOf(holder), COMMAND_WIDTH),
    isOwn
      ? words.ours
      : diagnosis.state === "untracked"
      ? words.project
      : words.foreign,
    ...(isOwn || holder.cwd === undefined
      ? []
      : [words.inFolder(printable(holder.cwd))]),
    words.since(formatTime(holder.startedAt, now)),
    ...healthOf(diagnosis, view),
    ...(holder.protected ? [words.protected] : []),
  ];
  return parts.join(" · ");
}

/**
 * Writes what a process runs: the program by its name, for its folder would
 * push what tells two of them apart off the line.
 *
 * @returns Its arguments, or its name where the OS does not tell them.
 */
export function commandOf(holder: Pick<Holder, "args" | "name">): string {
  const [program, ...args] = holder.args;
  return printable(
    program === undefined
      ? holder.name
      : [basename(program), ...args].join(" "),
  );
}

function healthOf(diagnosis: Diagnosis, view: View): readonly string[] {
  switch (diagnosis.health) {
    case "healthy":
      return [view.messages.holder.healthy];
    case "unhealthy":
      return [view.messages.holder.unhealthy];
    case "unknown":
      return [];
  }
}
