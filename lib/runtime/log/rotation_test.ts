import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  fakeCollapse,
  fakePunchHole,
  makeLog,
  numbered,
  type TestLog,
} from "../../../tests/kit/test_log.ts";
import { recordLength } from "./times.ts";
import {
  archiveEnded,
  beginRun,
  canPunchHole,
  isDiskFull,
  rotateLog,
} from "./rotation.ts";
import { viewLog, writeOffsets } from "./log_files.ts";
import { systemClock } from "../../platform/clock.ts";
import { systemFileSystem } from "../../platform/file_system.ts";

function rotate(
  log: TestLog,
  punchHole = fakePunchHole,
  collapseHead?: typeof fakeCollapse,
  clock = systemClock,
): Promise<void> {
  return rotateLog(log.dir, log.service, {
    punchHole,
    ...(collapseHead ? { collapseHead } : {}),
    clock,
  });
}

Deno.test("rotateLog() does not rotate a log within its limit", async () => {
  await using log = await makeLog(100);
  await log.append(numbered(1, 12));
  await rotate(log);
  deepStrictEqual(log.names(), ["api.log", "api.log.json"]);
  strictEqual(await Deno.readTextFile(log.files.active), numbered(1, 12));
});

Deno.test("rotateLog() archives whole lines, in parts of the limit", async () => {
  await using log = await makeLog(100);
  await log.append(numbered(1, 40) + "unfinished");
  await rotate(log);
  const archives = log.names().filter((name) => /\.\d+$/.test(name));
  deepStrictEqual(archives.toSorted(), [
    "api.log.192",
    "api.log.288",
    "api.log.96",
  ]);
  for (const end of [96, 192, 288]) {
    const text = await Deno.readTextFile(log.files.archive(end));
    strictEqual(text, numbered(end / 8 - 11, end / 8));
  }
  strictEqual(await log.content(), numbered(1, 40) + "unfinished");
});

Deno.test("rotateLog() cuts a line that is longer than the limit, and loses no byte", async () => {
  await using log = await makeLog(100);
  const text = `one\n${"é".repeat(200)}\nlast\n`;
  await log.append(text);
  await rotate(log);
  strictEqual(await log.content(), text);
  for (const { begin, end } of viewLog(log.dir, "api").segments) {
    ok(end - begin <= 100);
  }
});

Deno.test("rotateLog() removes the archives beyond the limit, the oldest first", async () => {
  await using log = await makeLog(100, 2);
  await log.append(numbered(1, 100));
  await rotate(log);
  const content = await log.content();
  ok(numbered(1, 100).endsWith(content), content);
  strictEqual(log.names().filter((name) => /\.\d+$/.test(name)).length, 2);
  ok(content.length >= 200 && content.length <= 300, `${content.length}`);
});

Deno.test("rotateLog() copies nothing that it would remove as excess", async () => {
  await using log = await makeLog(100, 2);
  await log.append(numbered(1, 20_000));
  let copies = 0;
  const open: typeof Deno.open = (path, options) => {
    if (String(path).endsWith(".part")) copies++;
    return Deno.open(path, options);
  };
  const fs = { ...log.dir.fs, open };
  await rotateLog({ ...log.dir, fs }, log.service, {
    punchHole: fakePunchHole,
    clock: systemClock,
  });
  ok(copies <= 4, `${copies} copies`);
  const content = await log.content();
  ok(numbered(1, 20_000).endsWith(content) && content.startsWith("00"));
  ok(content.length >= 200 && content.length <= 300, `${content.length}`);
});

Deno.test("rotateLog() begins a punched file with a notice of its archives", async () => {
  await using log = await makeLog(5000);
  await log.append(numbered(1, 1000));
  await rotate(log);
  const text = await Deno.readTextFile(log.files.active);
  strictEqual(
    text.slice(0, text.indexOf("\0")),
    "[devsvc] begins at byte 0; earlier lines: " +
      "api.log.5000 and those with lower numbers\n",
  );
  strictEqual(text.slice(5000), numbered(626, 1000));
});

