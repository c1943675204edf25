/**
 * A digest of a service, which shows that it was configured differently when it
 * was started.
 */

import type { Service } from "../core/model.ts";

/** JSON with the keys of every object in one order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) {
    return JSON.stringify(value) ?? "null";
  }
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`);
  return `{${fields.join()}}`;
}

/**
 * Digests what a running service can only take up by a restart: its command,
 * folder, port and environment; and the other commands that the supervisor runs
 * for it, which are to be those that the user started. All else, such as labels,
 * dependencies and other checks, is read anew by every command and does not count.
 *
 * @returns SHA-256 in hexadecimal; values of the environment are in it only as
 * part of the digest.
 */
export function configHash(
  service: Service,
  sha256: (text: string) => Promise<string>,
): Promise<string> {
  const { command, cwd, port, env, envFile } = service;
  const checks = service.ready.filter(({ kind }) => kind === "command");
  return sha256(canonical({
    command,
    cwd,
    port,
    env,
    envFile,
    checks: checks.length > 0 ? checks : undefined,
    stop: service.stop.command,
  }));
}
