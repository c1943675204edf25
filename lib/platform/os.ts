/**
 * What differs between operating systems and is known without asking the
 * machine. Every command loads it, so it imports nothing.
 */

/** The systems that devsvc runs on, as Deno names them. */
export type Os = "windows" | "darwin" | "linux";

/** The system that this program runs on; Android counts as Linux. */
export const OS: Os = Deno.build.os === "windows" || Deno.build.os === "darwin"
  ? Deno.build.os
  : "linux";

/** Whether processes have groups, which can be signalled as a whole. */
export const HAS_PROCESS_GROUPS: boolean = OS !== "windows";

/**
 * The signals by which a user or the system asks a program to end. Windows
 * sends SIGBREAK for Ctrl-Break and SIGHUP for a closed window, never SIGTERM.
 */
export const INTERRUPT_SIGNALS: readonly Deno.Signal[] = OS === "windows"
  ? ["SIGINT", "SIGBREAK", "SIGHUP"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Whether a process that is started in a folder knows it by its real path.
 * Windows keeps the path that was given.
 */
export const CWD_IS_REAL_PATH: boolean = OS !== "windows";

/** Whether `Deno.watchFs` reports each write: inotify does (`man 7 inotify`). */
export const WATCH_REPORTS_WRITES: boolean = OS === "linux";

/** Whether `mtime` is set by each write; Windows may wait for the close. */
export const MTIME_IS_CURRENT: boolean = OS !== "windows";

/**
 * Whether the terminal has glyphs for emoji: the old console of Windows and
 * the text console of Linux have none.
 *
 * @param env Reads an environment variable.
 */
export function drawsEmoji(
  env: (name: string) => string | undefined,
  os: Os = OS,
): boolean {
  return os === "windows"
    ? env("WT_SESSION") !== undefined
    : env("TERM") !== "linux";
}
