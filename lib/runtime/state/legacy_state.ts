/**
 * Services that another version of devsvc started: nothing of its `.devsvc` is
 * migrated, but what it started is found while it lives.
 *
 * @module
 */

import type { RunRecordReading } from "../../core/model.ts";
import { join } from "../../core/path.ts";
import { treeOf } from "../../core/process_tree.ts";
import type { Platform } from "../../platform/platform.ts";
import { parseRunRecord } from "./run_record.ts";
import { legacyFolders, type StateDir } from "./state_dir.ts";

/**
 * Adds to the run records those of another version whose run still lives. They
 * lie in another folder, but say the same.
 *
 * @param records What this version wrote down: it comes first.
 * @param about The services by their names, and where they are looked for.
 */
export async function withLegacyRuns(
  records: ReadonlyMap<string, RunRecordReading>,
  { dir, names, platform }: {
    readonly dir: StateDir;
    readonly names: readonly string[];
    readonly platform: Platform;
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
  const living = found.filter(({ record }) => {
    const withRunId = processesByRunId.ok
      ? processesByRunId.value.get(record.run) ?? []
      : [];
    return treeOf(record, withRunId, table).length > 0;
  });
  return new Map([
    ...records,
    ...living.map((reading) => [reading.record.service, reading] as const),
  ]);
}

function readLegacyRun(
  { fs }: StateDir,
  folder: string,
  service: string,
): readonly (RunRecordReading & { readonly kind: "valid" })[] {
  const file = join(folder, `${service}.json`);
  try {
    const reading = parseRunRecord(fs.readTextFileSync(file), service, file);
    return reading.kind === "valid" ? [reading] : [];
  } catch {
    return [];
  }
}
