/** A line that never ends: who rotates and who reads it needs little memory. */

import { ok, strictEqual } from "node:assert/strict";
import { currentPlatform } from "../../lib/platform/current.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { canPunchHole, rotateLog } from "../../lib/runtime/log/rotation.ts";
import { followLog } from "../../lib/runtime/log/follow.ts";
import { openLog } from "../../lib/runtime/log/log_source.ts";
import { tailLines } from "../../lib/runtime/log/tail.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { makeLog } from "../kit/test_log.ts";

const MB = 1024 * 1024;

/** What lies outside of the heap of V8, such as the buffers of reads, in bytes. */
function outside(): number {
  return Deno.memoryUsage().external;
}

Deno.test(
  "rotating a line that never ends leaves no buffers behind",
  ON_LINUX,
  async () => {
    await using log = await makeLog(MB, 3);
    const platform = await currentPlatform();
    ok(await canPunchHole(log.dir, platform.punchHole));
    const block = new Uint8Array(3 * MB).fill(0x78);
    const rotate = async () => {
      await log.append(block);
      await rotateLog(log.dir, log.service, {
        ...platform,
        clock: systemClock,
      });
    };
    await rotate();
    const before = outside();
    let most = 0;
    for (let written = 3; written < 300; written += 3) {
      await rotate();
      most = Math.max(most, outside() - before);
    }
    ok(most < 4 * MB, `${most} bytes`);
  },
);

Deno.test("followLog() reads what a fast writer wrote in parts", async () => {
  await using log = await makeLog(1000 * MB);
  await log.append(new Uint8Array(20 * MB).fill(0x78));
  await log.append("\nlast\n");
  const reader = followLog(
    openLog(log.dir, "api", systemClock),
    0,
    () => true,
  );
  let calls = 0;
  let length = 0;
  let last = "";
  do {
    const lines = await reader.next(++calls);
    const part = lines.reduce((sum, { text }) => sum + text.length, 0);
    ok(part <= 9 * MB, `${part} characters`);
    length += part;
    last = lines.at(-1)?.text ?? last;
  } while (reader.isBehind());
  strictEqual(last, "last");
  strictEqual(length, 20 * MB + 4);
});

Deno.test("tailLines() reads no more than the end of a line that never ends", async () => {
  await using log = await makeLog();
  await log.append(new Uint8Array(40 * MB).fill(0x78));
  const { lines } = await tailLines(log.dir.fs, log.files.active, 3);
  strictEqual(lines.length, 1);
  strictEqual(lines[0]?.length, 4 * MB);
});
