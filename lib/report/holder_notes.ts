/**
 * Who holds a port, one line each: the answer to "who is it?". Loaded only
 * where a port is not free.
 */

import type { Diagnosis, Holder, State } from "../core/model.ts";
import { CONFIG_NAME } from "../config/locate.ts";
import { OTHER_NAMESPACE } from "../core/pid_namespace.ts";
import { basename, join } from "../core/path.ts";
import { mainOf } from "../core/process_tree.ts";
import {
  printable,
  printableCommand,
  printableName,
} from "../core/printable.ts";
import { formatTime, shorten } from "./format.ts";
import { earlierPortNotes, knownOf, mismatchNotes } from "./service_notes.ts";
import type { View } from "./view.ts";

const COMMAND_WIDTH = 90;

/** How many parents are named of a holder that devsvc did not start. */
const SHOWN_PARENTS = 4;

const OURS: ReadonlySet<State> = new Set<State>([
  "running",
  "started",
  "starting",
  "unhealthy",
  "suspended",
  "orphan",
  "duplicate",
]);

/**
 * Says who holds the port of a service, or why that is not known.
 *
 * @param now The present, in milliseconds since 1970.
 * @returns The lines; none for a port that is free.
 */
export function explain(
  diagnosis: Diagnosis,
  view: View,
  now: number,
): readonly string[] {
  const { state, unidentifiedHolder } = diagnosis;
  if (state === "free" || state === "stopped") return [];
  const holders = holderLines(diagnosis, view, now);
  const sentence = silence(diagnosis, view) ?? view.messages.states[state];
  const known = knownOf(diagnosis, view);
  const summary = known === undefined ? sentence : `${sentence} (${known})`;
  const needsSummary = unidentifiedHolder || state === "connected" ||
    state === "stale-owner" ||
    holders.length === 0;
  return [
    ...(needsSummary ? [summary] : []),
    ...holders,
    ...earlierPortNotes(diagnosis, view),
    ...mismatchNotes(diagnosis, view),
  ];
}

/** Says of a service that runs and is not well that nobody listens on its port. */
function silence(
  { service: { port }, state, tree, record, holders }: Diagnosis,
  { messages: { holder } }: View,
): string | undefined {
  const main = mainOf(tree, record);
  return state === "unhealthy" && port !== undefined && main &&
      holders.length === 0
    ? holder.silent(main.pid, port)
    : undefined;
}

/**
 * Describes the holders of the port of a service. A worker that shares the
 * socket of its parent has no line of its own.
 *
 * @param now The present, in milliseconds since 1970.
 * @param options.wholeChain All parents are named, those of our own too.
 * @returns One line a holder, and one with its user and its parents.
 */
export function holderLines(
  diagnosis: Diagnosis,
  view: View,
  now: number,
  options: { readonly wholeChain?: boolean } = {},
): readonly string[] {
  const { wholeChain = false } = options;
  const most = wholeChain ? Infinity : SHOWN_PARENTS;
  return topmost(diagnosis.holders).flatMap((holder) => {
    const line = holderLine(holder, diagnosis, view, now);
    return isOurs(holder, diagnosis) && !wholeChain
      ? [line]
      : [line, ...originLines(holder, view, most)];
  });
}

/**
 * Says how to stop what the devsvc of another project, or in another container,
 * or another service of this project runs: no other may end it.
 *
 * @returns Undefined where it is no such thing.
 */
export function elsewhereAdvice(
  { holders, reason, service: { name } }: Diagnosis,
  view: View,
): string | undefined {
  if (reason === OTHER_NAMESPACE) {
    return view.messages.runsInNamespace(name);
  }
  const runOf = holders.find((holder) => holder.runOf !== undefined)?.runOf;
  if (runOf !== undefined) return view.messages.runsOtherService(runOf);
  const holder = holders.find(({ isRunElsewhere }) => isRunElsewhere);
  if (holder?.project === undefined) return undefined;
  const file = join(holder.project, CONFIG_NAME);
  const path = /^[\w./:\\~-]+$/.test(file) ? file : JSON.stringify(file);
  const service = holder.service === undefined ? "" : ` ${holder.service}`;
  return view.messages.runsElsewhere(`devsvc stop --config ${path}${service}`);
}

function topmost(holders: readonly Holder[]): readonly Holder[] {
  const pids = new Set(holders.map(({ pid }) => pid));
  return holders.filter(({ parents }) =>
    !parents.some(({ pid }) => pids.has(pid))
  );
}

function isOurs(holder: Holder, diagnosis: Diagnosis): boolean {
  return diagnosis.tree.some(({ pid }) => pid === holder.pid) &&
    OURS.has(diagnosis.state);
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
      : holder.runOf !== undefined
      ? words.otherService(printable(holder.runOf))
      : diagnosis.state === "untracked"
      ? words.project
      : diagnosis.state === "connected"
      ? words.connected
      : holder.project === undefined
      ? words.foreign
      : words.otherProject(printable(holder.project)),
    ...(isOwn || holder.cwd === undefined
      ? []
      : [words.inFolder(printable(holder.cwd))]),
    words.since(formatTime(holder.startedAt, now)),
    ...(holder.suspended ? [words.suspended] : []),
    ...healthOf(diagnosis, view),
    ...(holder.protected ? [words.protected] : []),
  ];
  return parts.join(" · ");
}

/** Without the folder of the program: what distinguishes two is in the arguments. */
function commandOf({ args: [program, ...args], name }: Holder): string {
  return program === undefined
    ? printableName(name)
    : printableCommand([basename(program), ...args].join(" "));
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

function originLines(
  holder: Holder,
  view: View,
  most: number,
): readonly string[] {
  const parents = holder.parents.slice(0, most)
    .map(({ pid, name }) => `${printableName(name)} (${pid})`);
  const user = holder.user === undefined
    ? []
    : [view.messages.holder.byUser(printable(holder.user))];
  const chain = parents.length > 0 ? [`← ${parents.join(" ← ")}`] : [];
  const parts = [...user, ...chain];
  return parts.length > 0 ? [`  ${parts.join(" · ")}`] : [];
}
