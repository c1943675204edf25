/**
 * `stop`, `status`, `logs` and `why` need no valid services.toml: they work from
 * run records and from what the processes say of themselves.
 */

import {
  deepStrictEqual,
  doesNotMatch,
  match,
  strictEqual,
} from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { processesIn } from "../kit/processes.ts";
import { reportOf } from "../kit/report.ts";
import type { Run } from "../kit/run_devsvc.ts";
import {
  makeProject,
  serverCommand,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";

const WORKER = `[services.worker]
label = "Worker"
command = ["sh", "-c", "echo at work; exec sleep 600"]
`;

/** A server beside it: its port must be known without the file. */
function withServer([port]: readonly number[]): string {
  return `${WORKER}
[services.web]
label = "Web"
command = ${serverCommand("--port", String(port))}
port = ${port}
`;
}

function equalCode(run: Run, code: number): void {
  strictEqual(run.code, code, run.stdout + run.stderr);
}

async function servicesOf(project: TestProject) {
  const { services } = reportOf(await project.run(["status", "--json"]));
  return services.map(({ name, state, port }) => [name, state, port]);
}

const BROKEN: Readonly<
  Record<string, (project: TestProject) => void | Promise<void>>
> = {
  "it is deleted": ({ root }) => Deno.remove(`${root}/services.toml`),
  "it is no TOML": (project) => project.write("<<<<<<< HEAD\n"),
  "its services have mistakes": (project) =>
    project.write("[services.web]\nport = 1.5\n[services.worker]\nx = 1\n"),
};

for (const [title, spoil] of Object.entries(BROKEN)) {
  Deno.test(
    `services.toml, while services run: ${title}`,
    ON_LINUX,
    async () => {
      await using project = await startProject(1, withServer);
      const [port] = project.ports;
      const pids = processesIn(project.root);
      await spoil(project);

      const status = await project.run(["status"]);
      equalCode(status, 0);
      match(
        status.stderr,
        /^services\.toml(:\d+:\d+)? {2}.*what runs is found/,
      );
      strictEqual(status.stderr.split("\n").length, 2, status.stderr);
      doesNotMatch(status.stdout, /no longer in services\.toml|changed/);
      deepStrictEqual((await servicesOf(project)).toSorted(), [
        ["web", "running", port],
        ["worker", "started", null],
      ]);

      const why = await project.run(["why", "web"]);
      equalCode(why, 0);
      match(why.stdout, /ready/);
      const logs = await project.run(["logs", "worker"]);
      equalCode(logs, 0);
      match(logs.stdout, /worker.* at work$/m);
      equalCode(await project.run(["why", "nobody"]), 2);

      for (const command of ["start", "restart", "up", "check"]) {
        const refused = await project.run([command]);
        equalCode(refused, 2);
        strictEqual(refused.stdout, "");
        match(
          refused.stderr,
          /\nStill running: web, worker\. To stop: devsvc stop\n$/,
        );
      }
      deepStrictEqual(processesIn(project.root), pids);

      const dry = await project.run(["stop", "--dry-run"]);
      equalCode(dry, 0);
      deepStrictEqual(processesIn(project.root), pids);
      equalCode(await project.run(["stop", "worker"]), 0);
      deepStrictEqual(processesIn(project.root).length, 1);
      const stop = await project.run(["stop"]);
      equalCode(stop, 0);
      match(stop.stdout, /1 service stopped, ports free/);
      deepStrictEqual(processesIn(project.root), []);
      const again = await project.run(["stop"]);
      equalCode(again, 0);
      match(again.stdout, /Nothing was running/);
    },
  );
}

Deno.test(
  "the mistakes are told in French, and how many there are",
  ON_LINUX,
  async () => {
    await using project = makeProject(0, () => WORKER);
    project.write(`${WORKER}a = 1\nb = 2\n`);
    const status = await project.run(["status", "--lang", "fr"]);
    equalCode(status, 1);
    match(
      status.stderr,
      /^services\.toml:4:1 {2}clé inconnue « a » \(la première de 2 erreurs, /,
    );
  },
);

Deno.test(
  "nothing of a services.toml with mistakes is run by stop",
  ON_LINUX,
  async () => {
    await using project = await startProject(0, () => WORKER);
    project.write(
      `${WORKER}stop = { command = "touch ran", signal = "SIGINT" }\nx = 1\n`,
    );
    equalCode(await project.run(["stop"]), 0);
    deepStrictEqual(processesIn(project.root), []);
    const names = await Array.fromAsync(Deno.readDir(project.root));
    deepStrictEqual(names.filter(({ name }) => name === "ran"), []);
  },
);

Deno.test(
  "a project inside another one, its services.toml gone: stop leaves the outer one",
  ON_LINUX,
  async () => {
    await using outer = await startProject(0, () => WORKER);
    const inner = `${outer.root}/packages/inner`;
    await Deno.mkdir(inner, { recursive: true });
    await Deno.writeTextFile(`${inner}/services.toml`, WORKER);
    equalCode(await outer.run(["start"], { cwd: inner }), 0);
    const [outside] = processesIn(outer.root)
      .filter((pid) => !processesIn(inner).includes(pid));
    await Deno.remove(`${inner}/services.toml`);

    const stop = await outer.run(["stop"], { cwd: inner });
    equalCode(stop, 0);
    match(stop.stdout, /1 service stopped/);
    deepStrictEqual(processesIn(outer.root), [outside]);
    // Nothing is left there that could be meant.
    equalCode(await outer.run(["status"], { cwd: inner }), 0);
  },
);

Deno.test(
  "a .devsvc that came with a copy makes no project",
  ON_LINUX,
  async () => {
    await using project = await startProject(0, () => WORKER);
    const copy = `${project.root}/../copy`;
    await new Deno.Command("cp", { args: ["-a", project.root, copy] }).output();
    await Deno.remove(`${copy}/services.toml`);
    for (const command of ["stop", "status", "logs"]) {
      const run = await project.run([command], { cwd: copy });
      equalCode(run, 2);
      match(run.stderr, /^devsvc: There is no services\.toml\./);
    }
    strictEqual(processesIn(project.root).length, 1);
  },
);

Deno.test(
  "services.toml is a link to nothing: the project above is not started",
  ON_LINUX,
  async () => {
    await using outer = makeProject(0, () => WORKER);
    const inner = `${outer.root}/inner`;
    await Deno.mkdir(inner);
    await Deno.symlink("nowhere.toml", `${inner}/services.toml`);
    for (const command of ["start", "check"]) {
      const run = await outer.run([command], { cwd: inner });
      equalCode(run, 2);
      match(run.stderr, /^services\.toml {2}cannot read .*it does not exist/);
    }
    deepStrictEqual(processesIn(outer.root), []);
  },
);
