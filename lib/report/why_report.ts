/**
 * The report of `why`: the reasons for the state of one service, what proves
 * them, and what to do next.
 */

import type { Pending, ShownCheck } from "../core/events.ts";
import {
  type Diagnosis,
  isProvable,
  type ProcessEntry,
  type State,
} from "../core/model.ts";
import { isDown, isUp } from "../core/ownership.ts";
import { elsewhereAdvice, holderLines } from "./holder_notes.ts";
import { printable, printableName } from "../core/printable.ts";
import { formatSpan, formatTime } from "./format.ts";
import {
  changeNotes,
  duplicateNotes,
  endingNotes,
  knownOf,
} from "./service_notes.ts";
import { type Mark, markOf, paint } from "./style.ts";
import { labelled, type View } from "./view.ts";
import type { Details } from "./messages/load_messages.ts";

/** What is known of the reasons for the state of one service. */
export interface Why {
  /** The service. */
  readonly diagnosis: Diagnosis;
  /** The first check that fails, where it runs without being ready. */
  readonly pending?: Pending;
  /** A check of a service that runs, which only commands that start it run. */
  readonly notChecked?: ShownCheck;
  /** The services that it depends on directly, in the order of the file. */
  readonly dependencies: readonly Diagnosis[];
  /** The names of the dependencies that prevent its start. */
  readonly blockers: ReadonlySet<string>;
  /** The path of its run record. */
  readonly recordFile: string;
  /** Its last lines, where they may explain its state. */
  readonly log?: { readonly file: string; readonly lines: readonly string[] };
}

/** The texts and the screen of this report. */
export interface WhyView extends View {
  /** The texts of this report. */
  readonly words: Details["why"];
  /** The present, in milliseconds since 1970. */
  readonly now: number;
}

/** One part of the report; no lines where it has nothing to say. */
type Section = (why: Why, view: WhyView) => readonly string[];

const SECTIONS: readonly Section[] = [
  reason,
  run,
  ending,
  holders,
  processes,
  pendingCheck,
  dependencies,
  changes,
  lastLines,
  advice,
];

/** Writes the report of `why`. */
export function whyReport(why: Why, view: WhyView): readonly string[] {
  const { service, state } = why.diagnosis;
  const port = service.port === undefined ? "" : ` (${service.port})`;
  const name = view.messages.states[state];
  return [
    `${markOf(markFor(state), view.style)} ` +
    labelled(`${service.label}${port}`, name, view),
    ...SECTIONS.flatMap((section) => section(why, view))
      .map((line) => `   ${line}`),
  ];
}

function markFor(state: State): Mark {
  switch (state) {
    case "running":
    case "started":
      return "ok";
    case "starting":
    case "closing":
    case "restarting":
    case "stopping":
      return "wait";
    case "free":
    case "stopped":
      return "stop";
    case "unknown":
      return "unknown";
    default:
      return "bad";
  }
}

function reason({ diagnosis }: Why, view: WhyView): readonly string[] {
  const { state, service, holders } = diagnosis;
  const isPortless = state === "running" && service.port === undefined;
  const sentence = isPortless
    ? view.words.runningWithoutPort
    : view.words.reasons[state];
  const known = holders.length > 0 && state !== "container"
    ? undefined
    : knownOf(diagnosis, view);
  return [known === undefined ? sentence : `${sentence} (${known})`];
}

