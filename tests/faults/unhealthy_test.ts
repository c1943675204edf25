/** A service of devsvc that runs and no longer does its work. */

import {
  deepStrictEqual,
  match,
  notStrictEqual,
  strictEqual,
} from "node:assert/strict";
import { cheapWebServer } from "../kit/cheap.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { processesIn } from "../kit/processes.ts";
import {
  makeProject,
  serverCommand,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import { pidsOf, statusOf } from "../kit/report.ts";

/** The file `sick` names the process that answers 500. */
function twoServices(ports: readonly number[]): string {
  return ["a", "b"].map((name, index) =>
    `[services.${name}]
command = ${serverCommand("--port", String(ports[index]), "--health", "sick")}
port = ${ports[index]}
ready = { http = "/" }
`
  ).join("\n");
}

/** Two services; `a` was ready, and does not work any more. */
async function startUnhealthy(): Promise<TestProject> {
  const project = await startProject(
    2,
    twoServices,
    ({ root }) => Deno.writeTextFile(`${root}/sick`, "0"),
  );
  const [pid] = await pidsOf(project);
  await Deno.writeTextFile(`${project.root}/sick`, String(pid));
  return project;
}

Deno.test(
  "status and check tell that it is not healthy",
  ON_LINUX,
  async () => {
    await using project = await startUnhealthy();
    const status = await project.run(["status"]);
    strictEqual(status.code, 1);
    match(status.stdout, /^a +unhealthy /m);
    match(status.stdout, /^b +ready /m);
    match(
      (await project.run(["check"])).stdout,
      /started by devsvc.*not healthy/,
    );
  },
);

Deno.test(
  "start without a terminal refuses and touches nothing",
  ON_LINUX,
  async () => {
    await using project = await startUnhealthy();
    const before = await pidsOf(project);
    const start = await project.run(["start"]);
    strictEqual(start.code, 3);
    match(start.stdout, /❌ a \(\d+\): unhealthy\n.*not healthy/);
    match(start.stdout, /→ devsvc restart stops it and starts it again/);
    deepStrictEqual(await pidsOf(project), before);
    deepStrictEqual(processesIn(project.root).toSorted(), before.toSorted());
  },
);

Deno.test(
  "start --on-conflict=keep restarts it and keeps the healthy one",
  ON_LINUX,
  async () => {
    await using project = await startUnhealthy();
    const [oldA, oldB] = await pidsOf(project);
    const start = await project.run(["start", "--on-conflict=keep"]);
    strictEqual(start.code, 0, start.stdout + start.stderr);
    const services = await statusOf(project);
    deepStrictEqual(services.map(({ state }) => state), ["running", "running"]);
    notStrictEqual(services[0]?.pid, oldA);
    strictEqual(services[1]?.pid, oldB);
    strictEqual(processesIn(project.root).length, 2);
  },
);

Deno.test(
  "a service that never becomes healthy is not called ready",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, (ports) =>
      `[services.a]
command = ${cheapWebServer(ports[0] ?? 0, 500)}
port = ${ports[0]}
ready = { http = "/", timeout = "3s" }
`);
    const start = await project.run(["start"]);
    strictEqual(start.code, 1);
    match(
      start.stdout,
      /a: not ready after 3 s \(ready\.timeout\); it was left running/,
    );
    match(start.stdout, /waiting for GET \/: HTTP 500/);
    const [service] = await statusOf(project);
    strictEqual(service?.state, "unhealthy");
  },
);
