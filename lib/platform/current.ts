import type { Platform } from "./platform.ts";
import { coalesceQueries } from "./coalesce.ts";

/**
 * Makes the platform of this machine; the code of the others is not loaded.
 * Callers that ask at the same time share one query.
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
