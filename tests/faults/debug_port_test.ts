/** The port of a debugger is not the port of the service. */

import {
  deepStrictEqual,
  doesNotMatch,
  match,
  strictEqual,
} from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { statusOf } from "../kit/report.ts";
import { makeProject } from "../kit/test_project.ts";

/** Whether there is a Node: it alone opens such a port by itself. */
async function hasNode(): Promise<boolean> {
  const { code } = await new Deno.Command("sh", {
    args: ["-c", "command -v node"],
    stdout: "null",
  }).output();
  return code === 0;
}

const NO_NODE = ON_LINUX.ignore || !await hasNode();

for (const given of ["argument", "NODE_OPTIONS"]) {
  Deno.test(
    `a service under --inspect that does not serve yet: by ${given}`,
    { ignore: NO_NODE },
    async () => {
      await using project = makeProject(2, ([port, debug]) => {
        const inspect = `--inspect=127.0.0.1:${debug}`;
        const words = ["-e", "setInterval(() => {}, 1000)"];
        const command = given === "argument"
          ? ["node", inspect, ...words]
          : ["node", ...words];
        return `[services.api]
command = ${JSON.stringify(command)}
port = ${port}
ready = { timeout = "3s" }
${given === "argument" ? "" : `env = { NODE_OPTIONS = "${inspect}" }`}
`;
      });
      const [port = 0] = project.ports;
      const start = await project.run(["start"]);
      strictEqual(start.code, 1);
      match(start.stdout, new RegExp(`waiting for port ${port}`));
      doesNotMatch(start.stdout, /write port/);
      match(project.read(".devsvc/logs/api.log"), /Debugger listening on/);
      const status = await project.run(["status"]);
      doesNotMatch(status.stdout, /write port/);
      const [api] = await statusOf(project);
      deepStrictEqual([api?.state, api?.mismatchedPorts], ["unhealthy", []]);
    },
  );
}
