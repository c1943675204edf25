import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { schemaErrors } from "../../tests/kit/schema_errors.ts";
import type { UnplacedIssue } from "./errors/config_issue.ts";
import type { Keys } from "./rules.ts";
import { FILE, SERVICE_KEYS } from "./schema.ts";
import type { Table } from "./toml.ts";

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
const LIKELY: ReadonlyMap<string, readonly unknown[]> = new Map(
  Object.entries({
    label: ["API"],
    command: ["run", ["run", "it"]],
    cwd: ["backend"],
    port: [8000, 1],
    depends_on: [[], ["b"]],
    env_file: [".env"],
    http: ["/health"],
    path: ["/health"],
    status: [[200], [100, 599]],
    restart: ["always", true],
    when: ["on-failure", "always"],
    limit: [1, 5],
    delay: ["500ms"],
    live: [false],
    every: ["30s"],
    failures: [3],
    log: ["ready"],
    size: ["10MB", "64kB"],
    keep: [0, 5],
    tcp: [true],
    timeout: ["10s", "1m30s"],
    signal: ["SIGINT"],
    language: ["fr", "en"],
  }),
);

function valueOf(key: string, keys: Keys): fc.Arbitrary<unknown> {
  const likely = LIKELY.get(key);
  const below = Object.hasOwn(keys, key) ? keys[key]?.rule.keys : undefined;
  return fc.oneof(
    odd,
    ...(likely ? [{ arbitrary: fc.constantFrom(...likely), weight: 12 }] : []),
    ...(below ? [{ arbitrary: tableOf(below), weight: 8 }] : []),
  );
}

function tableOf(keys: Keys): fc.Arbitrary<Table> {
  const key = fc.oneof(
    { arbitrary: fc.constantFrom(...Object.keys(keys)), weight: 40 },
    fc.constantFrom("prot", "__proto__", "constructor", "retries"),
  );
  return fc.uniqueArray(key, { maxLength: 5 }).chain((chosen) =>
    fc.tuple(
      ...chosen.map((name) =>
        valueOf(name, keys).map((value): [string, unknown] => [name, value])
      ),
    ).map((entries) => table(entries))
  );
}

const service = fc.tuple(
  tableOf(SERVICE_KEYS),
  valueOf("command", SERVICE_KEYS),
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
  fc.option(valueOf("language", {}), { nil: undefined }),
).map(([services, language]) =>
  table([
    ["services", table(services)],
    ...(language === undefined ? [] : [["language", language] as const]),
  ])
);

const SCHEMA = FILE.describe(true);

/** What only code can check: JSON Schema accepts it. */
const BEYOND_SCHEMA: ReadonlySet<UnplacedIssue["code"]> = new Set([
  // `25h` and `63kB` have the form of a duration and a size.
  "bad-duration",
  "bad-size",
  "bad-pattern",
  // NUL, and the names that JavaScript, Windows and HTTP keep for themselves.
  "bad-env-name",
  "bad-name",
  "bad-header-name",
  "bad-header-value",
]);

/** The first word of a command is not blank: not a form of the whole array. */
function isBeyondSchema({ code, path }: UnplacedIssue): boolean {
  return BEYOND_SCHEMA.has(code) ||
    (code === "empty-value" && path.at(-1) === "command");
}

Deno.test("the rules and the JSON Schema accept the same tables", () => {
  const counts = { right: 0, wrong: 0 };
  fc.assert(
    fc.property(file, (raw) => {
      const issues: UnplacedIssue[] = [];
      const isRight = FILE.check(raw, { path: [], issues });
      deepStrictEqual(isRight, issues.length === 0);
      const errors = schemaErrors(SCHEMA, raw);
      counts[isRight ? "right" : "wrong"]++;
      if (isRight) deepStrictEqual(errors, []);
      if (!issues.every(isBeyondSchema)) ok(errors.length > 0);
    }),
    { numRuns: 5_000 },
  );
  // Were all of one kind, the property would hold of anything.
  ok(counts.right > 200 && counts.wrong > 200, JSON.stringify(counts));
});
