/**
 * devsvc called from elsewhere, with the permissions that users give it: it may
 * write in the folder that it is started in, and nowhere else.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { makeFolder, until } from "../kit/test_process.ts";
import { type Run, runDevsvc, spawnDevsvc } from "../kit/run_devsvc.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, instancesIn } from "../kit/processes.ts";
import {
  makeProject,
  plainServers,
  serverCommand,
  type TestProject,
} from "../kit/test_project.ts";
import { openTerminalRun } from "../kit/pty.ts";
import { pidsOf, statusOf } from "../kit/report.ts";

/** Blanks, accents, quotes and signs: the path goes through a command line. */
const FOLDER = `été à "Noël" & l'hiver $HOME`;

async function subfolderOf({ root }: TestProject): Promise<string> {
  const cwd = `${root}/dossier à part/deep`;
  await Deno.mkdir(cwd, { recursive: true });
  return cwd;
}

/** One service, which never gets ready. */
function neverReady([port]: readonly number[]): string {
  return `[services.a]
label = "Service A"
command = ${serverCommand("--port", String(port), "--health", "503")}
port = ${port}
ready = { http = "/" }
`;
}

Deno.test(
  "a subfolder is as good as the project's folder",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, plainServers, {
      folder: FOLDER,
    });
    const cwd = await subfolderOf(project);
    const run = (...args: string[]): Promise<Run> =>
      project.run(args, { cwd, scoped: true });

    strictEqual((await run("check")).code, 0);
    const start = await run("start");
    strictEqual(start.code, 0, start.stdout + start.stderr);
    strictEqual(start.stderr, "");
    match(start.stdout, /2 services are ready/);
    const before = await pidsOf(project);
    strictEqual((await run("status")).code, 0);
    match((await run("start")).stdout, /Already running: 2 services\./);
    const logs = await run("logs", "a", "--no-prefix");
    match(logs.stdout, /^listening on \d+\n$/);
    strictEqual((await run("restart", "b")).code, 0);
    const after = await pidsOf(project);
    strictEqual(after[0], before[0]);
    ok(after[1] !== before[1]);
    const stop = await run("stop", "--json");
    strictEqual(JSON.parse(stop.stdout).command, "stop");
    strictEqual(stop.code, 0);
    deepStrictEqual([...instancesIn(project.root)], []);
    deepStrictEqual(await Array.fromAsync(Deno.readDir(cwd)), []);
  },
);

Deno.test(
  "--config means the same from anywhere, through a link too",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers, {
      folder: FOLDER,
    });
    await using elsewhere = await makeFolder();
    const cwd = `${elsewhere.path}/à côté`;
    await Deno.mkdir(cwd);
    await Deno.rename(
      `${project.root}/services.toml`,
      `${project.root}/autre nom.toml`,
    );
    await Deno.symlink(project.root, `${elsewhere.path}/lien`);
    const run = (...args: string[]): Promise<Run> =>
      runDevsvc(args, { cwd, scoped: true });

    const config = "../lien/autre nom.toml";
    const start = await run("start", "--config", config, "a");
    strictEqual(start.code, 0, start.stdout + start.stderr);
    strictEqual((await run("status", `--config=${config}`)).code, 0);
    ok(project.read(".devsvc/runs/a.json"));
    const stop = await run("stop", `--config=${config}`);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    deepStrictEqual(await Array.fromAsync(Deno.readDir(cwd)), []);
  },
);

Deno.test(
  "the exit code and the words are those of the run",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers, {
      folder: FOLDER,
    });
    const cwd = await subfolderOf(project);
    const run = (...args: string[]): Promise<Run> =>
      project.run(args, { cwd, scoped: true });

    const unknown = await run("start", "nope");
    strictEqual(unknown.code, 2);
    match(unknown.stderr, /nope/);
    const missing = await run("stop", "--config", "no/such/services.toml");
    strictEqual(missing.code, 2);
    match(missing.stderr, /it does not exist/);

    using _listener = Deno.listen({
      hostname: "127.0.0.1",
      port: project.ports[0] ?? 0,
    });
    strictEqual((await run("start")).code, 3);
  },
);

Deno.test("what only looks may not write, and works", ON_LINUX, async () => {
  await using project = makeProject(1, plainServers, {
    folder: FOLDER,
  });
  strictEqual((await project.run(["start"])).code, 0);
  const cwd = await subfolderOf(project);
  const [pid = 0] = instancesIn(project.root).get("a") ?? [];
  // Its service is dead, which is written down where that is allowed.
  Deno.kill(pid, "SIGKILL");
  await until(async () => !await answers(project.ports[0] ?? 0));
  // The supervisor sees it, too; it may write.
  const journal = await until(() => {
    const text = project.read(".devsvc/devsvc.log");
    return Promise.resolve(text.includes(" crashed a ") && text);
  });
  const status = await project.run(["status"], { cwd, scoped: true });
  strictEqual(status.code, 1);
  strictEqual(status.stderr, "");
  match(status.stdout, /Service A +crashed/);
  const check = await project.run(["check"], { cwd, scoped: true });
  strictEqual(check.code, 0, check.stdout + check.stderr);
  strictEqual(project.read(".devsvc/devsvc.log"), journal);
});

Deno.test(
  "SIGTERM reaches the run and Ctrl-C does once",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, neverReady, {
      folder: FOLDER,
    });
    const cwd = await subfolderOf(project);
    const child = spawnDevsvc(["start"], { cwd, scoped: true });
    const output = child.output();
    await until(() => answers(project.ports[0] ?? 0));
    child.kill("SIGTERM");
    const { code, stdout } = await output;
    strictEqual(code, 130);
    match(new TextDecoder().decode(stdout), /Still running: Service A/);

    await using run = openTerminalRun(["start"], { cwd, scoped: true });
    await run.waitFor("attend GET / : HTTP 503");
    run.type("\x03");
    strictEqual(await run.exit(), 130);
    match(
      run.screen().join("\n"),
      /Interrompu\nToujours en marche : Service A/,
    );
    const [service] = await statusOf(project);
    strictEqual(service?.state, "starting");
  },
);
