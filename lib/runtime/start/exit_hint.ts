/** What is known of a command that ended before it was ready. */

import type { Exit } from "../../core/exit.ts";
import type { RunRecord, Service } from "../../core/model.ts";
import { dirname, isWithin, resolve } from "../../core/path.ts";
import { hintOf, type StartHint } from "../../core/start_hint.ts";
import { statOrUndefined } from "../../platform/file_system.ts";
import type { ActContext } from "../act_context.ts";
import type { Swept } from "../stop/stop_service.ts";

/** Where the programs of a project lie, that are not on PATH. */
const PROGRAM_FOLDERS: readonly string[] = [
  ".venv/bin",
  "venv/bin",
  "env/bin",
  "node_modules/.bin",
  ".venv/Scripts",
  "venv/Scripts",
  "vendor/bin",
];

/** By how much the OS may be off with when a process began, in milliseconds. */
const CLOCK_TOLERANCE = 50;

/** What Windows adds to the name of a program. */
const ENDINGS: readonly string[] = ["", ".exe", ".cmd"];

/**
 * Finds out why a command ended.
 *
 * @param lines Its last lines, without control codes.
 */
export async function explainExit(
  { service, record }: {
    readonly service: Service;
    readonly record: RunRecord;
  },
  { code, signal }: Exit,
  lines: readonly string[],
  swept: Swept,
  context: Pick<ActContext, "fs" | "project" | "platform">,
): Promise<StartHint | undefined> {
  if (signal !== null) return undefined;
  if (code === 0) return await hintOfSuccess(record, swept, context);
  const hint = hintOf(code, lines);
  if (hint?.kind !== "not-found" && hint?.kind !== "not-executable") {
    return hint;
  }
  const { kind, program } = hint;
  if (/[\\/]/.test(program)) {
    const info = statOrUndefined(context.fs, resolve(service.cwd, program));
    if (info?.isDirectory) return { kind: "folder", program };
    if (kind === "not-executable") return hint;
    return { kind: info ? "interpreter" : "no-file", program };
  }
  if (kind === "not-executable") return hint;
  const at = findProgram(program, service, context);
  return at === undefined ? hint : { kind: "not-found", program, at };
}

async function hintOfSuccess(
  { startedAt }: RunRecord,
  { ended, holders }: Swept,
  { platform }: Pick<ActContext, "platform">,
): Promise<StartHint> {
  if (ended.length > 0) {
    return { kind: "background", processes: ended, areAlive: false };
  }
  const table = holders.length > 0 ? await platform.processTable() : undefined;
  // One that was there before is another program.
  const begun = Date.parse(startedAt) - CLOCK_TOLERANCE;
  const later = holders.filter(({ pid }) =>
    table?.ok && (table.value.get(pid)?.startedAt ?? 0) >= begun
  );
  return later.length > 0
    ? { kind: "background", processes: later, areAlive: true }
    : { kind: "ended" };
}

/** Searches the folder of the service, and those above it in the project. */
function findProgram(
  program: string,
  { cwd }: Service,
  { fs, project: { root } }: Pick<ActContext, "fs" | "project">,
): string | undefined {
  if (!/^[\w.-]+$/.test(program)) return undefined;
  let up = "";
  for (let folder = cwd; isWithin(root, folder); folder = dirname(folder)) {
    for (const place of PROGRAM_FOLDERS) {
      for (const ending of ENDINGS) {
        const path = `${place}/${program}${ending}`;
        if (statOrUndefined(fs, `${folder}/${path}`)) return `${up}${path}`;
      }
    }
    if (folder === dirname(folder)) return undefined;
    up += "../";
  }
  return undefined;
}
