/** A command that comes while another is slow: it waits, and then it is right. */

import {
  deepStrictEqual,
  match,
  notStrictEqual,
  strictEqual,
} from "node:assert/strict";
import { killNow, until } from "../kit/test_process.ts";
import { IDLE } from "../kit/cheap.ts";
import { journalOf } from "../kit/test_supervisor.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import {
  answers,
  instancesIn,
  processesIn,
  wrappersIn,
} from "../kit/processes.ts";
import {
  makeProject,
  serverCommand,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import { pidsOf, statusOf } from "../kit/report.ts";

/** Waits until a devsvc says whom it waits for. */
async function untilWaitsFor(
  child: Deno.ChildProcess,
  command: string,
): Promise<void> {
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  match(
    value ?? "",
    new RegExp(
      `Another devsvc is at work here \\(devsvc ${command}, PID \\d+\\)`,
    ),
  );
  await reader.cancel();
}

function turnsOf(project: TestProject): readonly string[] {
  return project.read(".devsvc/devsvc.log").split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((event) => /^(ready|stop|stopped)$/.test(event));
}

Deno.test(
  "start while stop is slow waits, and starts a new one",
  ON_LINUX,
  async () => {
    await using project = makeProject(0, () =>
      `[services.a]
command = ["sh", "-c", "trap 'echo leaving; read line < gate; exit 0' TERM; echo up; while :; do sleep 0.05; done"]
ready = { log = "^up$" }
stop = { timeout = "60s" }
`);
    await new Deno.Command("mkfifo", { args: [`${project.root}/gate`] })
      .output();
    strictEqual((await project.run(["start"])).code, 0);
    const [before] = await pidsOf(project);

    const stop = project.spawn(["stop"]);
    const stopped = stop.output();
    await until(() => project.read(".devsvc/logs/a.log").includes("leaving"));
    const start = project.spawn(["start"]);
    const said = new Response(start.stdout).text();
    await untilWaitsFor(start, "stop");
    deepStrictEqual(turnsOf(project), ["ready", "stop"], "it waits");

    await Deno.writeTextFile(`${project.root}/gate`, "go\n");
    strictEqual((await stopped).code, 0);
    match(await said, /1 service is ready/);
    strictEqual((await start.status).code, 0);
    deepStrictEqual(turnsOf(project), ["ready", "stop", "stopped", "ready"]);
    const [after] = await pidsOf(project);
    notStrictEqual(after, before);

    const last = project.run(["stop"]);
    await Deno.writeTextFile(`${project.root}/gate`, "go\n");
    strictEqual((await last).code, 0);
  },
);

Deno.test(
  "restart while a start waits: first the one, then the other",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, (ports) =>
      `[services.a]
command = ${serverCommand("--port", String(ports[0]), "--health", "sick")}
port = ${ports[0]}
ready = { http = "/" }
`);
    const start = project.spawn(["start"]);
    const started = start.output();
    // An answer alone may be that of the probe of `start`.
    const before = await until(async () =>
      await answers(project.ports[0] ?? 0) && instancesIn(project.root).get("a")
    );
    const restart = project.spawn(["restart"]);
    const said = new Response(restart.stdout).text();
    await untilWaitsFor(restart, "start");
    deepStrictEqual(instancesIn(project.root).get("a"), before, "it waits");

    await Deno.writeTextFile(`${project.root}/sick`, "0");
    strictEqual((await started).code, 0);
    match(await said, /1 service is ready/);
    strictEqual((await restart.status).code, 0);
    deepStrictEqual(turnsOf(project), ["ready", "stop", "stopped", "ready"]);
    const [service] = await statusOf(project);
    deepStrictEqual(instancesIn(project.root).get("a"), [service?.pid]);
    notStrictEqual(service?.pid, before[0]);
  },
);

Deno.test(
  "status between the end of a service and that of its stop: no crash is told",
  ON_LINUX,
  async () => {
    await using project = await startProject(
      0,
      () => `[services.a]\ncommand = ${IDLE}\n`,
    );
    // What a stop has left by then.
    const { run } = JSON.parse(project.read(".devsvc/runs/a.json"));
    const mark = `${project.root}/.devsvc/runs/a.json.${run}.stop-requested`;
    await Deno.writeTextFile(mark, "");
    const [pid = 0] = await until(() => {
      const found = processesIn(project.root);
      return found.length === 1 && found;
    });
    killNow(pid);
    await until(() => wrappersIn(project.root).length === 0);

    strictEqual((await project.run(["status"])).code, 1);
    deepStrictEqual(
      journalOf(project).map((line) => line.split(" ")[0]),
      ["start", "started"],
    );
  },
);
