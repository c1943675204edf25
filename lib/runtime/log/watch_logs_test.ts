import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../../../tests/kit/os.ts";
import { until } from "../../../tests/kit/test_process.ts";
import {
  fakePunchHole,
  makeLog,
  numbered,
  type TestLog,
} from "../../../tests/kit/test_log.ts";
import { MTIME_IS_CURRENT } from "../../platform/os.ts";
import { readTimes } from "./times.ts";
import { type LogTrouble, type LogWatch, watchLogs } from "./watch_logs.ts";
import { systemFileSystem } from "../../platform/file_system.ts";
import { systemClock } from "../../platform/clock.ts";

function watch(
  log: TestLog,
  options: {
    readonly punchHole?: typeof fakePunchHole;
    readonly troubles?: LogTrouble[];
    readonly signal?: AbortSignal;
  } = {},
): LogWatch {
  return watchLogs({
    dir: log.dir,
    services: [log.service],
    platform: { punchHole: options.punchHole ?? fakePunchHole },
    clock: systemClock,
    onTrouble: (trouble) => options.troubles?.push(trouble),
    ...(options.signal ? { signal: options.signal } : {}),
  });
}

/** Whether this process waits for changes of a folder (`man 5 proc`). */
function waits(): boolean {
  return [...Deno.readDirSync("/proc/self/fd")].some(({ name }) => {
    try {
      const info = Deno.readTextFileSync(`/proc/self/fdinfo/${name}`);
      return info.includes("inotify wd");
    } catch {
      // The one that the folder was read by.
      return false;
    }
  });
}

/** Waits until the times know of a length. */
async function told(log: TestLog, length: number): Promise<void> {
  await until(() => readTimes(systemFileSystem, log.files.times).end >= length);
}

