import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { buildSchema, SCHEMA_URL } from "../../scripts/generate_schema.ts";
import type { Keys } from "./rules.ts";
import { FILE_KEYS, SERVICE_KEYS } from "./schema.ts";

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every schema in a schema that has `properties`, with its path. */
function* tables(schema: Json, path = ""): Generator<[string, Json]> {
  if (isObject(schema["properties"])) yield [path, schema];
  for (const [key, value] of Object.entries(schema)) {
    const inner = Array.isArray(value) ? value : [value];
    for (const one of inner.filter(isObject)) {
      yield* tables(one, Array.isArray(value) ? path : `${path}/${key}`);
    }
  }
}

Deno.test("services.schema.json is current", async () => {
  strictEqual(
    await Deno.readTextFile(SCHEMA_URL),
    buildSchema(),
    "Run scripts/generate_schema.ts",
  );
});

Deno.test("services.schema.json documents every key and allows no other", () => {
  const schema: Json = JSON.parse(buildSchema());
  match(String(schema["$schema"]), /draft-07/);
  let count = 0;
  for (const [path, table] of tables(schema)) {
    strictEqual(table["additionalProperties"], false, path);
    const keys = isObject(table["properties"]) ? table["properties"] : {};
    for (const [key, value] of Object.entries(keys)) {
      ok(isObject(value) && value["description"], `${path}: ${key}`);
      count++;
    }
  }
  strictEqual(count, Object.keys(FILE_KEYS).length + countKeys(SERVICE_KEYS));
});

/** Counts keys and those below them. */
function countKeys(keys: Keys): number {
  return Object.values(keys)
    .reduce((sum, { rule }) => sum + 1 + countKeys(rule.keys ?? {}), 0);
}

Deno.test("services.schema.json gives no default to a key of one OS", () => {
  const schema: Json = JSON.parse(buildSchema());
  const defaults = [...tables(schema)].flatMap(([path, table]) =>
    Object.entries(table["properties"] ?? {}).flatMap(([key, value]) =>
      isObject(value) && "default" in value
        ? [`${path.split("/").at(-1)}.${key}=${value["default"]}`]
        : []
    )
  );
  deepStrictEqual(defaults, [
    "additionalProperties.cwd=.",
    "additionalProperties.depends_on=",
    "ready.timeout=60s",
    "stop.signal=SIGTERM",
    "stop.timeout=10s",
    "restart.when=on-failure",
    "restart.limit=5",
    "restart.delay=500ms",
    "live.every=30s",
    "live.failures=3",
    "live.restart=false",
    "live.timeout=10s",
    "log.size=10MB",
    "log.keep=5",
  ]);
});
