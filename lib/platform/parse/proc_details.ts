/**
 * Reads user, folder, arguments, environment and run id of processes of Linux.
 * Every record ends with a NUL, the one byte that none of them can hold.
 */

import type { TaggedProcess } from "../../core/model.ts";
import { parsePid, toTaggedProcess } from "./fields.ts";

interface ProcessPlace {
  /** The name of the user, or the number where it has none. */
  readonly user: string;
  readonly cwd?: string;
}

/** The format of `stat --printf` that {@linkcode parsePlaces} reads. */
export const PLACE_FORMAT = "%n\\0%U %u\\0%N\\0";

/** Reads `QUOTING_STYLE=literal stat --printf FORMAT /proc/PID /proc/PID/cwd …`. */
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

/** Reads `grep -aszH '' /proc/PID/cmdline …`: one record an argument. */
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

/** Reads `grep -aszH '' /proc/PID/environ …`: one record a variable. */
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

/** Reads `grep -asHzE '^DEVSVC_(RUN|SERVICE|ROOT)=' /proc/[0-9]*\/environ`. */
export function parseTaggedProcesses(text: string): readonly TaggedProcess[] {
  return [...parseEnvironments(text)]
    .flatMap(([pid, variables]) => toTaggedProcess(pid, variables) ?? []);
}

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
