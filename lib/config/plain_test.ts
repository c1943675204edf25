// deno-lint-ignore-file camelcase -- the keys are those of services.toml
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { parse } from "smol-toml";
import * as v from "valibot";
import { EXAMPLE_CONFIG } from "../report/config_report.ts";
import { checkTables } from "./_tables.ts";
import { isTable, type Table } from "./_toml.ts";
import { isPlain } from "./plain.ts";
import { FileSchema, KEYS } from "./schema.ts";

/** Makes a table as smol-toml does. */
function table(entries: readonly (readonly [string, unknown])[]): Table {
  const made: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) made[key] = value;
  return made;
}

const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    "",
    " ",
    "x",
    "(",
    "/",
    "/health",
    "health",
    "10s",
    "0s",
    "25h",
    "1m30s",
    "SIGINT",
    "SIGNOT",
    "fr",
    "never",
    "63kB",
    "10mb",
    0,
    1,
    8000,
    65_535,
    65_536,
    1.5,
    -1,
    true,
    false,
    new Date(0),
    null,
  ),
  fc.array(fc.constantFrom<unknown>("a", "", " ", 1, 404, true), {
    maxLength: 3,
  }),
  fc.constant(table([])),
  fc.array(
    fc.tuple(
      fc.constantFrom(
        "A",
        "",
        "A=B",
        "Host",
        "connection",
        "constructor",
        "N\0",
      ),
      fc.constantFrom<unknown>("1", "1\n", 1),
    ),
    { maxLength: 2 },
  ).map(table),
);

/** Values that fit a key more often than not. */
const LIKELY: Readonly<Record<string, readonly unknown[]>> = {
  label: ["API"],
  command: ["run", ["run", "it"]],
  cwd: ["backend"],
  port: [8000, 1],
  depends_on: [[], ["b"]],
  env_file: [".env"],
  path: ["/health"],
  status: [[200], [100, 599]],
  when: ["on-failure", "always"],
  limit: [1, 5],
  delay: ["500ms"],
  every: ["30s"],
  failures: [3],
  size: ["10MB", "64kB"],
  keep: [0, 5],
  tcp: [true],
  timeout: ["10s", "1m30s"],
  signal: ["SIGINT"],
  language: ["fr", "en"],
};

/** Keys that take something plain or a table; `log` is one here, one there. */
const EITHER: Readonly<
  Record<string, { readonly plain: unknown; readonly keys: readonly string[] }>
> = {
  http: { plain: "/health", keys: KEYS.http },
  restart: { plain: "always", keys: KEYS.restart },
  live: { plain: false, keys: KEYS.live },
  log: { plain: "ready", keys: KEYS.log },
};

function valueOf(key: string): fc.Arbitrary<unknown> {
  const either = Object.hasOwn(EITHER, key) ? EITHER[key] : undefined;
  if (either) {
    return fc.oneof(
      { arbitrary: fc.constant(either.plain), weight: 4 },
      { arbitrary: tableOf(either.keys), weight: 8 },
      odd,
    );
  }
  const likely = Object.hasOwn(LIKELY, key) ? LIKELY[key] : undefined;
  if (key === "ready" || key === "stop") {
    return fc.oneof(odd, { arbitrary: tableOf(KEYS[key]), weight: 6 });
  }
  if (key === "windows" || key === "macos" || key === "linux") {
    return fc.oneof(odd, { arbitrary: tableOf(KEYS.override), weight: 6 });
  }
  return likely
    ? fc.oneof(odd, { arbitrary: fc.constantFrom(...likely), weight: 12 })
    : odd;
}

function tableOf(keys: readonly string[]): fc.Arbitrary<Table> {
  const key = fc.oneof(
    { arbitrary: fc.constantFrom(...keys), weight: 40 },
    fc.constantFrom("prot", "__proto__", "constructor", "retries"),
  );
  return fc.uniqueArray(key, { maxLength: 5 }).chain((chosen) =>
    fc.tuple(
      ...chosen.map((name) =>
        valueOf(name).map((value): [string, unknown] => [name, value])
      ),
    ).map((entries) => table(entries))
  );
}

const service = fc.tuple(
  tableOf(KEYS.service),
  valueOf("command"),
).map(([made, command]) =>
  table([...Object.entries(made), ["command", command]])
);

const file = fc.tuple(
  fc.array(
    fc.tuple(
      fc.constantFrom("a", "B-2", "8000", "_x", "con", "constructor", "a b"),
      fc.oneof({ arbitrary: service, weight: 12 }, odd),
    ),
    { maxLength: 2 },
  ),
  fc.option(valueOf("language"), { nil: undefined }),
).map(([services, language]) =>
  table([
    ["services", table(services)],
    ...(language === undefined ? [] : [["language", language] as const]),
  ])
);

Deno.test("isPlain() takes nothing that the schema refuses", () => {
  let plain = 0;
  fc.assert(
    fc.property(file, (raw) => {
      if (!isPlain(raw)) return;
      plain++;
      deepStrictEqual(checkTables(raw), []);
      ok(v.safeParse(FileSchema, raw).success);
    }),
    { numRuns: 5_000 },
  );
  // Were nothing plain, the property would hold of anything.
  ok(plain > 200, String(plain));
});

Deno.test("isPlain() takes the files that people write", async () => {
  const root = new URL("../../", import.meta.url);
  const texts = [
    EXAMPLE_CONFIG,
    await Deno.readTextFile(new URL("services.toml", root)),
    await Deno.readTextFile(
      new URL("examples/fastapi-django-vite/services.toml", root),
    ),
  ];
  for (const text of texts) {
    const raw: unknown = parse(text);
    strictEqual(isTable(raw) && isPlain(raw), true, text);
  }
});
