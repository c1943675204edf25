/** The process that puts log lines away is killed: no line is lost or doubled. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { isAlive } from "../kit/processes.ts";
import { makeProject, type TestProject } from "../kit/test_project.ts";

const LINES = 60_000;

/** Says numbers, some at a time, until it has said them all. */
const COUNTER = `for (let n = 1; n <= ${LINES};) {
  let text = "";
  for (const end = Math.min(${LINES}, n + 199); n <= end; n++) {
    text += "line " + n + " of many\\n";
  }
  Deno.stdout.writeSync(new TextEncoder().encode(text));
  await new Promise((resolve) => setTimeout(resolve, 20));
}
console.log("done");
setInterval(() => {}, 1000);`;

/** The supervisor that says of itself that it is at work. */
function supervisorOf(project: TestProject): number | undefined {
  try {
    const { pid } = JSON.parse(project.read(".devsvc/supervisor.json"));
    return isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

Deno.test(
  "the supervisor is killed while lines come: all are there, once, in order",
  ON_LINUX,
  async () => {
    await using project = makeProject(0, () =>
      `[services.a]
command = ${
        JSON.stringify([Deno.execPath(), "run", "--no-config", "counter.ts"])
      }
log = { size = "100kB", keep = 50 }
`);
    await Deno.writeTextFile(`${project.root}/counter.ts`, COUNTER);
    strictEqual((await project.run(["start"])).code, 0);
    for (let kill = 0; kill < 4; kill++) {
      const pid = await until(() => supervisorOf(project));
      Deno.kill(pid, "SIGKILL");
      await until(() => !isAlive(pid));
      // Every command brings another.
      await project.run(["status"]);
    }
    await until(async () => {
      const { stdout } = await project.run(["logs", "-n", "1"]);
      return stdout.endsWith("done\n");
    }, { timeout: 300_000 });
    // The last supervisor may only have begun by now.
    const logs = `${project.root}/.devsvc/logs`;
    await until(() =>
      [...Deno.readDirSync(logs)].some(({ name }) => /^a\.log\.\d+$/.test(name))
    );
    const { stdout } = await project.run([
      "logs",
      "--no-prefix",
      "-n",
      String(LINES + 1),
    ]);
    const lines = stdout.trimEnd().split("\n");
    const wrong = lines.findIndex((line, index) =>
      line !== (index < LINES ? `line ${index + 1} of many` : "done")
    );
    deepStrictEqual([lines.length, wrong], [LINES + 1, -1]);
  },
);
