/** A `.devsvc` of another version: reported, ignored, its services found. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { instancesIn, wrappersIn } from "../kit/processes.ts";
import { killNow } from "../kit/test_process.ts";
import { reportOf } from "../kit/report.ts";
import {
  ensureStateDir,
  stateDirOf,
} from "../../lib/runtime/state/state_dir.ts";
import {
  makeProject,
  plainServers,
  startProject,
} from "../kit/test_project.ts";

/** A server with a port, and a service without one. */
function twoKinds(ports: readonly number[]): string {
  return `${plainServers(ports)}
[services.quiet]
command = ["sleep", "600"]
`;
}

/** Gives `.devsvc` another shape: the run records lie in another folder. */
async function makeLegacy(root: string): Promise<void> {
  const state = `${root}/.devsvc`;
  await Deno.rename(`${state}/runs`, `${state}/records`);
}

const NOTE = ".devsvc/records is from another version of devsvc and is " +
  "ignored: remove it\n";

Deno.test(
  "services that another version started are found, kept and stopped",
  ON_LINUX,
  async () => {
    await using project = await startProject(1, twoKinds);
    const { root } = project;
    await makeLegacy(root);
    const instances = instancesIn(root);

    const status = await project.run(["status", "--json"]);
    strictEqual(status.code, 0, status.stdout);
    strictEqual(status.stderr, NOTE);
    deepStrictEqual(
      reportOf(status).services.map(({ name, state }) => [name, state]),
      [["a", "running"], ["quiet", "started"]],
    );

    const start = await project.run(["start"]);
    strictEqual(start.code, 0, start.stdout);
    strictEqual(start.stderr, NOTE);
    match(start.stdout, /Already running: 2 services\./);
    deepStrictEqual(instancesIn(root), instances);

    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout);
    match(stop.stdout, /2 services stopped/);
    deepStrictEqual([...instancesIn(root).keys()], []);

    const after = await project.run(["stop"]);
    match(after.stdout, /Nothing was running/);
  },
);

Deno.test(
  "without their wrapper they are found by the run id in their environment",
  ON_LINUX,
  async () => {
    await using project = await startProject(1, twoKinds);
    const { root } = project;
    await makeLegacy(root);
    wrappersIn(root).forEach(killNow);

    const { services } = reportOf(await project.run(["status", "--json"]));
    deepStrictEqual(
      services.map(({ name, state }) => [name, state]),
      [["a", "orphan"], ["quiet", "orphan"]],
    );
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout);
    deepStrictEqual([...instancesIn(root).keys()], []);
  },
);

Deno.test(
  "a .devsvc of another version is reported once a command, in both languages",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers);
    const { root } = project;
    ensureStateDir(stateDirOf(root));
    await Deno.mkdir(`${root}/.devsvc/records`);
    // Neither what is no run record nor one of a run that has ended blocks.
    await Deno.writeTextFile(`${root}/.devsvc/records/a.json`, "{");
    for (const command of ["check", "status", "stop", "start"]) {
      const run = await project.run([command]);
      strictEqual(run.stderr, NOTE, command);
    }
    const french = await project.run(["check", "--lang", "fr"]);
    match(french.stderr, /^\.devsvc\/records vient d'une autre version /);

    await Deno.remove(`${root}/.devsvc/records`, { recursive: true });
    strictEqual((await project.run(["status"])).stderr, "");
  },
);

Deno.test(
  "a run of another version that has ended is not started again",
  ON_LINUX,
  async () => {
    const toml = (ports: readonly number[]) =>
      plainServers(ports).replace("ready =", 'restart = "always"\nready =');
    await using project = await startProject(1, toml);
    await makeLegacy(project.root);
    const record = JSON.parse(project.read(".devsvc/records/a.json"));
    strictEqual((await project.run(["stop"])).code, 0);
    await Deno.writeTextFile(
      `${project.root}/.devsvc/records/a.json`,
      JSON.stringify(record),
    );
    const { services } = reportOf(await project.run(["status", "--json"]));
    strictEqual(services[0]?.state, "free");
    const start = await project.run(["start"]);
    strictEqual(start.code, 0, start.stdout);
    ok(instancesIn(project.root).size > 0);
  },
);
