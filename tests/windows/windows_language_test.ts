/** devsvc on a Windows that speaks another language than English. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { reportOf } from "../kit/report.ts";
import { LANE, makeLaneProject, spawnInLane } from "./lane.ts";

/** What `netstat` calls a listener; letters of code page 850 are no UTF-8. */
const LISTENING = { de: /ABH.REN/, fr: /. L'.COUTE/ } as const;

for (const [language, word] of Object.entries(LISTENING)) {
  Deno.test(
    `Windows: netstat speaks ${language}: check, start and stop are right`,
    LANE,
    async () => {
      const windows = { NETSTAT_LANGUAGE: language };
      await using project = makeLaneProject(
        1,
        ([port = 0], server) =>
          `[services.a]
command = ${server("--port", String(port))}
port = ${port}
ready = { http = "/" }
`,
      );
      const [port = 0] = project.ports;
      strictEqual((await project.run(["check"], windows)).code, 0);
      const start = await project.run(["start"], windows);
      strictEqual(start.code, 0, start.stdout + start.stderr);

      await using netstat = spawnInLane(["netstat.exe", "-ano"], {
        cwd: "/",
        env: windows,
      });
      const rows = (await netstat.ended()).stdout.split("\r\n")
        .filter((row) => row.includes(`:${port} `));
      match(rows[0] ?? "", word);
      strictEqual(rows.join("").includes("LISTENING"), false);

      const status = await project.run(["status", "--json"], windows);
      const [service] = reportOf(status).services;
      strictEqual(service?.state, "running");
      deepStrictEqual(
        service?.holders.map(({ pid }) => pid).length,
        1,
        status.stdout,
      );
      const held = await project.run(["check"], windows);
      strictEqual(held.code, 1);
      match(held.stdout, new RegExp(`Port ${port} .*: IN USE`));
      const stop = await project.run(["stop"], windows);
      strictEqual(stop.code, 0, stop.stdout + stop.stderr);
      strictEqual((await project.run(["check"], windows)).code, 0);
    },
  );
}
