import { deepStrictEqual } from "node:assert/strict";
import {
  makeEntry,
  makeRunRecord,
  makeWorker,
} from "../../../tests/kit/builders.ts";
import { steppedClock } from "../../../tests/kit/stepped_clock.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import type { Pending, ServiceEvent } from "../../core/events.ts";
import { ensureStateDir, logOf, stateDirOf } from "../state/state_dir.ts";
import { watchSlowStart } from "./slow_start.ts";

const PENDING: Pending = { kind: "port", port: 8000 };

/** What is said at each second of a wait, with what was written by then. */
async function saidWhile(
  seconds: number,
  written: Readonly<Record<number, string>>,
): Promise<readonly string[]> {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  const log = logOf(dir, "api");
  await Deno.writeTextFile(log, "of an earlier run\n");
  const logOffset = (await Deno.stat(log)).size;
  const clock = steppedClock();
  const said: string[] = [];
  let second = 0;
  const emit = (event: ServiceEvent) => {
    const what = event.kind === "slow" ? `: ${event.lines.join(" | ")}` : "";
    said.push(`${second} ${event.kind}${what}`);
  };
  const service = makeWorker({ readyTimeout: 60_000 });
  const record = { ...makeRunRecord(makeEntry(100)), logOffset };
  // Counts the timers, so that each step waits for what it has set off.
  let timers = 0;
  const counted = {
    ...clock,
    timer: (milliseconds: number) => {
      timers++;
      return clock.timer(milliseconds);
    },
  };
  await using _ = watchSlowStart(
    { service, record, pending: () => PENDING },
    { clock: counted, dir, emit, signal: new AbortController().signal },
  );
  let due = 5;
  while (second < seconds) {
    second++;
    const text = written[second];
    if (text !== undefined) {
      await Deno.writeTextFile(log, text, { append: true });
    }
    const before = timers;
    clock.step(1000);
    if (second < due) continue;
    while (timers === before) await new Promise((then) => setTimeout(then));
    due = second + (said.some((one) => one.includes("slow")) ? 15 : 1);
  }
  return said;
}

Deno.test("watchSlowStart() shows the log once after 5 s, without its colours", async () => {
  deepStrictEqual(
    await saidWhile(36, { 1: "\x1b[31mImportError\x1b[0m: no module app\n" }),
    [
      "5 slow: ImportError: no module app",
      "20 still-waiting",
      "35 still-waiting",
    ],
  );
});

Deno.test("watchSlowStart() waits for the first line of a silent service", async () => {
  deepStrictEqual(await saidWhile(32, { 16: "compiling\n" }), [
    "15 still-waiting",
    "16 slow: compiling",
    "31 still-waiting",
  ]);
});

Deno.test("watchSlowStart() shows the log again where most of it is new", async () => {
  deepStrictEqual(
    await saidWhile(51, {
      2: "GET / 503 in 12 ms\n",
      18: "GET / 503 in 9 ms\n",
      30: "SyntaxError: x\nat app.js\nfailed\n",
    }),
    [
      "5 slow: GET / 503 in 12 ms",
      "20 still-waiting",
      "35 slow: GET / 503 in 12 ms | GET / 503 in 9 ms | SyntaxError: x | at app.js | failed",
      "50 still-waiting",
    ],
  );
});