/** What the run record says, and whether it is valid. */
function run(why: Why, view: WhyView): readonly string[] {
  const { diagnosis, recordFile } = why;
  const { service, record, lost, recordIssue } = diagnosis;
  const { words, now, messages } = view;
  const known = record ?? lost;
  if (!known) {
    // The reason of the state says it already.
    return recordIssue === undefined || recordIssue === "unreadable"
      ? []
      : [messages.errors.recordIssue(service.label, recordIssue, recordFile)];
  }
  const startedAt = Date.parse(known.startedAt);
  const span = (ms: number) => formatSpan(Math.max(0, ms), messages.units);
  const limit = span(service.readyTimeout);
  const outcome = lost
    ? recordIssue === "recycled"
      ? words.recycled(lost.main ?? lost.pid)
      : words.gone(lost.main ?? lost.pid)
    : !isProvable(service)
    ? undefined
    : known.readyAt !== undefined
    ? words.ready(span(Date.parse(known.readyAt) - startedAt))
    : diagnosis.state === "unhealthy"
    ? words.overdue(limit)
    : diagnosis.state === "starting"
    ? words.notReady(limit)
    : undefined;
  const started = words.started(formatTime(startedAt, now));
  const issue = record && recordIssue && recordIssue !== "unreadable"
    ? [messages.errors.recordIssue(service.label, recordIssue, recordFile)]
    : [];
  return [
    ...issue,
    outcome === undefined ? started : `${started}, ${outcome}`,
    ...duplicateNotes(diagnosis, view),
  ];
}

function holders({ diagnosis }: Why, view: WhyView): readonly string[] {
  return holderLines(diagnosis, view, view.now, { wholeChain: true });
}

/** The tree, each below its parent. */
function processes({ diagnosis }: Why, view: WhyView): readonly string[] {
  const { tree } = diagnosis;
  if (tree.length === 0) return [];
  const depths = new Map<number, number>();
  const line = ({ pid, ppid, name }: ProcessEntry) => {
    const depth = (depths.get(ppid) ?? 0) + 1;
    depths.set(pid, depth);
    return `${"  ".repeat(depth)}${printableName(name)} (${pid})`;
  };
  return [view.words.processes, ...tree.map(line)];
}

function pendingCheck(
  { pending, notChecked, diagnosis }: Why,
  view: WhyView,
): readonly string[] {
  const { progress } = view.messages;
  if (!pending) {
    return notChecked
      ? [view.words.notChecked(progress.check(notChecked))]
      : [];
  }
  // Nobody waits for a service that was ready once.
  const isFailing = pending.kind === "check" && diagnosis.state !== "starting";
  const text = isFailing
    ? view.words.fails(
      progress.check(pending.check),
      progress.checkDetail(pending.detail),
    )
    : progress.waitingFor(pending);
  return [text];
}

function dependencies(why: Why, view: WhyView): readonly string[] {
  const { words, messages } = view;
  return why.dependencies.map((dependency) => {
    const { label, name } = dependency.service;
    const state = messages.states[dependency.state];
    if (!isDown(why.diagnosis) || isUp(dependency)) {
      return words.dependsOn(label, state);
    }
    if (why.blockers.has(name)) return words.blockedBy(label, state, name);
    return dependency.state === "starting"
      ? words.waitsFor(label, state)
      : words.needs(label, state);
  });
}

function ending({ diagnosis }: Why, view: WhyView): readonly string[] {
  return endingNotes(diagnosis, view, view.now);
}

function changes({ diagnosis }: Why, view: WhyView): readonly string[] {
  return changeNotes(diagnosis, view);
}

function lastLines({ log }: Why, view: WhyView): readonly string[] {
  if (!log) return [];
  const { messages, style } = view;
  return [
    messages.progress.lastLines(log.lines.length, log.file),
    ...log.lines.map((line) => paint(`| ${printable(line)}`, "dim", style)),
  ];
}

function advice(
  { diagnosis, blockers }: Why,
  view: WhyView,
): readonly string[] {
  const { service, state, unidentifiedHolder } = diagnosis;
  const { messages, words } = view;
  const protectedHolder = diagnosis.holders.find((holder) => holder.protected);
  const text = protectedHolder && state !== "container"
    ? messages.protectedHolder(protectedHolder.name)
    : state === "starting"
    ? words.toFollow(service.name)
    : state === "started"
    ? words.toProve
    : isDown(diagnosis)
    ? blockers.size > 0 ? undefined : words.toStart(service.name)
    : elsewhereAdvice(diagnosis, view) ?? messages.advice(state, {
      port: service.port,
      container: unidentifiedHolder?.container,
      isStop: false,
    });
  return text === undefined ? [] : [paint(`→ ${text}`, "bold", view.style)];
}
