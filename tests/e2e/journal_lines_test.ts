/** `.devsvc` and its journal: one line with its time for all that happened. */

import {
  ensureStateDir,
  stateDirOf,
} from "../../lib/runtime/state/state_dir.ts";
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import {
  makeProject,
  serverCommand,
  type TestProject,
} from "../kit/test_project.ts";
import { pidsOf, statusOf } from "../kit/report.ts";
import { startServer } from "../kit/test_server.ts";

function stubborn(ports: readonly number[]): string {
  return `[services.a]
command = ${serverCommand("--port", String(ports[0]), "--stubborn")}
port = ${ports[0]}
stop = { timeout = "100ms" }
`;
}

/** The lines, without their time and the devsvc that wrote them. */
function journal(project: TestProject): readonly string[] {
  const text = project.read(".devsvc/devsvc.log");
  strictEqual(text.endsWith("\n"), true);
  return text.trimEnd().split("\n").map((line) => {
    const found = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (.*) by=\d+$/.exec(
      line,
    );
    return (found?.[1] ?? `malformed: ${line}`)
      .replace(/after=\d+ms/, "after=TIME");
  });
}

Deno.test(
  "start, ready, stop, escalation and stopped are a line each",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, stubborn);
    strictEqual((await project.run(["start"])).code, 0);
    const [service] = await statusOf(project);
    const pid = service?.pid;
    const [wrapper] = service?.processes ?? [];
    deepStrictEqual(journal(project), [
      `start a wrapper=${wrapper?.pid}`,
      `ready a pid=${pid} after=TIME`,
    ]);
    strictEqual((await project.run(["start"])).code, 0);
    strictEqual(journal(project).length, 2, "what changes nothing is not told");

    strictEqual((await project.run(["stop"])).code, 0);
    deepStrictEqual(journal(project).slice(2), [
      `stop a pids=${pid}`,
      `escalating a pids=${pid} after=TIME`,
      "stopped a after=TIME",
    ]);
  },
);

Deno.test(
  "a crash is a line, written once, by whoever sees it first",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, stubborn);
    strictEqual((await project.run(["start"])).code, 0);
    const [pid] = await pidsOf(project);
    if (pid) Deno.kill(pid, "SIGKILL");
    await project.run(["check"]);
    // Its shell ends later, and who sees that marks it first and writes it then.
    await until(() => journal(project).length > 2);
    await project.run(["check"]);
    await project.run(["status"]);
    deepStrictEqual(journal(project).slice(2), [
      `crashed a pid=${pid} signal=SIGKILL`,
    ]);
  },
);

Deno.test("a refusal is a line with who held the port", ON_LINUX, async () => {
  await using project = makeProject(1, stubborn);
  await using otherServer = await startServer(project.ports[0] ?? 0);
  strictEqual((await project.run(["start"])).code, 3);
  strictEqual((await project.run(["stop"])).code, 3);
  const line = `refused a state=foreign pids=${otherServer.pid}`;
  deepStrictEqual(journal(project), [line, line]);
});

Deno.test("a failure is a line with its reason", ON_LINUX, async () => {
  await using project = makeProject(1, ([port]) =>
    `[services.a]
command = ["sh", "-c", "exit 7"]
port = ${port}

[services.b]
command = ["sleep", "1000"]
depends_on = ["a"]
`);
  strictEqual((await project.run(["start"])).code, 1);
  const [start, ...rest] = journal(project);
  match(start ?? "", /^start a wrapper=\d+$/);
  deepStrictEqual(rest, [
    "failed a reason=exited code=7",
    "failed b reason=dependency",
  ]);
});

Deno.test(
  "a journal that cannot be written stops nothing",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, stubborn);
    ensureStateDir(stateDirOf(project.root));
    await Deno.mkdir(`${project.root}/.devsvc/devsvc.log`);
    const start = await project.run(["start"]);
    strictEqual(start.code, 0, start.stdout + start.stderr);
    strictEqual((await project.run(["stop"])).code, 0);
  },
);

Deno.test(
  ".devsvc is for its owner only, and git does not see it",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, stubborn);
    strictEqual((await project.run(["start"])).code, 0);
    const modeOf = async (path: string) =>
      ((await Deno.stat(`${project.root}/${path}`)).mode ?? 0) & 0o777;
    strictEqual(await modeOf(".devsvc"), 0o700);
    strictEqual(await modeOf(".devsvc/runs"), 0o700);
    strictEqual(await modeOf(".devsvc/logs"), 0o700);
    strictEqual(await modeOf(".devsvc/runs/a.json"), 0o600);
    strictEqual(await modeOf(".devsvc/devsvc.log"), 0o600);
    strictEqual(project.read(".devsvc/.gitignore"), "*\n");

    const git = (...args: string[]) =>
      new Deno.Command("git", { args, cwd: project.root }).output();
    await git("init", "--quiet");
    const { stdout } = await git("status", "--porcelain");
    strictEqual(new TextDecoder().decode(stdout), "?? services.toml\n");
  },
);
