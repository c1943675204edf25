/** Where devsvc is called from, and what a service is given. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { makeFolder, until } from "../kit/test_process.ts";
import { runDevsvc } from "../kit/run_devsvc.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { environmentOf, instancesIn } from "../kit/processes.ts";
import {
  makeProject,
  plainServers,
  serverCommand,
  type TestProject,
} from "../kit/test_project.ts";
import { pidsOf } from "../kit/report.ts";

/** Every `.devsvc` below the parent of the project. */
async function stateFolders({ root }: TestProject): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (!isDirectory) continue;
      if (name === ".devsvc") found.push(`${folder}/${name}`);
      await walk(`${folder}/${name}`);
    }
  };
  await walk(root.slice(0, root.lastIndexOf("/")));
  return found;
}

Deno.test(
  "from a subfolder every command works on the whole project",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers);
    const cwd = `${project.root}/src/deep`;
    await Deno.mkdir(cwd, { recursive: true });
    const run = (...args: string[]) => project.run(args, { cwd });

    strictEqual((await run("check")).code, 0);
    const start = await run("start");
    strictEqual(start.code, 0, start.stdout + start.stderr);
    const before = await pidsOf(project);
    strictEqual((await run("status")).code, 0);
    match((await run("start")).stdout, /Already running: 1 service\./);
    match((await run("logs")).stdout, /^~?[\d:]+ a \| listening on \d+\n$/);
    strictEqual((await run("restart")).code, 0);
    strictEqual((await pidsOf(project))[0] === before[0], false);
    strictEqual((await run("stop")).code, 0);
    deepStrictEqual([...instancesIn(project.root)], []);
    deepStrictEqual(await stateFolders(project), [`${project.root}/.devsvc`]);
  },
);

Deno.test(
  "--config works from anywhere, absolute and relative",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers);
    await using elsewhere = await makeFolder();
    const file = `${project.root}/services.toml`;
    const { path } = elsewhere;
    strictEqual(
      (await runDevsvc(["start", "--config", file], { cwd: path })).code,
      0,
    );
    const relative = `../${project.root.split("/").at(-1)}/services.toml`;
    const cwd = `${project.root}/../beside`;
    await Deno.mkdir(cwd);
    strictEqual(
      (await runDevsvc(["status", "--config", relative], { cwd })).code,
      0,
    );
    strictEqual(
      (await runDevsvc(["stop", `--config=${file}`], { cwd: path })).code,
      0,
    );
    deepStrictEqual(await stateFolders(project), [`${project.root}/.devsvc`]);
    deepStrictEqual(await Array.fromAsync(Deno.readDir(path)), []);
  },
);

Deno.test(
  "a file of another name is used and named by --config",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers);
    const toml = project.read("services.toml");
    await Deno.writeTextFile(`${project.root}/other.toml`, toml);
    await Deno.remove(`${project.root}/services.toml`);
    strictEqual((await project.run(["check"])).code, 2);
    strictEqual(
      (await project.run(["check", "--config", "other.toml"])).code,
      0,
    );
  },
);

for (const folder of ["mes projets", "été & Noël", "a'b\"c $HOME;x(1)"]) {
  Deno.test(`a project in a folder called ${folder}`, ON_LINUX, async () => {
    await using project = makeProject(2, (ports) =>
      `[services.array]
command = ${serverCommand("--port", String(ports[0]))}
port = ${ports[0]}

[services.shell]
command = 'echo "in $PWD"; exec "$DENO" run -A --no-config --no-lock "$SERVER" --port ${
        ports[1]
      }'
port = ${ports[1]}
cwd = "back end"
env = { DENO = ${JSON.stringify(Deno.execPath())}, SERVER = ${
        serverCommand().slice(1, -1).split(",").at(-1)
      } }
`, { folder });
    await Deno.mkdir(`${project.root}/back end`);
    const start = await project.run(["start"]);
    strictEqual(start.code, 0, start.stdout + start.stderr);
    const log = project.read(".devsvc/logs/shell.log");
    strictEqual(log.split("\n")[0], `in ${project.root}/back end`);
    match((await project.run(["check"])).stdout, /started by devsvc/);
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    deepStrictEqual([...instancesIn(project.root)], []);
    deepStrictEqual(await stateFolders(project), [`${project.root}/.devsvc`]);
  });
}

Deno.test(
  "a service has its run id, env, env_file and the environment of devsvc",
  ON_LINUX,
  async () => {
    await using project = makeProject(0, () =>
      `[services.a]
command = ["sleep", "1000"]
env_file = "conf/local.env"
env = { FROM_ENV = "from env", IN_BOTH = "env wins" }

[services.b]
command = "echo said $GREETING; exec sleep 1000"
env = { GREETING = "héllo & co" }
`);
    await Deno.mkdir(`${project.root}/conf`);
    await Deno.writeTextFile(
      `${project.root}/conf/local.env`,
      "# a comment\nFROM_FILE='from a file'\nIN_BOTH=file\nexport URL=http://x/?a=1#b\n",
    );
    const start = await project.run(["start"], { env: { FROM_CALLER: "yes" } });
    strictEqual(start.code, 0, start.stdout + start.stderr);

    const [pid = 0] = instancesIn(project.root).get("a") ?? [];
    const env = environmentOf(pid);
    const record = JSON.parse(project.read(".devsvc/runs/a.json"));
    deepStrictEqual(
      [
        "DEVSVC_SERVICE",
        "DEVSVC_RUN",
        "FROM_ENV",
        "FROM_FILE",
        "IN_BOTH",
        "URL",
        "FROM_CALLER",
        "PYTHONUNBUFFERED",
      ].map((name) => env.get(name)),
      [
        "a",
        record.run,
        "from env",
        "from a file",
        "env wins",
        "http://x/?a=1#b",
        "yes",
        "1",
      ],
    );
    match(record.run, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    await until(() =>
      project.read(".devsvc/logs/b.log") === "said héllo & co\n"
    );
  },
);
