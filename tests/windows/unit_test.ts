/** The unit tests, run by Deno for Windows. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { fromFileUrl } from "../kit/paths.ts";
import { LANE, spawnInLane, takeTurn } from "./lane.ts";

/**
 * Where a test may be left out on Windows, and why; anywhere else that is a
 * test that was forgotten.
 */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "lib/config/hostile_file_test.ts": "Windows has no FIFOs and devices there",
  "lib/config/locate_test.ts": "Windows does not say whose a file is",
  "lib/platform/current_test.ts": "only POSIX has zombies",
  "lib/platform/own_uid_test.ts": "Windows has no user ids",
  "lib/platform/shell_test.ts": "process groups and signals are those of POSIX",
  "lib/platform/posix/spawn_suspended_test.ts":
    "the start barrier of POSIX is a shell script",
  "lib/platform/posix/spawn_session_test.ts":
    "Windows has no sessions of POSIX",
  "lib/platform/linux/linux_test.ts": "it reads /proc and asks tools of Linux",
  "lib/platform/macos/macos_test.ts": "it asks tools of macOS",
  "lib/platform/posix/posix_test.ts": "signals and groups are those of POSIX",
  "lib/platform/tool_test.ts": "the tools are shell scripts",
  "lib/platform/windows/windows_test.ts": "the stand-ins are shell scripts",
  "lib/runtime/start/probes_test.ts": "the commands are shell scripts",
  "lib/runtime/state/journal_test.ts":
    "a file cannot be opened while it is renamed",
  "lib/runtime/log/watch_logs_test.ts": "only inotify reports changes",
  "lib/runtime/state/guarded_files_test.ts":
    "Windows knows no modes and no FIFOs",
  "lib/runtime/state/state_origin_test.ts":
    "Windows does not say whose a folder is",
  "lib/runtime/state/state_dir_test.ts": "Windows knows no modes of files",
};

/** What is not here, such as `lib/core`, asks nothing of an OS. */
const ROOMS = [
  "lib/cli",
  "lib/config",
  "lib/core/path_test.ts",
  "lib/init",
  "lib/platform",
  "lib/runtime",
];

Deno.test(
  "Windows: every unit test that is not pure nor of POSIX passes",
  LANE,
  async () => {
    using _turn = await takeTurn();
    const root = fromFileUrl(new URL("../../", import.meta.url));
    // The types were checked on Linux.
    const words = [
      "deno.exe",
      "test",
      "-A",
      "--no-lock",
      "--no-check",
      ...ROOMS,
    ];
    const env = { DEVSVC_FUZZ_RUNS: "100" };
    const { code, stdout, stderr } = await spawnInLane(words, {
      cwd: root,
      env,
    })
      .ended();
    strictEqual(code, 0, stdout.slice(stdout.indexOf(" ERRORS ")) + stderr);
    const counts = / (\d+) passed.* 0 failed(?:.* (\d+) ignored)?/.exec(stdout);
    ok(Number(counts?.[1]) > 400, stdout.slice(-200));

    const ignored = ignoredByFile(stdout);
    deepStrictEqual(
      [...ignored.keys()].filter((file) => !(file in LEFT_OUT)),
      [],
    );
    const lines = [...ignored].map(([file, count]) =>
      `  ${count} of ${file}: ${LEFT_OUT[file]}`
    );
    // deno-lint-ignore no-console
    console.log(
      `On Windows ${counts?.[1]} passed; left out:\n${lines.join("\n")}`,
    );
  },
);

function ignoredByFile(output: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  let file = "";
  for (const line of output.split(/\r?\n/)) {
    file = /^running \d+ tests? from \.[\\/](.*)$/.exec(line)?.[1]
      ?.replaceAll("\\", "/") ?? file;
    if (!/ \.\.\. ignored \(\d/.test(line)) continue;
    found.set(file, (found.get(file) ?? 0) + 1);
  }
  return found;
}
