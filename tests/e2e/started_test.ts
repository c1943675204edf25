/** A service with neither port nor check is called started, never ready. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { reportOf } from "../kit/report.ts";
import { makeProject, serverCommand } from "../kit/test_project.ts";

/** `web` waits for a worker that nothing proves. */
function workerAndWeb([port]: readonly number[]): string {
  return `[services.worker]
command = "exec sleep 300"

[services.web]
command = ${serverCommand("--port", String(port))}
port = ${port}
depends_on = ["worker"]
`;
}

Deno.test(
  "a worker with nothing to check is started: start, status and why say no more",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, workerAndWeb);
    const start = await project.run(["start", "--lang", "en"]);
    strictEqual(start.code, 0, start.stdout + start.stderr);
    match(start.stdout, /worker: started, nothing to check \(PID \d+\)\n/);
    match(start.stdout, /web: ready in /);
    match(
      start.stdout,
      /1 service is ready; 1 service was started, with nothing to check\n/,
    );
    strictEqual(/worker: ready/.test(start.stdout), false);

    const status = await project.run(["status", "--json"]);
    strictEqual(status.code, 0);
    const { services } = JSON.parse(status.stdout);
    deepStrictEqual(
      services.map(({ name, state }: Record<string, unknown>) => [name, state]),
      [["worker", "started"], ["web", "running"]],
    );
    strictEqual(services[0].readyAt, null);
    const again = await project.run(["start", "--json"]);
    strictEqual(again.code, 0);
    strictEqual(reportOf(again).services[0]?.state, "started");

    const why = await project.run(["why", "worker", "--lang", "fr"]);
    strictEqual(why.code, 0);
    match(why.stdout, /worker : démarré, rien à vérifier\n/);
    match(why.stdout, /rien ne prouve qu'il est prêt\n/);
    match(project.read(".devsvc/devsvc.log"), / started worker pid=\d+ after=/);
  },
);
