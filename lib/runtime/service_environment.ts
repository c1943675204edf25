/** The environment variables that services.toml sets for a service. */

import { readEnvFile } from "../config/env_file.ts";
import type { Service } from "../core/model.ts";

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
