import type { Platform } from "./platform.ts";
import { coalesceQueries } from "./coalesce.ts";
import type { FindSelf } from "./windows/windows_interrupt.ts";

/**
 * Makes the platform of this machine; the code of the others is not loaded.
 * Callers that ask at the same time share one query.
 *
 * @param findSelf Finds the program that runs devsvc; Windows needs it to ask a
 * service to stop.
 * @throws {Error} Where devsvc does not know the operating system.
 */
export async function currentPlatform(
  findSelf?: FindSelf,
): Promise<Platform> {
  return coalesceQueries(await platformOfThisOs(findSelf));
}

async function platformOfThisOs(findSelf?: FindSelf): Promise<Platform> {
  switch (Deno.build.os) {
    case "windows": {
      const { createWindows } = await import("./windows/windows.ts");
      return createWindows({ findSelf });
    }
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
