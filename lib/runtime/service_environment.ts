/**
 * The environment of a service, as far as services.toml says it.
 *
 * @module
 */

import { readEnvFile } from "../config/env_file.ts";
import type { Service } from "../core/model.ts";

/**
 * What services.toml sets on top of the environment of who starts a service.
 *
 * @throws {Error} Where its file cannot be read.
 */
export function configuredEnvironment(
  service: Service,
): Readonly<Record<string, string>> {
  const file = service.envFile ? readEnvFile(service.envFile) : {};
  return {
    // Or the last words of a Python program that dies stay in its buffer.
    PYTHONUNBUFFERED: "1",
    ...file,
    ...service.env,
  };
}
