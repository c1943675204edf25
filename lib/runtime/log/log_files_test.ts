import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { makeLog } from "../../../tests/kit/test_log.ts";
import {
  type LogOffsets,
  type OffsetEvidence,
  resolveOffsets,
  viewLog,
} from "./log_files.ts";

const NOTHING: OffsetEvidence = {
  stored: undefined,
  archives: [],
  size: undefined,
  reportedLength: 0,
  noticedBase: undefined,
  punchedSize: () => 0,
};

const CASES:
  readonly (readonly [string, Partial<OffsetEvidence>, LogOffsets])[] = [
    ["there are no files", {}, { base: 0, archived: 0 }],
    ["the first run", { size: 30, reportedLength: 20 }, {
      base: 0,
      archived: 0,
    }],
    [
      "lines were rotated",
      {
        size: 300,
        stored: { base: 0, archived: 200 },
        archives: [{ end: 100, size: 100 }, { end: 200, size: 100 }],
      },
      { base: 0, archived: 200 },
    ],
    [
      "a process was killed before it stored the offsets",
      {
        size: 300,
        stored: { base: 0, archived: 100 },
        archives: [{ end: 100, size: 100 }, { end: 200, size: 100 }],
      },
      { base: 0, archived: 200 },
    ],
    [
      "the archives were deleted by hand",
      { size: 300, stored: { base: 0, archived: 200 } },
      { base: 0, archived: 200 },
    ],
    [
      "the active file was deleted by hand",
      { stored: { base: 100, archived: 100 }, reportedLength: 150 },
      { base: 150, archived: 150 },
    ],
    [
      "the active file was emptied by hand, and written to since",
      { size: 20, stored: { base: 100, archived: 100 }, reportedLength: 150 },
      { base: 150, archived: 150 },
    ],
    [
      "a punched file was emptied by hand",
      { size: 20, stored: { base: 0, archived: 200 } },
      { base: 200, archived: 200 },
    ],
    [
      "the stored offsets are lost, the head was punched",
      {
        size: 150,
        archives: [{ end: 400, size: 100 }],
        punchedSize: () => 100,
      },
      { base: 300, archived: 400 },
    ],
    [
      "the stored offsets are lost: better twice than never",
      { size: 150, archives: [{ end: 100, size: 100 }] },
      { base: 100, archived: 100 },
    ],
    [
      "everything but a punched active file is lost",
      { size: 150, punchedSize: () => 100 },
      { base: 0, archived: 100 },
    ],
    [
      "everything but the active file and the times is lost",
      { size: 150, reportedLength: 900 },
      { base: 900, archived: 900 },
    ],
    [
      "a process was killed when it had collapsed the head",
      {
        size: 150,
        stored: { base: 0, archived: 200 },
        archives: [{ end: 200, size: 200 }],
        reportedLength: 300,
        noticedBase: 180,
      },
      { base: 180, archived: 200 },
    ],
    ...[90, 210].map((noticedBase) =>
      [
        `a service printed what looks like a notice of byte ${noticedBase}`,
        { size: 150, stored: { base: 100, archived: 200 }, noticedBase },
        { base: 100, archived: 200 },
      ] as const
    ),
  ];

for (const [name, evidence, expected] of CASES) {
  Deno.test(`resolveOffsets() trusts the files: ${name}`, () => {
    deepStrictEqual(resolveOffsets({ ...NOTHING, ...evidence }), expected);
  });
}

Deno.test("viewLog() lists only files that are named like an archive", async () => {
  await using log = await makeLog();
  for (const name of ["4", "04", "9.part", "json.12", "x", "1e2", "-1"]) {
    await Deno.writeTextFile(`${log.files.active}.${name}`, "abc\n");
  }
  await Deno.writeTextFile(`${log.dir.logs}/api2.log.8`, "abc\n");
  await Deno.mkdir(log.files.archive(7));
  deepStrictEqual(viewLog(log.dir, "api").segments, [
    { file: log.files.archive(4), begin: 0, end: 4, at: 0, isActive: false },
  ]);
});

Deno.test("viewLog() ignores stored offsets that are not valid", async () => {
  await using log = await makeLog();
  await log.append("one\n");
  const texts = ["", "{", "null", '{"base":-1}', '{"base":"x","archived":1}'];
  for (const text of texts) {
    await Deno.writeTextFile(log.files.offsets, text);
    const { base, archived, end } = viewLog(log.dir, "api");
    deepStrictEqual({ base, archived, end }, { base: 0, archived: 0, end: 4 });
  }
});

Deno.test("viewLog() reads the size of a hole where the stored offsets are lost", async () => {
  await using log = await makeLog();
  const notice = "[devsvc] begins at byte ?; earlier lines: and so on\n";
  const head = new Uint8Array(8192);
  head.set(new TextEncoder().encode(notice));
  await log.append(head);
  await log.append("after\n");
  await Deno.writeTextFile(log.files.archive(9000), "before\n");
  const { base, archived } = viewLog(log.dir, "api");
  deepStrictEqual({ base, archived }, { base: 808, archived: 9000 });
  strictEqual(await log.content(), "before\nafter\n");
});
