/**
 * services.toml changes under a running project, as by `git pull`: the
 * supervisor runs only what the user has started.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { IDLE } from "../kit/cheap.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { statusOf } from "../kit/report.ts";
import { startProject, type TestProject } from "../kit/test_project.ts";
import { until } from "../kit/test_process.ts";
import {
  journalOf,
  killSupervisor,
  untilSupervised,
} from "../kit/test_supervisor.ts";

/** What each command of the file leaves behind when it is run. */
const START = 'echo "$DEVSVC_RUN" >>started; exec sleep 1000';

const BEFORE = `[services.a]
command = ${JSON.stringify(START)}
restart = { when = "always", delay = "20ms" }

[services.b]
command = ${IDLE}
`;

/** As it comes from somebody else. */
const AFTER = BEFORE.replace("echo", "echo x >>pulled; echo");

/** The same command, with other commands beside it. */
const WITH_CHECK = BEFORE.replace(
  "restart =",
  'ready = { command = "touch pulled" }\n' +
    'stop = { command = "touch pulled" }\nlive = { every = "1s" }\nrestart =',
);

function lines(project: TestProject, file: string): readonly string[] {
  try {
    return project.read(file).trimEnd().split("\n");
  } catch {
    return [];
  }
}

async function pidOf(project: TestProject): Promise<number> {
  const [a] = await statusOf(project);
  return a?.pid ?? 0;
}

async function crash(project: TestProject): Promise<void> {
  const pid = await pidOf(project);
  ok(pid > 1);
  Deno.kill(pid, "SIGKILL");
}

Deno.test(
  "after a change of services.toml a crash restarts what was started",
  ON_LINUX,
  async () => {
    await using project = await startProject(0, () => BEFORE);
    await untilSupervised(project);
    for (const text of [AFTER, WITH_CHECK]) {
      project.write(text);
      const before = lines(project, "started").length;
      await crash(project);
      await until(() => lines(project, "started").length > before);
      await until(async () => {
        const [a] = await statusOf(project);
        return a?.state === "started" || a?.state === "running";
      });
      deepStrictEqual(lines(project, "pulled"), []);
    }
    project.write(AFTER);
    strictEqual((await project.run(["restart", "a"])).code, 0);
    deepStrictEqual(lines(project, "pulled"), ["x"], "the user started it");
    await crash(project);
    await until(() => lines(project, "pulled").length === 2);
  },
);

for (const [what, text] of [["command", AFTER], ["check", WITH_CHECK]]) {
  Deno.test(
    `a supervisor that did not see the started ${what} restarts nothing, and says so`,
    ON_LINUX,
    async () => {
      await using project = await startProject(0, () => BEFORE);
      await killSupervisor(project);
      project.write(text ?? "");
      // `b` lives: the next command brings a supervisor back.
      strictEqual((await project.run(["status"])).code, 0);
      const started = lines(project, "started").length;
      await crash(project);
      const [a] = await until(async () => {
        const services = await statusOf(project);
        return services[0]?.outdated && services;
      });
      strictEqual(a?.state, "crashed");
      ok(journalOf(project).includes("outdated a reason=config-changed"));
      const { stdout } = await project.run(["status"]);
      match(stdout, /services\.toml changed .*; devsvc restart a$/m);
      const french = await project.run(["status", "--lang", "fr"]);
      match(french.stdout, /services\.toml a changé .*; devsvc restart a$/m);
      strictEqual(lines(project, "started").length, started);
      deepStrictEqual(lines(project, "pulled"), []);
      strictEqual((await project.run(["restart", "a"])).code, 0);
      ok(lines(project, "pulled").length > 0);
      strictEqual((await statusOf(project))[0]?.outdated, false);
    },
  );
}
