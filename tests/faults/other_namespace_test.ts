/**
 * Processes of another pid namespace: a container with the folder of the project
 * in common, and a `/proc` that is not that of devsvc.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { isAlive, processesIn } from "../kit/processes.ts";
import { statusOf } from "../kit/report.ts";
import { devsvcCommand } from "../kit/run_devsvc.ts";
import {
  makeProject,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import { killNow, startProcess, until } from "../kit/test_process.ts";

/** Where a pid namespace can be made, which mostly takes root. */
const IN_NAMESPACE = { ignore: !canUnshare() };

function canUnshare(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    const args = ["--pid", "--fork", "--mount-proc", "true"];
    return new Deno.Command("unshare", { args, stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

function worker(): string {
  return '[services.worker]\ncommand = ["sleep", "600"]\n';
}

/** Runs a script of a shell in a pid namespace; `devsvc` is a function there. */
async function inNamespace(
  project: TestProject,
  script: string,
  ...flags: readonly string[]
): Promise<string> {
  const words = devsvcCommand({})
    .map((word) => `'${word}'`).join(" ");
  const text = `devsvc() { ${words} "$@" --lang en; echo "code $?"; }; ` +
    script;
  const { stdout, stderr } = await new Deno.Command("unshare", {
    args: ["--pid", "--fork", ...flags, "sh", "-c", text],
    cwd: project.root,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

Deno.test(
  "a service of the host is left alone in a container with its folder",
  IN_NAMESPACE,
  async () => {
    await using project = await startProject(0, worker);
    const before = processesIn(project.root);
    const seen = await inNamespace(
      project,
      "devsvc status; devsvc start; devsvc stop; devsvc restart --force; " +
        "devsvc why worker",
      "--mount-proc",
    );
    match(seen, /started in a container, or outside of this one/);
    match(
      seen,
      /stop it where it was started; .*remove \.devsvc\/runs\/worker/,
    );
    deepStrictEqual(
      [...seen.matchAll(/^code (\d)$/gm)].map(([, code]) => code),
      ["4", "3", "3", "3", "0"],
      seen,
    );
    // It is known as before, and nothing came beside it.
    deepStrictEqual(processesIn(project.root), before);
    const [service] = await statusOf(project);
    strictEqual(service?.state, "started");
    strictEqual((await project.run(["stop"])).code, 0);
    deepStrictEqual(processesIn(project.root), []);
  },
);

Deno.test(
  "a service of a container is left alone on its host, until it is gone",
  IN_NAMESPACE,
  async () => {
    await using project = makeProject(0, worker);
    // `read` holds the container open.
    await using container = startProcess("unshare", [
      ...["--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c"],
      'cd "$0" && "$@" && echo up && read -r _',
      project.root,
      ...devsvcCommand({}),
      "start",
    ]);
    await until(async () => await container.line() === "up");
    const before = processesIn(project.root);
    strictEqual(before.length > 0, true);
    const status = await project.run(["status"]);
    strictEqual(status.code, 4, status.stdout);
    for (const args of [["start"], ["stop"], ["restart", "--force"]]) {
      const run = await project.run(args);
      strictEqual(run.code, 3, run.stdout + run.stderr);
      deepStrictEqual(processesIn(project.root), before);
    }
    await container.closeInput();
    await until(() => processesIn(project.root).length === 0);
    const [service] = await statusOf(project);
    ok(
      service?.state === "crashed" || service?.state === "unknown",
      service?.state,
    );
    await Deno.remove(`${project.root}/.devsvc`, { recursive: true });
  },
);

Deno.test(
  "nothing is started, stopped or told by a /proc of another pid namespace",
  IN_NAMESPACE,
  async () => {
    await using project = await startProject(0, worker);
    const before = processesIn(project.root);
    const seen = await inNamespace(
      project,
      "devsvc status; devsvc start; devsvc stop; devsvc stop --force",
    );
    match(seen, /\/proc shows the processes of another container/);
    deepStrictEqual(
      [...seen.matchAll(/^code (\d)$/gm)].map(([, code]) => code),
      ["4", "3", "3", "3"],
      seen,
    );
    deepStrictEqual(processesIn(project.root), before);
    ok(before.every(isAlive));
    strictEqual((await project.run(["stop"])).code, 0);

    // Without anything to look for, the start itself finds out.
    await Deno.remove(`${project.root}/.devsvc`, { recursive: true });
    const started = await inNamespace(project, "devsvc start");
    ok(!started.includes("code 0"), started);
    const left = processesIn(project.root);
    left.forEach(killNow);
    deepStrictEqual(left, []);
  },
);
