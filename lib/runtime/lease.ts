/**
 * Leases: what devsvc wrote down when it started a service, so that the next
 * command finds it again.
 *
 * A lease is replaced as a whole or not at all, and read without trust.
 *
 * @module
 */

import type { Lease, LeaseReading } from "../core/model.ts";
import { join } from "../core/path.ts";
import type { StateDir } from "./state_dir.ts";

/** The form of the file that this version writes and reads. */
export const LEASE_VERSION = 1;

/**
 * Names the lease of a service.
 *
 * @param dir The places of the project.
 * @param service The name of the service.
 * @returns The file, absolute.
 */
export function leaseFile(dir: StateDir, service: string): string {
  return join(dir.leases, `${service}.json`);
}

/**
 * Reads the lease of a service.
 *
 * @param dir The places of the project.
 * @param service The name of the service.
 * @returns What was found; never an error.
 */
export async function readLease(
  dir: StateDir,
  service: string,
): Promise<LeaseReading> {
  const file = leaseFile(dir, service);
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    return error instanceof Deno.errors.NotFound
      ? { kind: "none" }
      : { kind: "corrupt", file };
  }
  return parseLease(text, service, file);
}

/**
 * Reads the text of a lease.
 *
 * @param text The text of the file.
 * @param service The service that it must be about.
 * @param file Its path, for the answer.
 * @returns What the text is; never an error.
 */
export function parseLease(
  text: string,
  service: string,
  file: string,
): LeaseReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "corrupt", file };
  }
  if (typeof value !== "object" || value === null || !("version" in value)) {
    return { kind: "corrupt", file };
  }
  if (value.version !== LEASE_VERSION) {
    return { kind: "version", file, found: String(value.version) };
  }
  return isLease(value) && value.service === service
    ? { kind: "valid", lease: value }
    : { kind: "corrupt", file };
}

function isLease(value: object): value is Lease {
  const has = (key: string, type: string) => {
    const found: string = typeof Reflect.get(value, key);
    return found === type;
  };
  const may = (key: string, type: string) => !(key in value) || has(key, type);
  const command = Reflect.get(value, "command");
  const pid = Reflect.get(value, "pid");
  const offset = Reflect.get(value, "logOffset");
  return Number.isSafeInteger(pid) && pid > 1 &&
    Number.isSafeInteger(offset) && offset >= 0 &&
    ["start", "service", "run", "configHash", "startedAt"]
      .every((key) => has(key, "string")) &&
    !Number.isNaN(Date.parse(Reflect.get(value, "startedAt"))) &&
    may("port", "number") && may("readyAt", "string") &&
    (typeof command === "string" ||
      (Array.isArray(command) &&
        command.every((word) => typeof word === "string")));
}

/**
 * Writes the lease of a service, whole or not at all.
 *
 * @param dir The places of the project.
 * @param lease The lease.
 */
export async function writeLease(dir: StateDir, lease: Lease): Promise<void> {
  const file = leaseFile(dir, lease.service);
  const draft = `${file}.${lease.run}`;
  await Deno.writeTextFile(draft, JSON.stringify(lease, null, 2) + "\n", {
    mode: 0o600,
  });
  await Deno.rename(draft, file);
}

/**
 * Takes away the lease of a service and all that lies beside it: marks, and
 * drafts of a devsvc that was killed while it wrote.
 *
 * @param dir The places of the project.
 * @param service The name of the service.
 */
export async function removeLease(
  dir: StateDir,
  service: string,
): Promise<void> {
  const file = `${service}.json`;
  for await (const entry of Deno.readDir(dir.leases)) {
    if (entry.name !== file && !entry.name.startsWith(`${file}.`)) continue;
    try {
      // Even a folder in its place must not block a command.
      await Deno.remove(join(dir.leases, entry.name), { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/**
 * Marks that the end of a run was told.
 *
 * @param dir The places of the project.
 * @param lease The lease of the run.
 * @returns Whether this was the first time; false where it cannot be written.
 */
export async function markTold(dir: StateDir, lease: Lease): Promise<boolean> {
  try {
    const mark = `${leaseFile(dir, lease.service)}.${lease.run}.told`;
    (await Deno.open(mark, { createNew: true, write: true })).close();
    return true;
  } catch {
    return false;
  }
}
