/** Where a test runs: options of `Deno.test` for tests of one system. */

/** Options of a test that runs on some systems only. */
interface RunsOn {
  /** Whether the test is left out on this system. */
  readonly ignore: boolean;
}

/** Whether this Windows is Wine, which lacks some tools and behaviours. */
const IS_WINE: boolean = Deno.build.os === "windows" &&
  Deno.env.get("WINEPREFIX") !== undefined;

/** On Linux only: `/proc`, `ss`, inotify, setsid(1). */
export const ON_LINUX: RunsOn = { ignore: Deno.build.os !== "linux" };

/** On Linux and macOS: shell scripts, signals, process groups, file modes. */
export const ON_POSIX: RunsOn = { ignore: Deno.build.os === "windows" };

/** On Windows, and in Wine. */
export const ON_WINDOWS: RunsOn = { ignore: Deno.build.os !== "windows" };

/** On Windows, but not in Wine. */
export const ON_REAL_WINDOWS: RunsOn = {
  ignore: Deno.build.os !== "windows" || IS_WINE,
};
