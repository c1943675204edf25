import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { buildSchema, SCHEMA_URL } from "../../scripts/generate_schema.ts";
import { KEYS } from "./schema.ts";

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
  // The file, the service, the tables in it, and three times those of an OS.
  const { file, service, override, ...tablesInside } = KEYS;
  const inner = Object.values(tablesInside).flat().length;
  strictEqual(
    count,
    file.length + service.length + inner + 3 * (override.length + inner),
  );
});

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
    "log.size=10MB",
    "log.keep=5",
  ]);
});
