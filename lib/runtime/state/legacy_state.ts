/**
 * Services that another version of devsvc started. Its `.devsvc` is not migrated,
 * but its run records are read while their runs last.
 */

import type { RunRecordReading } from "../../core/model.ts";
import { join } from "../../core/path.ts";
import { treeOf } from "../../core/process_tree.ts";
import { readTextOrUndefined } from "../../platform/file_system.ts";
import type { PlatformQueries } from "../../platform/platform.ts";
import { parseRunRecord } from "./run_record.ts";
import { legacyFolders, type StateDir } from "./state_dir.ts";

/**
 * Adds the run records of another version whose runs last. They have the same
 * format in another folder.
 *
 * @param records Those of this version, which take precedence.
 */
export async function withLegacyRuns(
  records: ReadonlyMap<string, RunRecordReading>,
  { dir, names, platform }: {
    readonly dir: StateDir;
    readonly names: readonly string[];
    readonly platform: PlatformQueries;
  },
): Promise<ReadonlyMap<string, RunRecordReading>> {
  const folders = legacyFolders(dir);
  const found = names
    .filter((name) => (records.get(name)?.kind ?? "none") === "none")
    .flatMap((name) =>
      folders.flatMap((folder) => readLegacyRun(dir, folder, name))
    );
  if (found.length === 0) return records;
  const [processes, processesByRunId] = await Promise.all([
    platform.processTable(),
    platform.processesByRunId(),
  ]);
  if (!processes.ok) return records;
  const table = processes.value;
  const alive = found.filter(({ record }) => {
    const withRunId = processesByRunId.ok
      ? processesByRunId.value.get(record.run) ?? []
      : [];
    return treeOf(record, withRunId, table).length > 0;
  });
  return new Map([
    ...records,
    ...alive.map((reading) => [reading.record.service, reading] as const),
  ]);
}

function readLegacyRun(
  { fs }: StateDir,
  folder: string,
  service: string,
): readonly (RunRecordReading & { readonly kind: "valid" })[] {
  const file = join(folder, `${service}.json`);
  const text = readTextOrUndefined(fs, file) ?? "";
  const reading = parseRunRecord(text, service, file);
  return reading.kind === "valid" ? [reading] : [];
}
