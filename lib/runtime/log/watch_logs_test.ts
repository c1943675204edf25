import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../../../tests/kit/os_tags.ts";
import {
  type SteppedClock,
  steppedClock,
} from "../../../tests/kit/stepped_clock.ts";
import {
  fakePunchHole,
  makeLog,
  numbered,
  type TestLog,
} from "../../../tests/kit/test_log.ts";
import { until } from "../../../tests/kit/test_process.ts";
import { nextTurn } from "../../platform/clock.ts";
import { systemFileSystem } from "../../platform/file_system.ts";
import { currentPlatform } from "../../platform/current.ts";
import { MTIME_IS_CURRENT } from "../../platform/os.ts";
import { type LogTimes, readTimes } from "./times.ts";
import { viewLog } from "./log_files.ts";
import { canCollapseHead } from "./rotation.ts";
import { type LogDegradation, watchLogs } from "./watch_logs.ts";

interface TestWatch extends AsyncDisposable {
  readonly clock: SteppedClock;
  /** Lets time pass, and with it the checks that are due. */
  step(milliseconds?: number): Promise<void>;
}

function watch(
  log: TestLog,
  options: {
    readonly punchHole?: typeof fakePunchHole;
    readonly collapseHead?: typeof fakePunchHole;
    readonly degradations?: LogDegradation[];
    readonly signal?: AbortSignal;
  } = {},
): TestWatch {
  const clock = steppedClock();
  const logs = watchLogs({
    dir: log.dir,
    services: [log.service],
    platform: {
      punchHole: options.punchHole ?? fakePunchHole,
      collapseHead: options.collapseHead ?? (() => Promise.resolve(false)),
    },
    clock,
    onDegraded: (degradation) => options.degradations?.push(degradation),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  return {
    clock,
    step: async (milliseconds = 200) => {
      clock.step(milliseconds);
      await nextTurn();
    },
    [Symbol.asyncDispose]: () => logs[Symbol.asyncDispose](),
  };
}

function timesOf(log: TestLog): LogTimes {
  return readTimes(systemFileSystem, log.files.times);
}

/** Whether this process watches a folder (`man 5 proc`). */
function hasInotifyWatch(): boolean {
  return [...Deno.readDirSync("/proc/self/fd")].some(({ name }) => {
    try {
      const info = Deno.readTextFileSync(`/proc/self/fdinfo/${name}`);
      return info.includes("inotify wd");
    } catch {
      // The one by which the folder was read.
      return false;
    }
  });
}

Deno.test("watchLogs() records the time of each line to a quarter of a second", async () => {
  await using log = await makeLog(1_000_000);
  await using watching = watch(log);
  const { clock, step } = watching;
  const written: number[] = [];
  for (let line = 0; line < 8; line++) {
    written.push(clock.now());
    await log.append(numbered(line, line));
    // At first more often than it checks, then less often.
    for (let waited = 0; waited < 60 * line; waited += 20) await step(20);
  }
  await step();
  for (const [line, at] of written.entries()) {
    const time = timesOf(log).of(line * 8);
    strictEqual(time?.isApproximate, false, `line ${line}`);
    const late = time.at - at;
    strictEqual(late >= 0 && late <= 250, true, `line ${line}: ${late} ms`);
  }
});

Deno.test("watchLogs() marks times as approximate where a check was late", async () => {
  await using log = await makeLog(1_000_000);
  await using watching = watch(log);
  await log.append("one\n");
  await watching.step(1000);
  const at = watching.clock.now();
  deepStrictEqual(timesOf(log).of(0), { at, isApproximate: true });
});

Deno.test(
  "watchLogs() is woken by the first line after silence",
  ON_LINUX,
  async () => {
    await using log = await makeLog(1_000_000);
    await log.append("before\n");
    await until(() => !hasInotifyWatch());
    await using watching = watch(log);
    await until(async () => {
      await watching.step();
      return hasInotifyWatch();
    });
    await log.append("after\n");
    await until(() => timesOf(log).end === 13);
    strictEqual(timesOf(log).of(7)?.at, watching.clock.now());
  },
);

Deno.test("watchLogs() gives lines from before the watch approximate times", async () => {
  await using log = await makeLog(1_000_000);
  await log.append("unwatched\n");
  await Deno.utime(log.files.active, new Date(5000), new Date(5000));
  await watch(log)[Symbol.asyncDispose]();
  const time = timesOf(log).of(0);
  strictEqual(time?.isApproximate, true);
  if (!MTIME_IS_CURRENT) return;
  strictEqual(time.at, 5000);
  await log.append("again\n");
  await watch(log)[Symbol.asyncDispose]();
  strictEqual(timesOf(log).of(10)?.isApproximate, true);
});

Deno.test("watchLogs() rotates a log while it is written", async () => {
  await using log = await makeLog(1000, 100);
  await using watching = watch(log);
  let lines = 0;
  await until(async () => {
    await log.append(numbered(lines + 1, lines += 50));
    await watching.step();
    return log.names().includes("api.log.3000");
  });
  strictEqual(await log.content(), numbered(1, lines));
});

Deno.test("watchLogs() archives what was written while the head was punched", async () => {
  await using log = await makeLog(5000);
  let rest = numbered(751, 2000);
  const punchHole = async (file: string, bytes: number) => {
    if (file === log.files.active && rest !== "") {
      await log.append(rest);
      rest = "";
      await watching.step();
    }
    return await fakePunchHole(file, bytes);
  };
  await using watching = watch(log, { punchHole });
  await log.append(numbered(1, 750));
  await watching.step();
  await until(() => log.names().includes("api.log.15000"));
  strictEqual(await log.content(), numbered(1, 2000));
});

Deno.test(
  "watchLogs() keeps an active file short, and its times right",
  ON_LINUX,
  async () => {
    await using log = await makeLog(300_000);
    const { punchHole, collapseHead } = await currentPlatform();
    if (!await canCollapseHead(log.dir, collapseHead)) return;
    await using watching = watch(log, { punchHole, collapseHead });
    let lines = 0;
    await until(async () => {
      const { base, archived, end } = viewLog(log.dir, "api");
      // No faster than it is rotated.
      if (end - archived <= 300_000) {
        await log.append(numbered(lines + 1, lines += 20_000));
      }
      await watching.step();
      strictEqual(timesOf(log).end, lines * 8);
      return base > 0;
    });
    strictEqual(await log.content(), numbered(1, lines));
  },
);

Deno.test("watchLogs() archives nothing where the disk cannot punch holes", async () => {
  await using log = await makeLog(100);
  let calls = 0;
  const punchHole = () => Promise.resolve(++calls < 0);
  {
    await using watching = watch(log, { punchHole });
    await log.append(numbered(1, 100));
    await watching.step();
    await until(() => calls > 0);
    await log.append(numbered(101, 200));
    await watching.step();
  }
  strictEqual(calls, 1);
  strictEqual(timesOf(log).end, 1600);
  deepStrictEqual(log.names(), ["api.log", "api.times"]);
  strictEqual(await Deno.readTextFile(log.files.active), numbered(1, 200));
});

Deno.test("watchLogs() notices that a log was emptied by hand", async () => {
  await using log = await makeLog(1_000_000);
  await using watching = watch(log);
  await log.append(numbered(1, 100));
  await watching.step();
  await Deno.truncate(log.files.active);
  await log.append("anew\n");
  await watching.step();
  strictEqual(await log.content(), "anew\n");
  strictEqual(timesOf(log).end, 805);
  strictEqual(timesOf(log).of(800)?.at, watching.clock.now());
});

Deno.test("watchLogs() reports a failure once, and goes on", async () => {
  await using log = await makeLog(100);
  const degradations: LogDegradation[] = [];
  await Deno.mkdir(log.files.times);
  let lines = 0;
  {
    await using watching = watch(log, { degradations });
    await until(async () => {
      await log.append(numbered(lines + 1, lines += 20));
      await watching.step();
      return log.names().includes("api.log.288");
    });
  }
  strictEqual(degradations.length, 1);
  strictEqual(degradations[0]?.service, "api");
  strictEqual(await log.content(), numbered(1, lines));
});

Deno.test("watchLogs() makes a last check when it is aborted", async () => {
  await using log = await makeLog(1_000_000);
  const end = new AbortController();
  await using _watching = watch(log, { signal: end.signal });
  await log.append("last\n");
  end.abort();
  strictEqual(timesOf(log).end, 5);
});

Deno.test("watchLogs() watches a folder that does not exist yet", async () => {
  await using log = await makeLog(1_000_000);
  await Deno.remove(log.dir.logs, { recursive: true });
  await using watching = watch(log);
  await Deno.mkdir(log.dir.logs);
  await log.append("first\n");
  await watching.step();
  strictEqual(timesOf(log).end, 6);
});

Deno.test(
  "watchLogs() finds a folder again that was removed",
  ON_LINUX,
  async () => {
    await using log = await makeLog(1_000_000);
    await until(() => !hasInotifyWatch());
    await using watching = watch(log);
    await until(async () => {
      await watching.step();
      return hasInotifyWatch();
    });
    await Deno.remove(log.dir.logs, { recursive: true });
    await Deno.mkdir(log.dir.logs);
    await log.append("first\n");
    await until(async () => {
      await watching.step();
      return timesOf(log).end === 6;
    });
  },
);
