import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { makeEntry, makeRunRecord } from "../../../tests/kit/builders.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import {
  hasCrashed,
  markReported,
  parseRunRecord,
  readRunRecord,
  recordFile,
  removeRunRecord,
  requestStop,
  writeRunRecord,
} from "./run_record.ts";
import { OS } from "../../platform/os.ts";
import { ensureStateDir, type StateDir, stateDirOf } from "./state_dir.ts";

const RUN_RECORD = makeRunRecord(makeEntry(100));

const OTHER_RUN = "f0f0f0f0-0000-4000-8000-000000000002";

const SOURCE = { file: "f", key: undefined, now: Infinity };

/** A project that is gone with the test. */
async function makeDir(): Promise<StateDir & AsyncDisposable> {
  const folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  return {
    ...dir,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).toSorted();
}

Deno.test("readRunRecord() returns what writeRunRecord() wrote", async () => {
  await using dir = await makeDir();
  const { readyAt: _, port: __, ...bare } = RUN_RECORD;
  const records = [
    RUN_RECORD,
    bare,
    { ...RUN_RECORD, command: ["python", "-c", 'print("é\n")'] },
  ];
  for (const record of records) {
    writeRunRecord(dir, record);
    deepStrictEqual(readRunRecord(dir, "api"), { kind: "valid", record });
  }
});

Deno.test("writeRunRecord() writes one file, for its owner only", async () => {
  await using dir = await makeDir();
  writeRunRecord(dir, RUN_RECORD);
  deepStrictEqual(await namesIn(dir.runs), ["api.json"]);
  if (OS === "windows") return;
  const { mode } = await Deno.stat(recordFile(dir, "api"));
  strictEqual((mode ?? 0) & 0o777, 0o600);
});

Deno.test("readRunRecord() distinguishes no file, an invalid one and one that cannot be read", async () => {
  await using dir = await makeDir();
  const file = recordFile(dir, "api");
  deepStrictEqual(readRunRecord(dir, "api"), { kind: "none" });
  for (
    const text of ["", "{", "null", "7", "[]", "{}", '"run record"', "\0\0\0"]
  ) {
    await Deno.writeTextFile(file, text);
    deepStrictEqual(
      readRunRecord(dir, "api"),
      { kind: "corrupt", file },
      text,
    );
  }
  await Deno.remove(file);
  await Deno.mkdir(file);
  deepStrictEqual(readRunRecord(dir, "api"), {
    kind: "unreadable",
    file,
    problem: "kind",
  });
});

Deno.test("parseRunRecord() says which other version wrote it", () => {
  const text = JSON.stringify({ version: 2, whatever: true });
  deepStrictEqual(parseRunRecord(text, "api", SOURCE), {
    kind: "version",
    file: "f",
    found: "2",
  });
});

Deno.test("parseRunRecord() refuses the run record of another service", () => {
  const { kind } = parseRunRecord(JSON.stringify(RUN_RECORD), "web", SOURCE);
  strictEqual(kind, "corrupt");
});

Deno.test("parseRunRecord() refuses every field that cannot be right", () => {
  const wrong: Readonly<Record<string, readonly unknown[]>> = {
    pid: ["100", 1, 0, -5, 1.5, null, 1e300],
    start: [7, null],
    run: [null, {}],
    configHash: [null],
    startedAt: [1700000000, "", "soon", { toString: 1, valueOf: 1 }],
    logOffset: ["0", null, -1, 1.5],
    port: ["8000", null],
    readyAt: [0, null],
    command: [7, null, {}, [1], ["a", null]],
  };
  for (const [key, values] of Object.entries(wrong)) {
    for (const value of values) {
      const text = JSON.stringify({ ...RUN_RECORD, [key]: value });
      strictEqual(parseRunRecord(text, "api", SOURCE).kind, "corrupt", text);
    }
  }
});

Deno.test("parseRunRecord() refuses a run record that lacks what it must have", () => {
  const may = new Set(["port", "readyAt"]);
  for (const key of Object.keys(RUN_RECORD)) {
    const text = JSON.stringify({ ...RUN_RECORD, [key]: undefined });
    const expected = may.has(key) ? "valid" : "corrupt";
    strictEqual(parseRunRecord(text, "api", SOURCE).kind, expected, key);
  }
});

