/** The environment variables that services.toml sets for a service. */

import { readEnvFile } from "../config/env_file.ts";
import type { RunRecord, Service } from "../core/model.ts";
import { realPathOf } from "../platform/file_system.ts";
import type { ActContext } from "./act_context.ts";

/**
 * Returns the variables that a service gets in addition to those of devsvc.
 *
 * @throws {Error} Where `env_file` cannot be read.
 */
export function configuredEnvironment(
  service: Service,
): Readonly<Record<string, string>> {
  const file = service.envFile ? readEnvFile(service.envFile) : {};
  return {
    // Or the last lines of a Python program that crashes are lost in its buffer.
    PYTHONUNBUFFERED: "1",
    ...file,
    ...service.env,
  };
}

/**
 * Returns the variables of a process that belongs to a run, by which it is found
 * whatever becomes of the run record.
 *
 * @throws {Error} Where `env_file` cannot be read.
 */
export function runEnvironment(
  service: Service,
  { run }: Pick<RunRecord, "run">,
  { fs, project }: Pick<ActContext, "fs" | "project">,
): Readonly<Record<string, string>> {
  return {
    ...configuredEnvironment(service),
    DEVSVC_RUN: run,
    DEVSVC_SERVICE: service.name,
    DEVSVC_ROOT: realPathOf(fs, project.root),
  };
}
