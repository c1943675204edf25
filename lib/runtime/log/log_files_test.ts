import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { makeLog } from "../../../tests/kit/test_log.ts";
import { type LogFacts, type LogState, settle, viewLog } from "./log_files.ts";

const NOTHING: LogFacts = {
  state: undefined,
  archives: [],
  size: undefined,
  told: 0,
  released: () => 0,
};

const CASES: readonly (readonly [string, Partial<LogFacts>, LogState])[] = [
  ["there is nothing", {}, { base: 0, archived: 0 }],
  ["the first run", { size: 30, told: 20 }, { base: 0, archived: 0 }],
  [
    "lines were rotated",
    {
      size: 300,
      state: { base: 0, archived: 200 },
      archives: [{ end: 100, size: 100 }, { end: 200, size: 100 }],
    },
    { base: 0, archived: 200 },
  ],
  [
    "killed before it was written down",
    {
      size: 300,
      state: { base: 0, archived: 100 },
      archives: [{ end: 100, size: 100 }, { end: 200, size: 100 }],
    },
    { base: 0, archived: 200 },
  ],
  [
    "the archives were deleted by hand",
    { size: 300, state: { base: 0, archived: 200 } },
    { base: 0, archived: 200 },
  ],
  [
    "the active file was deleted by hand",
    { state: { base: 100, archived: 100 }, told: 150 },
    { base: 150, archived: 150 },
  ],
  [
    "the active file was emptied by hand, and written to since",
    { size: 20, state: { base: 100, archived: 100 }, told: 150 },
    { base: 150, archived: 150 },
  ],
  [
    "a file with a hole was emptied by hand",
    { size: 20, state: { base: 0, archived: 200 } },
    { base: 200, archived: 200 },
  ],
  [
    "what was written down is lost, the head was given back",
    { size: 150, archives: [{ end: 400, size: 100 }], released: () => 100 },
    { base: 300, archived: 400 },
  ],
  [
    "what was written down is lost: better twice than never",
    { size: 150, archives: [{ end: 100, size: 100 }] },
    { base: 100, archived: 100 },
  ],
  [
    "all but an active file with a hole is lost",
    { size: 150, released: () => 100 },
    { base: 0, archived: 100 },
  ],
  [
    "all but the active file and the times is lost",
    { size: 150, told: 900 },
    { base: 900, archived: 900 },
  ],
];

for (const [name, facts, expected] of CASES) {
  Deno.test(`settle() takes the files as they are: ${name}`, () => {
    deepStrictEqual(settle({ ...NOTHING, ...facts }), expected);
  });
}

Deno.test("viewLog() takes only what is named as an archive for one", async () => {
  await using log = await makeLog();
  for (const name of ["4", "04", "9.part", "json.12", "x", "1e2", "-1"]) {
    await Deno.writeTextFile(`${log.files.active}.${name}`, "abc\n");
  }
  await Deno.writeTextFile(`${log.dir.logs}/api2.log.8`, "abc\n");
  await Deno.mkdir(log.files.archive(7));
  deepStrictEqual(viewLog(log.dir, "api").pieces, [
    { file: log.files.archive(4), begin: 0, end: 4, at: 0, isActive: false },
  ]);
});

Deno.test("viewLog() does not stumble over a state that is none", async () => {
  await using log = await makeLog();
  await log.append("one\n");
  const texts = ["", "{", "null", '{"base":-1}', '{"base":"x","archived":1}'];
  for (const text of texts) {
    await Deno.writeTextFile(log.files.state, text);
    const { base, archived, end } = viewLog(log.dir, "api");
    deepStrictEqual({ base, archived, end }, { base: 0, archived: 0, end: 4 });
  }
});

Deno.test("viewLog() finds the end of a hole by itself where nothing else tells", async () => {
  await using log = await makeLog();
  const mark = "[devsvc] earlier lines: api.log.8192 and so on\n";
  const head = new Uint8Array(8192);
  head.set(new TextEncoder().encode(mark));
  await log.append(head);
  await log.append("after\n");
  await Deno.writeTextFile(log.files.archive(9000), "before\n");
  const { base, archived } = viewLog(log.dir, "api");
  deepStrictEqual({ base, archived }, { base: 808, archived: 9000 });
  strictEqual(await log.content(), "before\nafter\n");
});
