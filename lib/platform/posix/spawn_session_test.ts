import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { ON_LINUX, ON_POSIX } from "../../../tests/kit/os_tags.ts";
import { makeFolder, until } from "../../../tests/kit/test_process.ts";
import { spawnInSession } from "./spawn_session.ts";

/** Prints its process id, group and session (`man 5 proc_pid_stat`). */
const WHO = 'IFS= read -r stat </proc/$$/stat; set -- $stat; echo "$$ $5 $6"';

Deno.test(
  "spawnInSession() makes the program the leader of its session, with its process id",
  ON_LINUX,
  async () => {
    const child = spawnInSession("/bin/sh", {
      args: ["-c", WHO],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    });
    const { pid } = child;
    const { stdout } = await child.output();
    const seen = new TextDecoder().decode(stdout).trim().split(" ").map(Number);
    deepStrictEqual(seen, [pid, pid, pid]);
  },
);

Deno.test(
  "spawnInSession() passes on folder, environment and exit code",
  ON_POSIX,
  async () => {
    const child = spawnInSession("sh", {
      args: ["-c", 'echo "$PWD $NAME"; exit 7'],
      cwd: "/",
      env: { NAME: "é" },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    });
    const { code, stdout } = await child.output();
    strictEqual(code, 7);
    strictEqual(new TextDecoder().decode(stdout), "/ é\n");
  },
);

Deno.test(
  "spawnInSession() reports a missing folder",
  ON_POSIX,
  () => {
    throws(
      () => spawnInSession("sh", { cwd: "/no/such/folder" }),
      /No such cwd/,
    );
  },
);

Deno.test(
  "spawnBackground() starts a program without the files of the caller",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const url = import.meta.resolve("./spawn_session.ts");
    const report =
      'for fd in 0 2 3 4 5 6 7 8 9; do readlink "/proc/$$/fd/$fd"; ' +
      'done >list; echo "$PWD ${DENO_AUDIT_PERMISSIONS-unset}" ' +
      '"${DEVSVC_RUN-unset} ${DEVSVC_ROOT-unset}" >>list; mv list done';
    const request = {
      path: "/bin/sh",
      args: ["-c", report],
      cwd: folder.path,
    };
    // The caller ends at once, with descriptor 9 open.
    const { code } = await new Deno.Command("/bin/sh", {
      args: [
        "-c",
        'exec 9>"$0/kept"; exec "$@"',
        folder.path,
        Deno.execPath(),
        ...["eval", "--no-config", "--no-lock"],
        `import { spawnBackground } from "${url}";
         spawnBackground(${JSON.stringify(request)});`,
      ],
      // A service may have called it: what goes on is not of that run.
      env: { DEVSVC_RUN: "0f0f-1", DEVSVC_ROOT: folder.path },
    }).output();
    strictEqual(code, 0);
    const text = await until(() =>
      Deno.readTextFile(`${folder.path}/done`).catch(() => undefined)
    );
    strictEqual(
      text,
      `/dev/null\n/dev/null\n${folder.path} unset unset unset\n`,
    );
  },
);