/** What a supervisor leaves that is killed while it rotates. */
const KILLED: Readonly<Record<string, (log: TestLog) => Promise<unknown>>> = {
  "while it copied": (log) =>
    Deno.writeTextFile(`${log.files.active}.part`, "000"),
  "before it stored the offsets": async (log) => {
    writeOffsets(log.files, { base: 0, archived: 0 });
    await Deno.writeTextFile(log.files.archive(96), numbered(1, 12));
  },
  "before it punched the head": async (log) => {
    await Deno.writeTextFile(log.files.archive(96), numbered(1, 12));
    writeOffsets(log.files, { base: 0, archived: 96 });
  },
  "after it punched the head": async (log) => {
    await Deno.writeTextFile(log.files.archive(96), numbered(1, 12));
    writeOffsets(log.files, { base: 0, archived: 96 });
    await fakePunchHole(log.files.active, 96);
  },
};

for (const [when, leave] of Object.entries(KILLED)) {
  Deno.test(`rotateLog() finishes what a process left that was killed ${when}`, async () => {
    await using log = await makeLog(100);
    await log.append(numbered(1, 60));
    await leave(log);
    strictEqual(await log.content(), numbered(1, 60), "before");
    await rotate(log);
    strictEqual(await log.content(), numbered(1, 60), "after");
    await beginRun(log.dir, log.service, systemClock);
    strictEqual(await log.content(), numbered(1, 60), "at the next run");
  });
}

Deno.test("rotateLog() collapses a head that is four times as large as the limit", async () => {
  await using log = await makeLog(300_000);
  const written = numbered(1, 300_000);
  let largest = 0;
  for (let at = 0; at < written.length; at += 150_000) {
    await log.append(written.slice(at, at + 150_000));
    await rotate(log, fakePunchHole, fakeCollapse);
    const { size } = await Deno.stat(log.files.active);
    largest = Math.max(largest, size);
    // From time to time only.
    if (at % 450_000 === 0) {
      strictEqual(await log.content(), written.slice(0, at + 150_000));
    }
  }
  ok(largest > 1_200_000 && largest < 5 * 300_000 + 100_000, `${largest}`);
  strictEqual(await log.content(), written);
  const { base } = viewLog(log.dir, "api");
  ok(base > 0);
  const text = await Deno.readTextFile(log.files.active);
  ok(text.startsWith(`[devsvc] begins at byte ${base}; earlier lines: `));
  await Deno.remove(log.files.offsets);
  strictEqual(await log.content(), written, "without the offsets");
  await beginRun(log.dir, log.service, systemClock);
  strictEqual(await log.content(), written, "at the next run");
});

Deno.test("archiveEnded() leaves no large hole where the disk cannot collapse", async () => {
  await using log = await makeLog(300_000);
  await log.append(numbered(1, 100_000));
  await rotate(log);
  await archiveEnded(log.dir, log.service, systemClock);
  ok(log.names().includes("api.log"), "a hole within the limit");
  await log.append(numbered(100_001, 200_000));
  await rotate(log);
  strictEqual((await Deno.stat(log.files.active)).size, 1_600_000);
  await archiveEnded(log.dir, log.service, systemClock);
  strictEqual(log.names().includes("api.log"), false);
  strictEqual(await log.content(), numbered(1, 200_000));
  await beginRun(log.dir, log.service, systemClock);
  await log.append(numbered(200_001, 200_010));
  strictEqual(await log.content(), numbered(1, 200_010));
});

/** What a supervisor leaves that is killed while it collapses the head. */
const KILLED_COLLAPSES: Readonly<
  Record<string, (file: string, bytes: number) => Promise<boolean>>
> = {
  "before it collapsed": () => Promise.reject(new Error("killed")),
  "after it collapsed": async (file, bytes) => {
    await fakeCollapse(file, bytes);
    throw new Error("killed");
  },
};

