/**
 * Services that are killed by hand.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import { until } from "./test_process.ts";
import { isAlive, parentOf } from "./processes.ts";

/**
 * Kills what a service runs, and waits until the shell that waited for it has
 * written that down and ended: until then it has not crashed.
 */
export async function killService(
  main: number | null | undefined,
): Promise<void> {
  ok(main);
  const wrapper = parentOf(main);
  Deno.kill(main, "SIGKILL");
  await until(() => !isAlive(main) && !isAlive(wrapper));
}
