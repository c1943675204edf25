/**
 * Reads the field output of lsof, `lsof -F…`: one field a line, its letter
 * first.
 */

import type { Listener, Lookup } from "../../core/model.ts";
import { joinListeners, parseEndpoint, parsePid } from "./fields.ts";

/** The arguments whose output {@linkcode parseLsof} reads. */
export const LSOF_LISTENERS: readonly string[] =
  "-nP -w -iTCP -sTCP:LISTEN -FpcuLfnPTt".split(" ");

/**
 * Reads the listeners that lsof printed. An empty output means that there are
 * none, or no permission to see them: the caller has to know which.
 */
export function parseLsof(text: string): Lookup<readonly Listener[]> {
  const rows: Listener[] = [];
  let pid: number | undefined;
  let family = "";
  let understood = false;
  for (const line of text.split(/\r?\n/)) {
    const value = line.slice(1);
    switch (line.charAt(0)) {
      case "p":
        pid = parsePid(value);
        family = "";
        break;
      case "f":
        family = "";
        break;
      case "t":
        family = value;
        break;
      case "n": {
        // lsof prints `*` for both families; only the type says which.
        const local = parseEndpoint(
          value,
          family === "IPv4" ? "0.0.0.0" : "::",
        );
        if (pid === undefined || local === undefined) break;
        understood = true;
        rows.push({ ...local, pids: [pid] });
        break;
      }
      case "T":
        // A version of lsof that ignores -sTCP:LISTEN also lists clients.
        if (value.startsWith("ST=") && value !== "ST=LISTEN") rows.pop();
        break;
    }
  }
  if (!understood && text.trim() !== "") {
    return { ok: false, reason: "lsof printed nothing that is understood" };
  }
  return { ok: true, value: joinListeners(rows) };
}

/** The arguments whose output {@linkcode parseLsofConnections} reads. */
export function lsofConnections(ports: readonly number[]): readonly string[] {
  return ["-nP", "-w", `-iTCP:${ports.join(",")}`, "-Fpfn"];
}

/** Reads who has a port as the own end of a connection, by the ports. */
export function parseLsofConnections(
  text: string,
): ReadonlyMap<number, readonly number[]> {
  const owners = new Map<number, number[]>();
  let pid: number | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("p")) pid = parsePid(line.slice(1));
    const local = /^n(.+)->/.exec(line)?.[1];
    const port = local === undefined ? undefined : parseEndpoint(local)?.port;
    if (port === undefined || pid === undefined) continue;
    const known = owners.get(port) ?? [];
    owners.set(port, known.includes(pid) ? known : [...known, pid]);
  }
  return owners;
}

/**
 * Decodes the bytes that lsof prints as `\xc3\xa9` where the locale has no such
 * character; its tools run in the C locale (`man lsof`, "OUTPUT").
 */
function unescape(text: string): string {
  return text.replaceAll(/(?:\\x[\da-f]{2})+/g, (escaped) => {
    const bytes = escaped.split("\\x").slice(1).map((hex) => parseInt(hex, 16));
    return new TextDecoder().decode(new Uint8Array(bytes));
  });
}

/** Reads the folders that `lsof -a -d cwd -Fpfn -p …` printed. */
export function parseLsofFolders(text: string): ReadonlyMap<number, string> {
  const folders = new Map<number, string>();
  let pid: number | undefined;
  for (const line of text.split("\n")) {
    if (line.startsWith("p")) pid = parsePid(line.slice(1));
    else if (line.startsWith("n/") && pid !== undefined) {
      folders.set(pid, unescape(line.slice(1)));
    }
  }
  return folders;
}
