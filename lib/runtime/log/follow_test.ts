import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  FAKE_ROTATION,
  makeLog,
  numbered,
  type TestLog,
} from "../../../tests/kit/test_log.ts";
import { type Follower, followLog } from "./follow.ts";
import { openLog } from "./log_source.ts";
import { beginRun, rotateLog } from "./rotation.ts";
import type { Matches } from "./lines.ts";
import { systemClock } from "../../platform/clock.ts";

/** A follower whose time passes as the test says. */
function follow(
  log: TestLog,
  options: { readonly begin?: number; readonly matchesOpen?: Matches } = {},
): {
  readonly after: (ms: number) => Promise<readonly string[]>;
  readonly last: () => readonly string[];
} {
  const reader: Follower = followLog(
    openLog(log.dir, "api", systemClock),
    options.begin ?? 0,
    options.matchesOpen ?? (() => true),
  );
  let now = 1_000_000;
  const shown = (lines: Awaited<ReturnType<Follower["next"]>>) =>
    lines.map(({ text, isRest }) => isRest ? `…${text}` : text);
  return {
    after: async (ms) => shown(await reader.next(now += ms)),
    last: () => shown(reader.last(now)),
  };
}

Deno.test("followLog() returns each line once, when it is complete", async () => {
  await using log = await makeLog(1000);
  const { after, last } = follow(log);
  deepStrictEqual(await after(0), [], "no file yet");
  await log.append("one\ntw");
  deepStrictEqual(await after(100), ["one"]);
  deepStrictEqual(await after(100), []);
  await log.append("o\nthree\n");
  deepStrictEqual(await after(100), ["two", "three"]);
  deepStrictEqual(last(), []);
});

Deno.test("followLog() begins at an offset", async () => {
  await using log = await makeLog(1000);
  await log.append("old\nnew\n");
  deepStrictEqual(await follow(log, { begin: 4 }).after(0), ["new"]);
});

Deno.test("followLog() returns a prompt once it stops growing, and then its rest", async () => {
  await using log = await makeLog(1000);
  const { after, last } = follow(log);
  await log.append("up\nName? ");
  deepStrictEqual(await after(100), ["up"]);
  deepStrictEqual(await after(100), []);
  deepStrictEqual(await after(150), ["Name? "]);
  deepStrictEqual(await after(1000), [], "once");
  await log.append("Ada");
  deepStrictEqual(await after(100), []);
  deepStrictEqual(await after(300), ["…Ada"]);
  await log.append("\nAge? ");
  deepStrictEqual(await after(100), ["…"]);
  deepStrictEqual(last(), ["Age? "]);
});

Deno.test("followLog() cuts no character of a prompt", async () => {
  await using log = await makeLog(1000);
  const { after } = follow(log);
  const bytes = new TextEncoder().encode("n°é");
  await log.append(bytes.subarray(0, 4));
  await after(100);
  deepStrictEqual(await after(300), ["n°"]);
  await log.append(bytes.subarray(4));
  await log.append("!\n");
  deepStrictEqual(await after(100), ["…é!"]);
});

Deno.test("followLog() holds back a prompt that does not match", async () => {
  await using log = await makeLog(1000);
  const matchesOpen = (text: string) => text.includes("?");
  const { after } = follow(log, { matchesOpen });
  await log.append("Name");
  await after(0);
  deepStrictEqual(await after(300), []);
  await log.append("?");
  await after(0);
  deepStrictEqual(await after(300), ["Name?"]);
});

Deno.test("followLog() reads a log that was emptied from its beginning", async () => {
  await using log = await makeLog(1000);
  const { after } = follow(log);
  await log.append("one\nunfinished");
  deepStrictEqual(await after(0), ["one"]);
  await Deno.writeTextFile(log.files.active, "new\n");
  deepStrictEqual(await after(100), ["unfinished", "new"]);
});

Deno.test("followLog() follows through rotations and new runs", async () => {
  await using log = await makeLog(100);
  const { after } = follow(log);
  const shown: string[] = [];
  let line = 0;
  for (let turn = 0; turn < 30; turn++) {
    await log.append(numbered(line + 1, line += 7));
    if (turn % 3 === 1) {
      await rotateLog(log.dir, log.service, FAKE_ROTATION);
    }
    if (turn % 5 === 2) await beginRun(log.dir, log.service, systemClock);
    if (turn % 2 === 0) shown.push(...await after(100));
  }
  shown.push(...await after(100));
  strictEqual(shown.map((text) => `${text}\n`).join(""), numbered(1, line));
});

Deno.test("followLog() returns the same lines however the bytes arrive", async () => {
  const anyText = fc.array(fc.constantFrom("a", "é", "デ", "🔍", "\n", "\r\n"));
  await fc.assert(
    fc.asyncProperty(anyText, fc.array(fc.nat(20)), async (parts, cuts) => {
      await using log = await makeLog(1000);
      const bytes = new TextEncoder().encode(parts.join(""));
      const { after, last } = follow(log, { matchesOpen: () => false });
      const lines: string[] = [];
      let begin = 0;
      for (const end of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
        await log.append(bytes.subarray(begin, end));
        begin = Math.max(begin, Math.min(end, bytes.length));
        lines.push(...await after(100));
      }
      const expected = parts.join("").split("\n");
      if (expected.at(-1) === "") expected.pop();
      deepStrictEqual([...lines, ...last()], expected);
    }),
    { numRuns: 40 },
  );
});
