import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { spawnInSession } from "./spawn_session.ts";

const ignore = Deno.build.os === "windows";

/** Says its number and the session and group that it is in (`man 5 proc`). */
const WHO = 'IFS= read -r stat </proc/$$/stat; set -- $stat; echo "$$ $5 $6"';

Deno.test(
  "spawnInSession() makes the program the wrapper of its session, under its number",
  {
    ignore: Deno.build.os !== "linux",
  },
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

Deno.test("spawnInSession() passes on folder, environment and exit code", {
  ignore,
}, async () => {
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
});

Deno.test(
  "spawnInSession() says that there is no such folder",
  { ignore },
  () => {
    throws(
      () => spawnInSession("sh", { cwd: "/no/such/folder" }),
      /No such cwd/,
    );
  },
);