Deno.test("parseRunRecord() never throws and never accepts an invalid run record", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.record({ version: fc.constantFrom(1, 2, "1", null) }, {
      noNullPrototype: true,
    }).chain((base) =>
      fc.dictionary(fc.constantFrom(...Object.keys(RUN_RECORD)), fc.jsonValue())
        .map((fields) => JSON.stringify({ ...RUN_RECORD, ...base, ...fields }))
    ),
  );
  fc.assert(fc.property(anyText, (text) => {
    const reading = parseRunRecord(text, "api", SOURCE);
    if (reading.kind !== "valid") return;
    const { record } = reading;
    ok(Number.isSafeInteger(record.pid) && record.pid > 1);
    strictEqual(record.service, "api");
    strictEqual(typeof record.run, "string");
    strictEqual(typeof record.start, "string");
  }));
});

Deno.test("readRunRecord() believes only what was written in this folder", async () => {
  await using dir = await makeDir();
  await using other = await makeDir();
  const file = recordFile(dir, "api");
  writeRunRecord(other, RUN_RECORD);
  await Deno.copyFile(recordFile(other, "api"), file);
  deepStrictEqual(readRunRecord(dir, "api"), { kind: "foreign", file });
  await Deno.writeTextFile(file, JSON.stringify(RUN_RECORD));
  deepStrictEqual(readRunRecord(dir, "api"), { kind: "foreign", file });
});

Deno.test("parseRunRecord() refuses a run id that devsvc does not make", () => {
  for (const run of ["0", "", "../../x", "F0F0F0F0", "none"]) {
    const text = JSON.stringify({ ...RUN_RECORD, run });
    strictEqual(parseRunRecord(text, "api", SOURCE).kind, "corrupt", run);
  }
});

Deno.test("parseRunRecord() refuses a run of the far future, not one of a clock set back", () => {
  const begun = Date.parse(RUN_RECORD.startedAt);
  const kindAt = (now: number) =>
    parseRunRecord(JSON.stringify(RUN_RECORD), "api", { ...SOURCE, now }).kind;
  const day = 24 * 60 * 60 * 1000;
  strictEqual(kindAt(begun - day + 1), "valid");
  strictEqual(kindAt(begun - day - 1), "corrupt");
});

Deno.test("removeRunRecord() removes temporary and marker files, and none of other services", async () => {
  await using dir = await makeDir();
  writeRunRecord(dir, RUN_RECORD);
  writeRunRecord(dir, { ...RUN_RECORD, service: "api2" });
  markReported(dir, RUN_RECORD);
  await Deno.writeTextFile(
    `${recordFile(dir, "api")}.f0f0-7.tmp`,
    "{half a re",
  );
  removeRunRecord(dir, "api");
  deepStrictEqual(await namesIn(dir.runs), ["api2.json"]);
  removeRunRecord(dir, "api");
});

Deno.test("hasCrashed() is true only for a run that no command stops", async () => {
  await using dir = await makeDir();
  writeRunRecord(dir, RUN_RECORD);
  strictEqual(hasCrashed(dir, RUN_RECORD), true);
  requestStop(dir, RUN_RECORD);
  strictEqual(hasCrashed(dir, RUN_RECORD), false, "it is being stopped");
  removeRunRecord(dir, "api");
  strictEqual(hasCrashed(dir, RUN_RECORD), false, "it was stopped");
  writeRunRecord(dir, { ...RUN_RECORD, run: OTHER_RUN });
  strictEqual(hasCrashed(dir, RUN_RECORD), false, "it was started again");
});

Deno.test("markReported() is true once for each run", async () => {
  await using dir = await makeDir();
  strictEqual(markReported(dir, RUN_RECORD), true);
  strictEqual(markReported(dir, RUN_RECORD), false);
  strictEqual(markReported(dir, { ...RUN_RECORD, run: OTHER_RUN }), true);
});

Deno.test("markReported() is false where the file cannot be written", async () => {
  await using folder = await makeFolder();
  strictEqual(markReported(stateDirOf(folder.path), RUN_RECORD), false);
});
