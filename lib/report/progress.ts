/**
 * Events as text: plain lines that stay, and on a terminal one live line for
 * each service that is waited for.
 */

import type { Pending, ServiceEvent, StartFailure } from "../core/events.ts";
import { isProvable, type Service } from "../core/model.ts";
import { printable } from "../core/printable.ts";
import { formatSpan } from "./format.ts";
import { type Mark, markOf, paint } from "./style.ts";
import { labelled, type View } from "./view.ts";

/** Writes an event as lines that stay; none for what soon changes again. */
export function eventLines(
  event: ServiceEvent,
  service: Service,
  view: View,
): readonly string[] {
  const { progress: words } = view.messages;
  const span = (ms: number) => formatSpan(ms, view.messages.units);
  const line = (mark: Mark, text: string) =>
    `${markOf(mark, view.style)} ${labelled(service.label, text, view)}`;
  switch (event.kind) {
    case "starting":
    case "waiting":
    case "refused":
      return [];
    case "held":
      return [line("warn", words.held(event.port, event.holders))];
    case "stop-command":
      return [line("stop", words.stopCommand(event.pid))];
    case "stop-command-failed":
      return [line("warn", words.stopCommandFailed(event.failure))];
    case "still-running":
      return event.isLong
        ? [line("wait", words.stillRunning(event.processes))]
        : [];
    case "closing":
      return [line("wait", words.closing(event.port, span(event.left)))];
    case "spawned":
      // The next line says that it was started.
      return isProvable(service) ? [line("wait", words.spawned)] : [];
    case "started":
      return [line("ok", words.startedOnly(event.pid))];
    case "slow":
      return [
        line("wait", words.slow(event.lines.length, event.log)),
        ...quoted(event.lines, view),
        `   ${words.upTo(event.limit)}`,
      ];
    case "still-waiting":
      return [line("wait", stillWaiting(event, view))];
    case "ready": {
      const url = service.port === undefined
        ? ""
        : `  ${paint(`http://localhost:${service.port}`, "cyan", view.style)}`;
      return [line("ok", words.ready(event.pid, span(event.elapsed)) + url)];
    }
    case "failed":
      return [
        line("bad", words.failed(event.failure)),
        ...lastWords(event.failure, view),
      ];
    case "stopping":
      return [line("stop", words.stopping(event.processes))];
    case "escalating":
      return [
        line("warn", words.escalating(event.processes, span(event.waited))),
      ];
    case "stopped":
      return [line("ok", words.stopped(span(event.elapsed)))];
    case "not-stopped":
      return [line("bad", words.notStopped(event.failure))];
    case "crashed":
      return [line("warn", words.crashed(event.pid))];
    case "backoff":
      return [
        line("warn", words.backoff(event.restarts, span(event.delay))),
      ];
    case "gave-up":
      return [line("bad", words.gaveUp(event.restarts))];
    case "log-degraded":
      return [line("warn", words.logDegraded(event.reason))];
    case "record-failed":
      return [line("warn", words.recordFailed(event.reason))];
    case "outdated":
      return [line("bad", words.outdated)];
    case "unhealthy":
      return [line("bad", words.unhealthy)];
    case "healthy":
      return [line("ok", words.healthy)];
  }
}

function lastWords(
  failure: Extract<ServiceEvent, { kind: "failed" }>["failure"],
  view: View,
): readonly string[] {
  if (failure.kind !== "exited" && failure.kind !== "timeout") return [];
  return [
    ...(failure.kind === "timeout" ? pendingLines(failure.pending, view) : []),
    `   ${view.messages.progress.lastLines(failure.lines.length, failure.log)}`,
    ...quoted(failure.lines, view),
    ...(failure.kind === "exited" ? hintLines(failure, view) : []),
  ];
}

/** What the end of a command left behind, and what to do about it. */
function hintLines(
  { hint, ended }: Extract<StartFailure, { kind: "exited" }>,
  { messages: { progress }, style }: View,
): readonly string[] {
  const isTold = hint?.kind === "background" && !hint.areAlive;
  return [
    ...(ended && !isTold ? [`   ${progress.ended(ended)}`] : []),
    ...(hint ? [paint(`   → ${progress.hint(hint)}`, "bold", style)] : []),
  ];
}

function quoted(lines: readonly string[], view: View): readonly string[] {
  return lines.map((text) =>
    paint(`   | ${printable(text)}`, "dim", view.style)
  );
}

function stillWaiting(
  { pending, waited, limit }: Extract<ServiceEvent, { kind: "still-waiting" }>,
  { messages: { progress } }: View,
): string {
  return pending
    ? `${progress.waitingFor(pending)} ${progress.waited(waited, limit)}`
    : progress.upTo(limit);
}

function pendingLines(pending: Pending, view: View): readonly string[] {
  const { progress } = view.messages;
  const line = `   ${progress.waitingFor(pending)}`;
  return pending.kind === "port-mismatch"
    ? [line, `   → ${progress.portMismatchAdvice(pending.mismatchedPorts)}`]
    : [line];
}

/**
 * Writes the live line of a service that is waited for.
 *
 * @param elapsed How long it has been waited for, in milliseconds.
 * @returns The line; `undefined` where nothing is waited for.
 */
export function liveLine(
  event: ServiceEvent,
  service: Service,
  view: View,
  elapsed: number,
): string | undefined {
  const { progress, units } = view.messages;
  const begin = `${markOf("wait", view.style)} ${service.label}  `;
  if (event.kind === "closing") {
    const left = Math.ceil(Math.max(0, event.left - elapsed) / 1000) * 1000;
    return begin + progress.closing(event.port, formatSpan(left, units));
  }
  const text = liveText(event, view);
  return text === undefined
    ? undefined
    : `${begin}${text}  ${formatSpan(elapsed, units)}`;
}

function liveText(
  event: ServiceEvent,
  view: View,
): string | undefined {
  const { progress: words } = view.messages;
  switch (event.kind) {
    case "starting":
      return words.starting;
    case "spawned":
      return words.spawned;
    case "waiting":
    case "still-waiting":
      return event.pending ? words.waitingFor(event.pending) : words.spawned;
    case "stopping":
      return words.stopping(event.processes);
    case "stop-command":
      return words.stopCommand(event.pid);
    case "still-running":
      return words.stillRunning(event.processes);
    default:
      return undefined;
  }
}
