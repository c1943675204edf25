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

import { LANGUAGES, RESTART_WHEN, STOP_SIGNALS } from "../core/model.ts";
import { isTable, OS_KEYS, type Table } from "./_toml.ts";
import { parseDuration } from "./duration.ts";
import type { FileTable } from "./schema.ts";
import { parseSize } from "./size.ts";
import {
  DEVICE_NAME,
  ENV_NAME,
  FRAMING_HEADERS,
  HEADER_NAME,
  HEADER_VALUE,
  HTTP_PATH,
  isPattern,
  type RangeName,
  RANGES,
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

function isSize(value: unknown): boolean {
  return typeof value === "string" && parseSize(value) !== undefined;
}

function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}

function isIn(range: RangeName): Test {
  const { min, max } = RANGES[range];
  return (value) =>
    typeof value === "number" && Number.isInteger(value) &&
    value >= min && value <= max;
}

function isEither(one: Test, other: Test): Test {
  return (value) => one(value) || other(value);
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

function isHttpPath(value: unknown): boolean {
  return typeof value === "string" && HTTP_PATH.test(value);
}

function isStatuses(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 &&
    value.every(isIn("status"));
}

function isHeaders(value: unknown): boolean {
  return isTable(value) &&
    Object.entries(value).every(([name, one]) =>
      typeof one === "string" && HEADER_VALUE.test(one) &&
      !one.includes("\0") &&
      HEADER_NAME.test(name) && !FRAMING_HEADERS.has(name.toLowerCase()) &&
      !RESERVED_NAMES.has(name)
    );
}

const isHttpTable = isTableOf({
  path: isHttpPath,
  status: isStatuses,
  headers: isHeaders,
});

function isHttp(value: unknown): boolean {
  return isHttpPath(value) ||
    (isHttpTable(value) && isTable(value) && "path" in value);
}

const OVERRIDE: Readonly<Record<string, Test>> = {
  label: isText,
  command: isCommand,
  cwd: isText,
  port: isIn("port"),
  ready: isTableOf({
    http: isHttp,
    tcp: (value) => value === true,
    log: (value) => isText(value) && isPattern(value),
    command: isCommand,
    timeout: isDuration,
  }),
  depends_on: isTexts,
  env: isEnv,
  env_file: isText,
  stop: isTableOf({
    command: isCommand,
    signal: isOneOf(STOP_SIGNALS),
    timeout: isDuration,
  }),
  restart: isEither(
    isOneOf(RESTART_WHEN),
    isTableOf({
      when: isOneOf(RESTART_WHEN),
      limit: isIn("limit"),
      delay: isDuration,
    }),
  ),
  live: isEither(
    (value) => value === false,
    isTableOf({
      every: isDuration,
      failures: isIn("failures"),
      restart: isBoolean,
    }),
  ),
  log: isTableOf({ size: isSize, keep: isIn("keep") }),
};

const isService = isTableOf({
  ...OVERRIDE,
  ...Object.fromEntries(OS_KEYS.map((os) => [os, isTableOf(OVERRIDE)])),
});

/**
 * Tells whether services.toml is plainly right, as far as it can be told of
 * each value alone.
 *
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