for (const [when, collapse] of Object.entries(KILLED_COLLAPSES)) {
  Deno.test(`rotateLog() finishes what a process left that was killed ${when} the head`, async () => {
    await using log = await makeLog(100_000);
    let written = numbered(1, 150_000);
    await log.append(written);
    await rejects(rotate(log, fakePunchHole, collapse), /killed/);
    strictEqual(await log.content(), written, "before");
    const more = numbered(1, 50_000);
    written += more;
    await log.append(more);
    // The tool of the killed process may collapse the head until then.
    const { archived } = viewLog(log.dir, "api");
    await rotate(log);
    if (when === "before it collapsed") {
      strictEqual(viewLog(log.dir, "api").archived, archived);
      strictEqual(
        await beginRun(log.dir, log.service, systemClock),
        written.length,
      );
    }
    strictEqual(await log.content(), written, "meanwhile");
    const later = { ...systemClock, now: () => systemClock.now() + 20_000 };
    await rotate(log, fakePunchHole, fakeCollapse, later);
    strictEqual(await log.content(), written, "after");
    ok((await Deno.stat(log.files.active)).size < 600_000);
    await beginRun(log.dir, log.service, systemClock);
    strictEqual(await log.content(), written, "at the next run");
  });
}

/** What a start leaves that is killed while it archives the whole file. */
const KILLED_STARTS: typeof KILLED = {
  "after it renamed the file": (log) =>
    Deno.rename(log.files.active, log.files.archive(480)),
  "after it copied the file": async (log) => {
    await Deno.copyFile(log.files.active, log.files.archive(480));
    writeOffsets(log.files, { base: 0, archived: 480 });
  },
  "after it removed the file": async (log) => {
    await Deno.rename(log.files.active, log.files.archive(480));
    writeOffsets(log.files, { base: 0, archived: 480 });
  },
};

for (const [when, leave] of Object.entries(KILLED_STARTS)) {
  Deno.test(`beginRun() finishes what a process left that was killed ${when}`, async () => {
    await using log = await makeLog(100);
    await log.append(numbered(1, 60));
    await leave(log);
    strictEqual(await log.content(), numbered(1, 60), "before");
    strictEqual(await beginRun(log.dir, log.service, systemClock), 0);
    await log.append("the next run\n");
    strictEqual(await log.content(), numbered(1, 60) + "the next run\n");
  });
}

Deno.test("beginRun() continues a small file", async () => {
  await using log = await makeLog(100);
  strictEqual(await beginRun(log.dir, log.service, systemClock), 0);
  await log.append("yesterday\n");
  strictEqual(await beginRun(log.dir, log.service, systemClock), 10);
  await log.append("today\n");
  strictEqual(await Deno.readTextFile(log.files.active), "yesterday\ntoday\n");
});

Deno.test("beginRun() archives a file that is large or punched", async () => {
  await using log = await makeLog(100);
  await log.append(numbered(1, 20));
  strictEqual(await beginRun(log.dir, log.service, systemClock), 0);
  deepStrictEqual(log.names(), ["api.log.160", "api.log.json", "api.times"]);
  await log.append(numbered(21, 40));
  await rotate(log);
  strictEqual(await beginRun(log.dir, log.service, systemClock), 0);
  strictEqual(log.names().includes("api.log"), false);
  await log.append(numbered(41, 42));
  strictEqual(await beginRun(log.dir, log.service, systemClock), 16);
  strictEqual(await log.content(), numbered(1, 42));
});

Deno.test("beginRun() begins a new line after a run that ended within one", async () => {
  await using log = await makeLog(100);
  await log.append("Traceback: out of me");
  strictEqual(await beginRun(log.dir, log.service, systemClock), 21);
  await log.append("up\n");
  strictEqual(await log.content(), "Traceback: out of me\nup\n");
});

