/** Services that are killed by hand. */

import { ok } from "node:assert/strict";
import { until } from "./test_process.ts";
import { isAlive, parentOf } from "./processes.ts";

/**
 * Kills the process of a service, and waits until its wrapper has recorded that
 * and ended: until then devsvc does not call it crashed.
 */
export async function killService(
  main: number | null | undefined,
): Promise<void> {
  ok(main);
  const wrapper = parentOf(main);
  Deno.kill(main, "SIGKILL");
  await until(() => !isAlive(main) && !isAlive(wrapper));
}
