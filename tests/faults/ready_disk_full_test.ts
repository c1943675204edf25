/** The disk of `.devsvc` is full at the moment of "ready": it is told all the same. */

import {
  deepStrictEqual,
  doesNotMatch,
  match,
  strictEqual,
} from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { allProcessesIn, processesIn } from "../kit/processes.ts";
import { devsvcCommand, ENGLISH, isRoot } from "../kit/run_devsvc.ts";
import { killNow, makeFolder, until } from "../kit/test_process.ts";

/** Once it runs, its run record is written; then it fills the disk. */
const FILLER = `[services.a]
label = "Service A"
command = "cat /dev/zero >.devsvc/fill 2>/dev/null; touch full; exec sleep 600"
ready = { command = "test -e full" }
`;

const SCRIPT =
  `mkdir .devsvc && mount -t tmpfs -o size=256k none .devsvc || exit 77
"$@" start
code=$?
"$@" stop >&2
exit $code`;

Deno.test({
  name: "the disk is full when a service becomes ready (root and unshare)",
  ignore: ON_LINUX.ignore || !isRoot(),
  fn: async () => {
    await using folder = await makeFolder();
    const { path } = folder;
    await Deno.writeTextFile(`${path}/services.toml`, FILLER);
    const args = ["--mount", "/bin/sh", "-c", SCRIPT, "sh"];
    const output = await new Deno.Command("unshare", {
      args: [...args, ...devsvcCommand({ scoped: true })],
      cwd: path,
      env: { ...ENGLISH, NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    const stdout = decoder.decode(output.stdout);
    const stderr = decoder.decode(output.stderr);
    const left = processesIn(path);
    for (const pid of allProcessesIn(path)) killNow(pid);
    await until(() => allProcessesIn(path).length === 0);
    if (output.code === 77) return;
    doesNotMatch(stdout + stderr, /Unexpected/);
    strictEqual(output.code, 0, stdout + stderr);
    match(stdout, /Service A: its run record cannot be written: No space left/);
    match(stdout, /Service A: ready in /);
    match(stdout, /1 service is ready\n/);
    match(stderr, /1 service stopped, ports free/);
    deepStrictEqual(left, []);
  },
});