Deno.test("beginRun() keeps the last run however large it was, and limits the others", async () => {
  await using log = await makeLog(100, 2);
  const whole = numbered(1, 1000);
  await log.append(whole);
  await beginRun(log.dir, log.service, systemClock);
  strictEqual(await log.content(), whole);
  await log.append(numbered(1001, 1020));
  await beginRun(log.dir, log.service, systemClock);
  strictEqual(await log.content(), numbered(1001, 1020));
});

Deno.test("beginRun() accepts that files were deleted by hand", async () => {
  await using log = await makeLog(100);
  for (const file of ["active", "offsets", "times"] as const) {
    await log.append(numbered(1, 30));
    await rotate(log);
    await Deno.remove(log.files[file]).catch(() => {});
    await beginRun(log.dir, log.service, systemClock);
    await log.append(`after ${file}\n`);
    ok((await log.content()).endsWith(`after ${file}\n`));
  }
});

Deno.test("beginRun() lets the run start where no file can be written", async () => {
  await using log = await makeLog(100);
  await log.append(numbered(1, 20));
  // A folder in the place of the file.
  await Deno.mkdir(log.files.offsets);
  await Deno.mkdir(`${log.files.archive(160)}/full`, { recursive: true });
  strictEqual(await beginRun(log.dir, log.service, systemClock), 160);
  strictEqual(await Deno.readTextFile(log.files.active), numbered(1, 20));
});

Deno.test("rotateLog() removes the times of lines that are no longer kept", async () => {
  await using log = await makeLog(100, 1);
  for (let line = 1; line <= 50; line++) {
    await log.append(numbered(line, line));
    recordLength(systemFileSystem, log.files.times, {
      at: line,
      length: line * 8,
    }, false);
  }
  await rotate(log);
  const first = viewLog(log.dir, "api").segments[0]?.begin ?? 0;
  const text = await Deno.readTextFile(log.files.times);
  const [record = ""] = text.split("\n");
  strictEqual(record, `${first / 8} ${first}`);
});

Deno.test("canPunchHole() leaves no file", async () => {
  await using log = await makeLog();
  const list = async () => {
    const entries = await Array.fromAsync(Deno.readDir(log.dir.path));
    return entries.map(({ name }) => name).toSorted();
  };
  const before = await list();
  strictEqual(await canPunchHole(log.dir, fakePunchHole), true);
  strictEqual(await canPunchHole(log.dir, () => Promise.resolve(false)), false);
  deepStrictEqual(await list(), before);
});

Deno.test("isDiskFull() knows the errors of each OS", () => {
  const full = Object.assign(new Error("?"), { code: "ENOSPC" });
  strictEqual(isDiskFull(full), true);
  strictEqual(isDiskFull(new Error("Disk full (os error 112)")), true);
  strictEqual(isDiskFull(new Error("Not found (os error 2)")), false);
  strictEqual(isDiskFull("ENOSPC"), false);
});

const ACTIONS = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("write"), size: fc.nat(150) }),
    fc.record({
      kind: fc.constantFrom("rotate", "run", "interrupt"),
      size: fc.nat(3),
    }),
  ),
  { maxLength: 25 },
);

Deno.test("no line is lost, doubled or cut, whatever happens in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(ACTIONS, async (actions) => {
      await using log = await makeLog(100);
      let written = "";
      let line = 0;
      const write = async (text: string) => {
        written += text;
        await log.append(text);
      };
      for (const { kind, size } of actions) {
        if (kind === "write") await write(`${++line}${"x".repeat(size)}\n`);
        if (kind === "rotate") await rotate(log);
        if (kind === "run") await beginRun(log.dir, log.service, systemClock);
        // An unpunched head, as where the supervisor was killed.
        if (kind === "interrupt") {
          await rotate(log, () => Promise.resolve(false));
        }
      }
      strictEqual(await log.content(), written);
    }),
    { numRuns: 60 },
  );
});
