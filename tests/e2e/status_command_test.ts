/** `devsvc status`: how long, how much, and what changed since the start. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { processesIn } from "../kit/processes.ts";
import {
  makeProject,
  plainServers,
  serverCommand,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import { pidsOf } from "../kit/report.ts";

/** What a JSON of `status` says beside the state. */
interface Extras {
  readonly restarts: number;
  readonly configChanged: boolean;
  readonly environmentChanges: readonly string[];
}

type Env = Readonly<Record<string, string>>;

async function extrasOf(project: TestProject, env: Env = {}): Promise<Extras> {
  const { stdout } = await project.run(["status", "--json"], { env });
  const { services: [first] } = JSON.parse(stdout);
  return first;
}

/** The cells of the first service, by the heads of their columns. */
function cellsOf(table: string): ReadonlyMap<string, string> {
  const [heads = "", cells = ""] = table.split("\n")
    .map((line) => line.trimEnd());
  const at = [...heads.matchAll(/\S+/g)];
  return new Map(at.map(({ 0: head, index }, column) => [
    head,
    cells.slice(index, at[column + 1]?.index).trim(),
  ]));
}

/** The memory of a process as the kernel counts it, in bytes. */
function residentBytes(pid: number): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024;
}

Deno.test(
  "uptime, processor and memory of the whole tree",
  ON_LINUX,
  async () => {
    await using project = await startProject(1, ([port]) =>
      `[services.a]
command = ${serverCommand("--port", String(port), "--child")}
port = ${port}
`);
    const pids = processesIn(project.root);
    strictEqual(pids.length, 2);
    // A child that has just begun still grows.
    await until(async () => {
      const { stdout } = await project.run(["status"]);
      const cells = cellsOf(stdout);
      match(cells.get("UPTIME") ?? "", /^\d+([.,]\d)? ?(s|ms|min)/);
      match(cells.get("CPU") ?? "", /^\d+ %$/);
      strictEqual(cells.has("RESTARTS"), false, "nothing was started again");
      const [, shown] = /^(\d+) MB$/.exec(cells.get("MEMORY") ?? "") ?? [];
      const real = pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
      const root = Math.max(...pids.map(residentBytes));
      const bytes = Number(shown) * 1_000_000;
      // More than one process, and both may have grown since they were shown.
      return bytes > root && Math.abs(bytes - real) < real / 5;
    });
  },
);

Deno.test("how often it was started again is counted", ON_LINUX, async () => {
  await using project = await startProject(
    1,
    (ports) => `${plainServers(ports)}restart = "on-failure"\n`,
  );
  const [pid = 0] = await pidsOf(project);
  if (pid) Deno.kill(pid, "SIGKILL");
  await until(async () => {
    const { stdout, code } = await project.run(["status"]);
    return code === 0 && cellsOf(stdout).get("RESTARTS") === "1";
  });
  strictEqual((await extrasOf(project)).restarts, 1);
});

Deno.test(
  "a service whose entry changed since its start is named",
  ON_LINUX,
  async () => {
    await using project = await startProject(2, plainServers);
    strictEqual((await extrasOf(project)).configChanged, false);
    project.write(
      plainServers(project.ports).replace(
        "[services.a]",
        (head) => `${head}\nenv = { MODE = "other" }`,
      ),
    );
    const { code, stdout } = await project.run(["status"]);
    strictEqual(code, 0, "it runs as well as before");
    match(
      stdout,
      /^Service A: services\.toml changed since it was started; devsvc restart a applies it$/m,
    );
    strictEqual(stdout.includes("Service B: services.toml"), false, stdout);
    strictEqual((await extrasOf(project)).configChanged, true);
    strictEqual((await project.run(["restart", "a"])).code, 0);
    strictEqual((await extrasOf(project)).configChanged, false);
  },
);

const SLEEPER = `[services.a]
label = "Service A"
command = ["sleep", "1000"]
env_file = "vars.env"
`;

/** A project started with a variable, and an env_file. */
async function startedWith(env: Env): Promise<TestProject> {
  const project = makeProject(0, () => SLEEPER);
  await Deno.writeTextFile(
    `${project.root}/vars.env`,
    "DATABASE_URL=secret-before\n",
  );
  const { code, stdout, stderr } = await project.run(["start"], { env });
  if (code === 0) return project;
  await project[Symbol.asyncDispose]();
  throw new Error(`Cannot start: ${stdout}${stderr}`);
}

Deno.test(
  "a variable that changed since the start is named, never its value",
  ON_LINUX,
  async () => {
    await using project = await startedWith({ FOO: "hidden-1" });
    const same = await extrasOf(project, { FOO: "hidden-1" });
    deepStrictEqual(same.environmentChanges, []);

    const env = { FOO: "hidden-2", NEW_TOKEN: "hidden-3" };
    for (const args of [["status"], ["status", "--json"]]) {
      const { stdout, stderr } = await project.run(args, { env });
      strictEqual(/hidden-\d/.test(stdout + stderr), false, stdout);
    }
    match(
      (await project.run(["status"], { env })).stdout,
      /^Service A: the environment changed since it was started \(FOO, NEW_TOKEN\); devsvc restart a applies it$/m,
    );
    deepStrictEqual((await extrasOf(project, env)).environmentChanges, [
      "FOO",
      "NEW_TOKEN",
    ]);

    strictEqual((await project.run(["restart"], { env })).code, 0);
    const after = await extrasOf(project, env);
    deepStrictEqual(after.environmentChanges, []);
  },
);

Deno.test("another terminal is no change", ON_LINUX, async () => {
  await using project = await startedWith({ TERM: "xterm-256color" });
  const env = {
    TERM: "screen",
    TERM_PROGRAM: "vscode",
    COLORTERM: "truecolor",
    SSH_CLIENT: "192.0.2.1 50000 22",
    SSH_TTY: "/dev/pts/9",
    TMUX: "/tmp/tmux/default,1,0",
    SHLVL: "7",
    OLDPWD: "/elsewhere",
    XDG_SESSION_ID: "99",
  };
  deepStrictEqual((await extrasOf(project, env)).environmentChanges, []);
});

Deno.test("an env_file that changed is told by name", ON_LINUX, async () => {
  await using project = await startedWith({});
  await Deno.writeTextFile(
    `${project.root}/vars.env`,
    "DATABASE_URL=secret-after\nADDED=secret-too\n",
  );
  const { stdout } = await project.run(["status"]);
  match(stdout, /^Service A: .* \(ADDED, DATABASE_URL\); devsvc restart/m);
  strictEqual(stdout.includes("secret"), false, stdout);
  deepStrictEqual((await extrasOf(project)).environmentChanges, [
    "ADDED",
    "DATABASE_URL",
  ]);
});
