/** A hundred services in one project: each once, all ready, nothing left. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { cheapServer, IDLE } from "../kit/cheap.ts";
import { supervisorsOf, untilSupervised } from "../kit/test_supervisor.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, instancesIn, processesLeftIn } from "../kit/processes.ts";
import { makeProject } from "../kit/test_project.ts";
import { reportOf } from "../kit/report.ts";

const COUNT = 100;

/** Loose: it only tells a machine that is busy from one that hangs. */
const LIMIT = 300_000;

/** One half listens, the other half does nothing. */
const HUNDRED = (ports: readonly number[]) =>
  Array.from({ length: COUNT }, (_, index) => {
    const port = ports[index];
    return port === undefined
      ? `[services.s${index}]
command = ${IDLE}
`
      : `[services.s${index}]
command = ${cheapServer(port)}
port = ${port}
`;
  }).join("\n");

Deno.test("a hundred services start and stop as one", ON_LINUX, async () => {
  await using project = makeProject(COUNT / 2, HUNDRED);
  const begun = performance.now();
  const start = await project.run(["start", "--json"]);
  ok(performance.now() - begun < LIMIT);
  strictEqual(start.code, 0, start.stderr);

  // Those without a port count as started once they have lived for a while, which
  // the shell of one may need to become what it runs.
  const living = await until(() => {
    const found = instancesIn(project.root);
    return found.size === COUNT && found;
  });
  for (const { name, port, state, pid } of reportOf(start).services) {
    strictEqual(state, port === null ? "started" : "running", name);
    deepStrictEqual(living.get(name), [pid], name);
  }
  for (const port of project.ports) ok(await answers(port), String(port));
  const supervisor = await untilSupervised(project);
  deepStrictEqual(supervisorsOf(project), [supervisor]);
  strictEqual((await project.run(["status"])).code, 0);

  const stopped = performance.now();
  const stop = await project.run(["stop"]);
  strictEqual(stop.code, 0, stop.stdout + stop.stderr);
  ok(performance.now() - stopped < LIMIT);
  deepStrictEqual(await processesLeftIn(project.root), []);
  for (const port of project.ports) ok(!await answers(port), String(port));
});
