/** No window opens on the desktop, ever: consoles are counted while services run. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  LANE,
  laneProcesses,
  makeLaneProject,
  toWindows,
  visibleConsoles,
} from "./lane.ts";

/** How long a supervised run is watched, in seconds. */
const SECONDS = Number(Deno.env.get("DEVSVC_CONSOLE_SECONDS") ?? 12);

Deno.test(
  "Windows: what a supervised run starts opens no window",
  LANE,
  async () => {
    await using project = makeLaneProject(
      1,
      ([port = 0], server) =>
        `[services.a]
command = ${server("--port", String(port))}
port = ${port}
ready = { http = "/", command = 'echo %DEVSVC_SERVICE%>>"checked here"' }
live = { every = "1s" }
`,
    );
    const start = await project.run(["start"]);
    strictEqual(start.code, 0, start.stdout + start.stderr);
    const checks = () => project.read("checked here").split("\n").length;
    const before = checks();
    const seen = await visibleConsoles(SECONDS * 1000);
    ok(checks() > before + 2, "the supervisor checks");
    const own = seen.filter(({ line }) =>
      line.includes(toWindows(project.root))
    );
    deepStrictEqual(own.map(({ line }) => line), []);
    const supervisors = (await laneProcesses(" __supervisor ")).filter((
      { line },
    ) => line.includes(toWindows(project.root)));
    strictEqual(supervisors.length, 1);
  },
);
