/** `ready.command` as a person types it in cmd. */

import { match, strictEqual } from "node:assert/strict";
import { LANE, makeLaneProject } from "./lane.ts";

/** A command, and the line that it leaves in the file `seen`. */
const COMMANDS: readonly (readonly [string, string])[] = [
  ['echo "a & b">seen', '"a & b"'],
  ['cmd /c "exit 0" && echo yes>seen', "yes"],
  ['if "%COLOR%"=="red" (echo %COLOR%>seen) else exit 1', "red"],
  ["echo 1 ^& 2 100% !x!>seen", "1 & 2 100% !x!"],
  ['findstr /c:"two words" "with blank.txt" >seen', "two words"],
];

for (const [command, seen] of COMMANDS) {
  Deno.test(
    `Windows: the check ${command} passes as in cmd`,
    LANE,
    async () => {
      await using project = makeLaneProject(
        1,
        ([port = 0], server) =>
          `[services.a]
command = ${server("--port", String(port))}
port = ${port}
env = { COLOR = "red" }
ready = { command = '${command}', timeout = "30s" }
`,
      );
      project.write("with blank.txt", "two words\r\n");
      const start = await project.run(["start"]);
      strictEqual(start.code, 0, start.stdout + start.stderr);
      match(start.stdout, /1 service is ready/);
      strictEqual(project.read("seen").trim(), seen);
    },
  );
}
