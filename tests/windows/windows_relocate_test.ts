/** devsvc called from elsewhere on Windows, with the permissions of users. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { permissionFlags } from "../../lib/runtime/self_program.ts";
import type { Run } from "../kit/run_devsvc.ts";
import {
  devsvcWordsWith,
  LANE,
  makeLaneProject,
  spawnInLane,
  toWindows,
} from "./lane.ts";

const FLAGS = ["--no-prompt", ...permissionFlags()];

Deno.test(
  "Windows: a subfolder and --config are as good as the project's folder",
  LANE,
  async () => {
    await using project = makeLaneProject(
      1,
      ([port = 0], server) =>
        `[services.a]
label = "Service A"
command = ${server("--port", String(port))}
port = ${port}
ready = { http = "/" }
`,
    );
    const below = `${project.root}/dossier à part`;
    await Deno.mkdir(below);
    const run = (cwd: string, ...args: readonly string[]): Promise<Run> =>
      spawnInLane(devsvcWordsWith(FLAGS, args), { cwd }).ended();

    const start = await run(below, "start");
    strictEqual(start.code, 0, start.stdout + start.stderr);
    match(start.stdout, /1 service is ready/);
    strictEqual((await run(below, "status")).code, 0);
    strictEqual((await run(below, "stop", "nope")).code, 2);
    const config = toWindows(`${project.root}/services.toml`);
    const stop = await run("/", "stop", "--config", config);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    deepStrictEqual(await Array.fromAsync(Deno.readDir(below)), []);
    deepStrictEqual(await project.processes(), []);
  },
);
