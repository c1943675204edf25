// deno-lint-ignore-file camelcase -- the keys are those of services.toml
/**
 * A quick look at services.toml that can only say yes: most files are plainly
 * right, and to see that needs no schema, which takes longer to load than all
 * the rest of `check`.
 *
 * What is not plainly right is judged by the schema alone. A property test
 * holds the two together: whatever is accepted here, the schema accepts.
 *
 * @module
 */

import { LANGUAGES, STOP_SIGNALS } from "../core/model.ts";
import { isTable, OS_KEYS, type Table } from "./_toml.ts";
import { parseDuration } from "./duration.ts";
import type { FileTable } from "./schema.ts";
import {
  DEVICE_NAME,
  ENV_NAME,
  HTTP_PATH,
  isPattern,
  MAX_PORT,
  MIN_PORT,
  RESERVED_NAMES,
  SERVICE_NAME,
} from "./values.ts";

type Test = (value: unknown) => boolean;

function isText(value: unknown): value is string {
  return typeof value === "string" && /\S/.test(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) &&
    value.every((one) => typeof one === "string");
}

function isCommand(value: unknown): boolean {
  return isText(value) || (isTexts(value) && isText(value[0]));
}

function isDuration(value: unknown): boolean {
  return typeof value === "string" && parseDuration(value) !== undefined;
}

function isOneOf(values: readonly string[]): Test {
  return (value) => typeof value === "string" && values.includes(value);
}

/** A table that has none but these keys, each with a value that passes. */
function isTableOf(tests: Readonly<Record<string, Test>>): Test {
  return (value) =>
    isTable(value) &&
    Object.entries(value).every(([key, one]) =>
      Object.hasOwn(tests, key) && tests[key]?.(one)
    );
}

function isEnv(value: unknown): boolean {
  return isTable(value) &&
    Object.entries(value).every(([name, one]) =>
      typeof one === "string" && ENV_NAME.test(name) &&
      !name.includes("\0") && !RESERVED_NAMES.has(name)
    );
}

const OVERRIDE: Readonly<Record<string, Test>> = {
  label: isText,
  command: isCommand,
  cwd: isText,
  port: (value) =>
    typeof value === "number" && Number.isInteger(value) &&
    value >= MIN_PORT && value <= MAX_PORT,
  ready: isTableOf({
    http: (value) => typeof value === "string" && HTTP_PATH.test(value),
    tcp: (value) => value === true,
    log: (value) => isText(value) && isPattern(value),
    command: isCommand,
    timeout: isDuration,
  }),
  depends_on: isTexts,
  env: isEnv,
  env_file: isText,
  stop: isTableOf({ signal: isOneOf(STOP_SIGNALS), timeout: isDuration }),
};

const isService = isTableOf({
  ...OVERRIDE,
  ...Object.fromEntries(OS_KEYS.map((os) => [os, isTableOf(OVERRIDE)])),
});

/**
 * Tells whether services.toml is plainly right, as far as it can be told of
 * each value alone.
 *
 * @param raw The whole file.
 * @returns True only if the schema takes it; false may mean anything.
 */
export function isPlain(raw: Table): raw is Table & FileTable {
  const { services, language, ...others } = raw;
  return Object.keys(others).length === 0 &&
    (language === undefined || isOneOf(LANGUAGES)(language)) &&
    isTable(services) && Object.keys(services).length > 0 &&
    Object.entries(services).every(([name, service]) =>
      SERVICE_NAME.test(name) && !DEVICE_NAME.test(name) &&
      !RESERVED_NAMES.has(name) && isService(service) &&
      isTable(service) && "command" in service
    );
}
