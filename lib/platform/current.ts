/**
 * Opens the door to the operating system that this program runs on.
 *
 * @module
 */

import type { Platform } from "./platform.ts";
import { coalesceQueries } from "./coalesce.ts";

/**
 * Makes the platform of this machine; the others are not even loaded. Its looks
 * are shared by all who ask at the same time.
 *
 * @throws {Error} Where devsvc does not know the operating system.
 */
export async function currentPlatform(): Promise<Platform> {
  return coalesceQueries(await platformOfThisOs());
}

async function platformOfThisOs(): Promise<Platform> {
  switch (Deno.build.os) {
    case "windows":
      return (await import("./windows/windows.ts")).createWindows();
    case "darwin":
      return (await import("./macos/macos.ts")).createMacos();
    case "linux":
    case "android":
      return (await import("./linux/linux.ts")).createLinux();
    default:
      throw new Error(
        `Cannot run on ${Deno.build.os}: devsvc knows Windows, macOS and Linux`,
      );
  }
}
