/**
 * Reads user, folder, arguments, environment and run id of processes of Linux.
 * Every record ends with a NUL, the one byte that none of them can hold.
 */

import { parsePid } from "./fields.ts";

/** The user and the working folder of a process. */
interface ProcessPlace {
  /** The name of the user, or the number where it has none. */
  readonly user: string;
  /** The working folder, where it is readable. */
  readonly cwd?: string;
}

/** The format of `stat --printf` that {@linkcode parsePlaces} reads. */
export const PLACE_FORMAT = "%n\\0%U %u\\0%N\\0";

/**
 * Reads `QUOTING_STYLE=literal stat --printf FORMAT /proc/PID /proc/PID/cwd …`.
 *
 * @returns By process id; a process that is gone has no entry.
 */
export function parsePlaces(text: string): ReadonlyMap<number, ProcessPlace> {
  const places = new Map<number, ProcessPlace>();
  const fields = text.split("\0");
  for (let index = 0; index + 3 < fields.length; index += 3) {
    const [path = "", owner = "", link = ""] = fields.slice(index);
    const [, id = "", cwd] = /\/(\d+)(\/cwd)?$/.exec(path) ?? [];
    const pid = parsePid(id);
    const user = readUser(owner);
    if (pid === undefined || user === undefined) continue;
    if (cwd === undefined) places.set(pid, { user });
    else places.set(pid, { user, ...places.get(pid), ...readLink(path, link) });
  }
  return places;
}

/**
 * Reads `grep -aszH '' /proc/PID/cmdline …`: one record an argument.
 *
 * @returns The arguments by process id; a process without any has no entry.
 */
export function parseArguments(
  text: string,
): ReadonlyMap<number, readonly string[]> {
  const found = readRecords(text, /^\/(?:[^:\n]*\/)?(\d+)\/cmdline:([^]*)$/);
  // A process that changed its title has empty arguments after it.
  for (const args of found.values()) {
    while (args.length > 1 && args.at(-1) === "") args.pop();
  }
  return found;
}

/**
 * Reads `grep -aszH '' /proc/PID/environ …`: one record a variable.
 *
 * @returns The environments by process id; one that is empty or unreadable has
 * no entry.
 */
export function parseEnvironments(
  text: string,
): ReadonlyMap<number, Readonly<Record<string, string>>> {
  const records = readRecords(
    text,
    /^\/(?:[^:\n]*\/)?(\d+)\/environ:([^=]+=[^]*)$/,
  );
  const toEntry = (record: string): readonly [string, string] => {
    const end = record.indexOf("=");
    return [record.slice(0, end), record.slice(end + 1)];
  };
  return new Map(
    [...records].map(([pid, found]) => [
      pid,
      // Of two variables with one name `getenv` finds the first.
      Object.fromEntries(found.map(toEntry).toReversed()),
    ]),
  );
}

/**
 * Reads `grep -aosHzE '^DEVSVC_RUN=[0-9a-f-]+$' /proc/[0-9]*\/environ`.
 *
 * @returns The processes by run id.
 */
export function parseRunIds(
  text: string,
): ReadonlyMap<string, readonly number[]> {
  const processesByRunId = new Map<string, number[]>();
  for (const record of text.split("\0")) {
    const [, id = "", run] =
      /\/(\d+)\/environ:DEVSVC_RUN=([0-9a-f-]+)$/.exec(record) ?? [];
    const pid = parsePid(id);
    if (pid === undefined || run === undefined) continue;
    processesByRunId.set(run, [...processesByRunId.get(run) ?? [], pid]);
  }
  return processesByRunId;
}

/** Groups the records that match a pattern of process id and text. */
function readRecords(
  text: string,
  pattern: RegExp,
): ReadonlyMap<number, string[]> {
  const found = new Map<number, string[]>();
  for (const record of text.split("\0")) {
    const [, id = "", value = ""] = pattern.exec(record) ?? [];
    const pid = parsePid(id);
    if (pid === undefined) continue;
    const known = found.get(pid);
    if (known === undefined) found.set(pid, [value]);
    else known.push(value);
  }
  return found;
}

function readUser(text: string): string | undefined {
  const [, name, id] = /^(.+) (\d+)$/.exec(text) ?? [];
  return name === "UNKNOWN" ? id : name;
}

/** A `stat` without the literal style puts both names in quotes. */
function readLink(path: string, link: string): { readonly cwd?: string } {
  const plain = `${path} -> `;
  if (link.startsWith(plain)) return { cwd: link.slice(plain.length) };
  const quoted = `'${path}' -> '`;
  return link.startsWith(quoted) && link.endsWith("'")
    ? { cwd: link.slice(quoted.length, -1) }
    : {};
}
