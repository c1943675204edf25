/**
 * Times, durations, sizes and processes for people, without `Intl`: its first
 * use costs more than a whole `devsvc check`.
 */

import type { NamedProcess, ShownCheck } from "../core/events.ts";
import { printable, printableName } from "../core/printable.ts";

/** How a language writes numbers with their units. */
interface Units {
  /** The decimal mark. */
  readonly decimal: string;
  /** A day, shortened. */
  readonly day: string;
  /** A mebibyte, shortened. */
  readonly megabyte: string;
}

const DAY = 24 * 60 * 60 * 1000;

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/**
 * Writes a time of day, with its date where it is more than a day ago.
 *
 * @param at The time, in milliseconds since 1970.
 * @returns `09:12` or `2026-11-21 09:12`, in local time.
 */
export function formatTime(at: number, now: number): string {
  const date = new Date(at);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (now - at < DAY) return clock;
  const day = [
    date.getFullYear(),
    two(date.getMonth() + 1),
    two(date.getDate()),
  ].join("-");
  return `${day} ${clock}`;
}

/**
 * Writes a short time span.
 *
 * @param ms The span in milliseconds.
 * @returns `12 ms`, `1.4 s`, `2 min 05 s`, `3 h 20 min` or `2 d 4 h`.
 */
export function formatSpan(ms: number, units: Units): string {
  // Rounded first, or there would be 1000 ms and 60.0 s.
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 100) / 10;
  if (seconds < 60) {
    return `${seconds.toFixed(1).replace(".", units.decimal)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${two(Math.floor(seconds % 60))} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${two(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} ${units.day} ${hours % 24} h`;
}

/**
 * Writes a duration that services.toml sets, without rounding it.
 *
 * @param ms The duration in milliseconds.
 * @returns Seconds, or milliseconds where it is not a whole number of them.
 */
export function formatTimeout(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}

/** Writes milliseconds as whole seconds, as `20 s`. */
export function formatSeconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

/**
 * Writes an amount of memory.
 *
 * @param bytes The amount in bytes.
 * @returns Whole mebibytes, as `48 MB`.
 */
export function formatMemory(bytes: number, units: Units): string {
  return `${Math.round(bytes / (1024 * 1024))} ${units.megabyte}`;
}

/**
 * Shortens a text to what fits.
 *
 * @param width The most characters.
 * @returns The text, with `…` at its end where it was cut.
 */
export function shorten(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width
    ? text
    : characters.slice(0, Math.max(width - 1, 0)).join("") + "…";
}

/**
 * Writes the names and PIDs of processes.
 *
 * @returns `node (PID 4312), sh (PID 4300)`.
 */
export function formatProcesses(processes: readonly NamedProcess[]): string {
  return processes.map(({ pid, name }) => `${printableName(name)} (PID ${pid})`)
    .join(", ");
}

/**
 * Writes the status codes that a check accepts, to stand behind its name.
 *
 * @returns ` (200, 204)`; empty where services.toml names none.
 */
export function formatStatusCodes(
  codes: readonly number[] | undefined,
): string {
  return codes === undefined ? "" : ` (${codes.join(", ")})`;
}

/**
 * Joins names with commas.
 *
 * @param isCut There are more names, which `…` stands for.
 */
export function formatNames(names: readonly string[], isCut = false): string {
  return [...names, ...(isCut ? ["…"] : [])].join(", ");
}

/**
 * Joins the names of a cycle with arrows.
 *
 * @returns `a → b → a`, or `a → b → … → a` where there are more.
 */
export function formatCycle(names: readonly string[], isCut = false): string {
  return [...names, ...(isCut ? ["…"] : []), names[0]].join(" → ");
}

/**
 * Writes a number with its thousands apart.
 *
 * @returns `49,980`, where the separator is a comma.
 */
export function formatCount(value: number, separator: string): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, separator);
}

/** Names a check by its kind and its values, as `file run/ready`. */
export function formatCheck({ kind, ...values }: ShownCheck): string {
  return printable([kind, ...Object.values(values)].join(" "));
}
