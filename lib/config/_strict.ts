/**
 * The check of services.toml in full, for a file that is not plainly right:
 * it finds every mistake, or that there is none after all.
 *
 * @module
 */

import * as v from "valibot";
import { checkServices } from "./_check.ts";
import { type Draft, draftOf } from "./_drafts.ts";
import type { Fault } from "./_fault.ts";
import { checkTables } from "./_tables.ts";
import { isTable, type OsKey, type Table } from "./_toml.ts";
import {
  DraftSchema,
  type DraftTable,
  FileSchema,
  type FileTable,
} from "./schema.ts";

/** What the check in full finds. */
export type StrictResult =
  | { readonly ok: true; readonly file: FileTable }
  | {
    readonly ok: false;
    readonly faults: readonly Fault[];
    readonly issues: readonly v.BaseIssue<unknown>[];
  };

/**
 * Checks services.toml in full.
 *
 * @param root The folder of services.toml, absolute.
 */
export async function checkStrictly(
  raw: Table,
  os: OsKey,
  root: string,
): Promise<StrictResult> {
  const result = v.safeParse(FileSchema, raw, { abortPipeEarly: true });
  const drafts = result.success
    ? Object.entries(result.output.services).map(([name, base]) =>
      draftOf({ name, base, override: base[os] }, os)
    )
    : readableDrafts(raw, os);
  const faults = [...checkTables(raw), ...await checkServices(drafts, root)];
  return result.success && faults.length === 0
    ? { ok: true, file: result.output }
    : { ok: false, faults, issues: result.issues ?? [] };
}

function readable(table: unknown): DraftTable | undefined {
  return isTable(table) ? v.parse(DraftSchema, table) : undefined;
}

/** The services that are tables at all, as far as they can be read. */
function readableDrafts(file: Table, os: OsKey): readonly Draft[] {
  const services = isTable(file["services"]) ? file["services"] : {};
  return Object.entries(services).flatMap(([name, table]) => {
    const base = readable(table);
    if (!base || !isTable(table)) return [];
    return draftOf({ name, base, override: readable(table[os]) }, os);
  });
}
