/** `start` says of what runs already that services.toml changed since. */

import { match, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { openTerminalRun } from "../kit/pty.ts";
import {
  plainServers,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";

/** Two services run; since then the first has another environment. */
async function changedProject(): Promise<TestProject> {
  const project = await startProject(2, plainServers);
  project.write(
    plainServers(project.ports).replace(
      "[services.a]",
      (head) => `${head}\nenv = { MODE = "other" }`,
    ),
  );
  return project;
}

Deno.test(
  "a start that leaves a changed service alone names it and how to apply the change",
  ON_LINUX,
  async () => {
    await using project = await changedProject();
    const start = await project.run(["start", "--lang", "en"]);
    strictEqual(start.code, 0);
    match(start.stdout, /Already running: 2 services\./);
    match(
      start.stdout,
      /Service A: services\.toml changed since it was started; devsvc restart a applies it\n/,
    );
    strictEqual(start.stdout.includes("Service B: services"), false);
    const preview = await project.run(["start", "--dry-run", "--lang", "en"]);
    match(preview.stdout, /Service A: services\.toml changed since/);
    const french = await project.run(["start", "--lang", "fr"]);
    match(
      french.stdout,
      /services\.toml a changé .*devsvc restart a l'applique/,
    );
    const json = JSON.parse((await project.run(["start", "--json"])).stdout);
    strictEqual(json.services[0].configChanged, true);
    strictEqual(json.services[1].configChanged, false);

    strictEqual((await project.run(["restart", "a"])).code, 0);
    const after = await project.run(["start", "--lang", "en"]);
    strictEqual(after.stdout.includes("services.toml changed"), false);
  },
);

Deno.test("so does the question at a terminal", ON_LINUX, async () => {
  await using project = await changedProject();
  await using run = openTerminalRun(["start", "--lang", "en"], {
    cwd: project.root,
  });
  await run.waitFor("Your choice");
  const screen = run.screen().join("\n");
  match(screen, /Service A: services\.toml changed since it was started/);
  run.type("2\r");
  strictEqual(await run.exit(), 130);
});

Deno.test(
  "a service whose port changed in services.toml is not taken for one that moved",
  ON_LINUX,
  async () => {
    await using project = await startProject(
      2,
      ([port = 0]) => plainServers([port]),
    );
    const [old = 0, now = 0] = project.ports;
    project.write(plainServers([now]));
    for (const args of [["start"], ["check"], ["status"]]) {
      const { code, stdout } = await project.run([...args, "--lang", "en"]);
      const context = `${args} ${code}\n${stdout}`;
      match(
        stdout,
        /Service A: services\.toml changed since .*devsvc restart a applies it\n/,
        context,
      );
      strictEqual(stdout.includes(`write port = ${old}`), false, context);
    }
    strictEqual((await project.run(["restart", "a"])).code, 0);
    const { stdout } = await project.run(["status", "--json"]);
    strictEqual(JSON.parse(stdout).services[0].mismatchedPorts.length, 0);
  },
);