Deno.test("watchLogs() knows the time of each line to a quarter of a second", async () => {
  await using log = await makeLog(1_000_000);
  await using _watch = watch(log);
  const written: (readonly [number, number])[] = [];
  const write = async () => {
    const line = written.length;
    const before = Date.now();
    await log.append(numbered(line, line));
    written.push([before, Date.now()]);
  };
  for (let line = 0; line < 8; line++) {
    await write();
    // Now more often than it looks, now less often.
    const pause = 60 * line;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  // A machine that is too busy to look in time says so.
  await until(async () => {
    await told(log, written.length * 8);
    const times = readTimes(systemFileSystem, log.files.times);
    const isExact = written.some((_, line) =>
      times.of(line * 8)?.isApproximate === false
    );
    if (!isExact) await write();
    return isExact;
  });
  const times = readTimes(systemFileSystem, log.files.times);
  for (const [line, [before, after]] of written.entries()) {
    const time = times.of(line * 8);
    ok(time && time.at >= before);
    const late = time.at - after;
    ok(time.isApproximate || late <= 250, `line ${line}: ${late} ms`);
  }
});

Deno.test(
  "watchLogs() is woken by the first line after silence",
  ON_LINUX,
  async () => {
    await using log = await makeLog(1_000_000);
    await log.append("before\n");
    await until(() => !waits());
    await using _watch = watch(log);
    await told(log, 7);
    // It has no timer any more and waits for the OS.
    await until(waits);
    const before = Date.now();
    await log.append("after\n");
    const after = Date.now();
    await told(log, 13);
    const time = readTimes(systemFileSystem, log.files.times).of(7);
    ok(time && time.at >= before, JSON.stringify(time));
    ok(time.isApproximate || time.at - after <= 250, JSON.stringify(time));
  },
);

Deno.test("watchLogs() says what it did not see being written", async () => {
  await using log = await makeLog(1_000_000);
  await log.append("unwatched\n");
  await Deno.utime(log.files.active, new Date(5000), new Date(5000));
  {
    await using _watch = watch(log);
    await told(log, 10);
  }
  const time = readTimes(systemFileSystem, log.files.times).of(0);
  strictEqual(time?.isApproximate, true);
  if (!MTIME_IS_CURRENT) return;
  strictEqual(time.at, 5000);
  await log.append("again\n");
  {
    await using _watch = watch(log);
    await told(log, 16);
  }
  strictEqual(
    readTimes(systemFileSystem, log.files.times).of(10)?.isApproximate,
    true,
  );
});

Deno.test("watchLogs() bounds a log while it is written", async () => {
  await using log = await makeLog(1000, 100);
  await using _watch = watch(log);
  for (let line = 1; line <= 500; line += 50) {
    await log.append(numbered(line, line + 49));
    const { size } = await Deno.stat(log.files.active);
    await told(log, size);
  }
  await until(() => log.names().includes("api.log.3000"));
  strictEqual(await log.content(), numbered(1, 500));
});

Deno.test("watchLogs() bounds what was written while it gave space back", async () => {
  await using log = await makeLog(5000);
  let rest = numbered(751, 2000);
  const punchHole = async (file: string, bytes: number) => {
    if (file === log.files.active && rest !== "") {
      await log.append(rest);
      rest = "";
      watching.look();
    }
    return await fakePunchHole(file, bytes);
  };
  await using watching = watch(log, { punchHole });
  await log.append(numbered(1, 750));
  await until(() => log.names().includes("api.log.15000"));
  strictEqual(await log.content(), numbered(1, 2000));
});

Deno.test("watchLogs() puts nothing away where no space can be given back", async () => {
  await using log = await makeLog(100);
  let calls = 0;
  const punchHole = () => Promise.resolve(++calls < 0);
  {
    await using watching = watch(log, { punchHole });
    await log.append(numbered(1, 100));
    watching.look();
    await until(() => calls > 0);
    await log.append(numbered(101, 200));
    await told(log, 1600);
  }
  strictEqual(calls, 1);
  deepStrictEqual(log.names(), ["api.log", "api.times"]);
  strictEqual(await Deno.readTextFile(log.files.active), numbered(1, 200));
});

Deno.test("watchLogs() notices that a log was emptied by hand", async () => {
  await using log = await makeLog(1_000_000);
  await using _watch = watch(log);
  await log.append(numbered(1, 100));
  await told(log, 800);
  const before = Date.now();
  await Deno.truncate(log.files.active);
  await log.append("anew\n");
  await told(log, 805);
  strictEqual(await log.content(), "anew\n");
  const time = readTimes(systemFileSystem, log.files.times).of(800);
  ok(time && time.at >= before);
});

Deno.test("watchLogs() tells of a trouble once, and goes on", async () => {
  await using log = await makeLog(100);
  const troubles: LogTrouble[] = [];
  await Deno.mkdir(log.files.times);
  {
    await using _watch = watch(log, { troubles });
    await log.append(numbered(1, 20));
    await until(() => troubles.length > 0);
    await log.append(numbered(21, 40));
    await until(() => log.names().includes("api.log.288"));
  }
  strictEqual(troubles.length, 1);
  strictEqual(troubles[0]?.service, "api");
  strictEqual(troubles[0]?.kind, "failed");
  strictEqual(await log.content(), numbered(1, 40));
});

Deno.test("watchLogs() ends when it is aborted, with a last look", async () => {
  await using log = await makeLog(1_000_000);
  const end = new AbortController();
  await using _watch = watch(log, { signal: end.signal });
  await log.append("last\n");
  end.abort();
  strictEqual(readTimes(systemFileSystem, log.files.times).end, 5);
});

Deno.test("watchLogs() watches a folder that is not there yet", async () => {
  await using log = await makeLog(1_000_000);
  await Deno.remove(log.dir.logs, { recursive: true });
  await using _watch = watch(log);
  await Deno.mkdir(log.dir.logs);
  await log.append("first\n");
  await told(log, 6);
});

Deno.test(
  "watchLogs() finds a folder again that was removed",
  ON_LINUX,
  async () => {
    await using log = await makeLog(1_000_000);
    await until(() => !waits());
    await using _watch = watch(log);
    await until(waits);
    await Deno.remove(log.dir.logs, { recursive: true });
    await Deno.mkdir(log.dir.logs);
    await log.append("first\n");
    await told(log, 6);
  },
);
