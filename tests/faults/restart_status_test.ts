/** `status` while a command works: what it does is no crash. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { statusOf } from "../kit/report.ts";
import {
  serverCommand,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";

/** Its server ends at once, and what started it when there is a file. */
function slowToEnd([port = 0]: readonly number[]): string {
  const server: readonly string[] = JSON.parse(
    serverCommand("--port", String(port)),
  );
  const script = 'trap "while [ ! -e go ]; do sleep 0.02; done; exit" ' +
    'TERM; "$@" & wait; wait';
  return `[services.web]
command = ${JSON.stringify(["sh", "-c", script, "sh", ...server])}
port = ${port}
ready = { http = "/" }
`;
}

/** The states that `status` shows while a command runs, each once. */
async function statesDuring(
  project: TestProject,
  command: "restart" | "stop",
): Promise<readonly string[]> {
  const child = project.spawn([command]);
  const seen = new Set<string>();
  let isOver = false;
  const ended = child.output().then(({ code }) => {
    isOver = true;
    return code;
  });
  while (!isOver) {
    for (const { state } of await statusOf(project)) seen.add(state);
    if (seen.has("restarting") || seen.has("stopping")) {
      await Deno.writeTextFile(`${project.root}/go`, "");
    }
  }
  strictEqual(await ended, 0);
  return [...seen].toSorted();
}

Deno.test("status during a restart says so", ON_LINUX, async () => {
  await using project = await startProject(1, slowToEnd);
  const states = await statesDuring(project, "restart");
  ok(states.includes("restarting"), states.join());
  const expected = ["restarting", "running", "starting"];
  deepStrictEqual(states.filter((state) => !expected.includes(state)), []);
  const [after] = await statusOf(project);
  strictEqual(after?.state, "running");
});

Deno.test("status during a stop says so", ON_LINUX, async () => {
  await using project = await startProject(1, slowToEnd);
  const states = await statesDuring(project, "stop");
  ok(states.includes("stopping"), states.join());
  const expected = ["free", "running", "stopping"];
  deepStrictEqual(states.filter((state) => !expected.includes(state)), []);
});
