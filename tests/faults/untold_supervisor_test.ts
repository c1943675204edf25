/**
 * `devsvc stop` where the supervisor cannot be told: it starts nothing again
 * behind a "stopped", or the report says that it will.
 */

import { match, ok, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { allProcessesIn } from "../kit/processes.ts";
import { devsvcCommand, ENGLISH, isRoot } from "../kit/run_devsvc.ts";
import { killNow, makeFolder, until } from "../kit/test_process.ts";

const TOML = `language = "en"
[services.worker]
label = "Worker"
command = ["sleep", "600"]
restart = { when = "always", delay = "100ms" }
`;

/** Runs a shell script in which "$@" is devsvc, in a new project. */
async function tryScript(
  script: string,
  check: (output: string, code: number, root: string) => void | Promise<void>,
): Promise<void> {
  await using folder = await makeFolder();
  const root = folder.path;
  await Deno.writeTextFile(`${root}/services.toml`, TOML);
  try {
    const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
      args: ["-c", script, "sh", ...devsvcCommand({ scoped: true })],
      cwd: root,
      env: { ...ENGLISH, NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    await check(decoder.decode(stdout) + decoder.decode(stderr), code, root);
  } finally {
    for (const pid of allProcessesIn(root)) killNow(pid);
    await until(() => allProcessesIn(root).length === 0);
  }
}

/** The start waits until the supervisor has written who it is. */
const START = `"$@" start >&2 || exit 99
while ! [ -s .devsvc/supervisor.json ]; do sleep 0.05; done
`;

Deno.test({
  name: "stop on a read-only .devsvc ends the supervisor first",
  ignore: ON_LINUX.ignore || !isRoot(),
  fn: () =>
    tryScript(
      `${START}exec unshare --mount /bin/sh -c '
mount --bind .devsvc .devsvc && mount -o remount,bind,ro .devsvc || exit 98
exec "$@" stop' sh "$@"`,
      (output, code, root) => {
        strictEqual(code, 0, output);
        match(output, /1 service stopped/);
        strictEqual(allProcessesIn(root).length, 0, "no supervisor is left");
      },
    ),
});

Deno.test({
  name: "stop says that the supervisor of another user starts it again",
  ignore: ON_LINUX.ignore || !isRoot(),
  fn: () =>
    tryScript(
      `${START}chown 65534 .devsvc; exec "$@" stop`,
      async (output, code, root) => {
        strictEqual(code, 1, output);
        match(output, /Worker: will be started again/);
        ok(!/1 service stopped/.test(output), output);
        await Deno.chown(`${root}/.devsvc`, 0, 0);
      },
    ),
});
