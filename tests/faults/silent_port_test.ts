/** A service that runs while nobody listens on its port. */

import { doesNotMatch, match, strictEqual } from "node:assert/strict";
import { cheapServer } from "../kit/cheap.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { until } from "../kit/test_process.ts";
import { makeProject } from "../kit/test_project.ts";

/** One whose listener dies when there is a file, and one that never listens. */
function silent([died = 0, late = 0]: readonly number[]): string {
  const script = '"$@" & while [ ! -e go ]; do sleep 0.02; done; kill $!; ' +
    "wait; touch gone; exec sleep 1000";
  const server: readonly string[] = JSON.parse(cheapServer(died));
  return `[services.died]
command = ${JSON.stringify(["sh", "-c", script, "sh", ...server])}
port = ${died}

[services.late]
command = ["sleep", "1000"]
port = ${late}
ready = { timeout = "1s" }
`;
}

Deno.test(
  "no port is in use on which nobody listens, and a state is said once",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, silent);
    strictEqual((await project.run(["start"])).code, 1);
    await Deno.writeTextFile(`${project.root}/go`, "");
    await until(() =>
      Deno.stat(`${project.root}/gone`).then(() => true, () => false)
    );
    const check = await project.run(["check"]);
    strictEqual(check.code, 0, check.stdout);
    doesNotMatch(check.stdout, /IN USE/);
    const start = await project.run(["start"]);
    strictEqual(start.code, 3);
    doesNotMatch(start.stdout, /a port is held/);
    for (const [index, name] of ["died", "late"].entries()) {
      const port = project.ports[index];
      const words =
        `runs \\(PID \\d+\\), but nothing listens on port ${port}\n`;
      match(check.stdout, new RegExp(words));
      match(
        start.stdout,
        new RegExp(`${name} \\(${port}\\): unhealthy\n   ${words}   →`),
      );
    }
  },
);
