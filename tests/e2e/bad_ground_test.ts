/** Good input on bad ground: commands that fail, folders that resist. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { makeFolder } from "../kit/test_process.ts";
import { isRoot, runDevsvc } from "../kit/run_devsvc.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { processesIn } from "../kit/processes.ts";
import { makeProject } from "../kit/test_project.ts";
import { reportOf } from "../kit/report.ts";

/** The user `nobody` of every Linux. */
const NOBODY = 65534;

for (
  const [kind, command, words] of [
    ["in the shell", '"no-such-program --x"', /no-such-program: .*not found/],
    ["as it is", '["no-such-program", "--x"]', /no-such-program: .*not found/],
  ] as const
) {
  Deno.test(
    `a command that is not found, run ${kind}: 127 and the words of the shell`,
    ON_LINUX,
    async () => {
      await using project = makeProject(
        1,
        ([port]) => `[services.a]\ncommand = ${command}\nport = ${port}\n`,
      );
      const run = await project.run(["start"]);
      strictEqual(run.code, 1);
      strictEqual(run.stderr, "");
      match(run.stdout, /a: ended with exit code 127 before it was ready/);
      match(run.stdout, /last 1 line of .*\/\.devsvc\/logs\/a\.log:\n {3}\| /);
      match(run.stdout, words);
      match(run.stdout, /Not everything is ready: a/);
      deepStrictEqual(processesIn(project.root), []);

      const french = await project.run(["start", "--lang", "fr"]);
      match(french.stdout, /terminé avec le code 127 avant d'être prêt/);

      const json = await project.run(["start", "--json"]);
      strictEqual(json.code, 1);
      const [service] = reportOf(json).services;
      deepStrictEqual(
        [service?.failure?.kind, service?.failure?.code],
        ["exited", 127],
      );
    },
  );
}

Deno.test(
  "a file in the place of .devsvc: said, nothing started",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const { path } = folder;
    await Deno.writeTextFile(
      `${path}/services.toml`,
      '[services.a]\ncommand = "touch started; sleep 1000"\n',
    );
    await Deno.writeTextFile(`${path}/.devsvc`, "mine");
    const run = (...args: string[]) => runDevsvc(args, { cwd: path });

    for (const command of ["start", "restart"]) {
      const { code, stdout, stderr } = await run(command);
      strictEqual(code, 2);
      strictEqual(stdout, "");
      strictEqual(
        stderr,
        `devsvc: ${path}/.devsvc is no plain file or folder: remove it (nothing was started or stopped)\n`,
      );
    }
    const french = await run("start", "--lang", "fr");
    strictEqual(french.code, 2);
    match(
      french.stderr,
      /^devsvc : .*\/\.devsvc n'est ni un fichier ordinaire/,
    );

    const json = await run("start", "--json");
    strictEqual(json.code, 2);
    strictEqual(reportOf(json).error?.kind, "state");
    const stop = await run("stop");
    strictEqual(stop.code, 0, "a stop needs no folder");
    match(stop.stderr, /\.devsvc is no plain file or folder: ignored/);
    strictEqual((await run("check")).code, 0);
    strictEqual((await run("status")).code, 1);
    strictEqual(await Deno.readTextFile(`${path}/.devsvc`), "mine");
    deepStrictEqual(namesIn(path), [".devsvc", "services.toml"]);
    deepStrictEqual(processesIn(path), []);
  },
);

Deno.test(
  "a folder that may not be written: said, nothing started",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const path = `${folder.path}/project`;
    await Deno.mkdir(path);
    await Deno.writeTextFile(
      `${path}/services.toml`,
      '[services.a]\ncommand = "sleep 1000"\n',
    );
    // Root without its powers is stopped by an owner, others by the mode.
    if (isRoot()) await Deno.chown(path, NOBODY, NOBODY);
    else await Deno.chmod(path, 0o555);

    const run = (...args: string[]) =>
      runDevsvc(args, { cwd: path, powerless: true });
    const start = await run("start");
    strictEqual(start.code, 1);
    strictEqual(start.stdout, "");
    match(start.stderr, /^devsvc: Cannot write .*\.devsvc: Permission denied/);
    match(start.stderr, /Nothing was started or stopped\.\n$/);
    strictEqual((await run("check")).code, 0);
    deepStrictEqual(namesIn(path), ["services.toml"]);
    deepStrictEqual(processesIn(path), []);
    await Deno.chmod(path, 0o755);
  },
);

Deno.test(
  "the .devsvc of another user: said, nothing started twice",
  ON_LINUX,
  async () => {
    await using project = makeProject(
      0,
      () => '[services.a]\ncommand = ["sleep", "1000"]\n',
    );
    strictEqual((await project.run(["start"])).code, 0);
    const pids = processesIn(project.root);
    strictEqual(pids.length, 1);
    const state = `${project.root}/.devsvc`;
    if (isRoot()) await Deno.chown(state, NOBODY, NOBODY);
    else await Deno.chmod(state, 0o000);

    const said = isRoot() ? /belongs to another user/ : /cannot be accessed/;
    for (const command of ["start", "restart"]) {
      const run = await project.run([command], { powerless: true });
      strictEqual(run.code, 2);
      strictEqual(run.stdout, "");
      match(run.stderr, said);
      match(run.stderr, /nothing was started or stopped/);
    }
    const status = await project.run(["status"], { powerless: true });
    strictEqual(status.code, 4);
    match(status.stderr, said);
    match(status.stderr, /so nobody can tell what runs here/);
    deepStrictEqual(processesIn(project.root), pids);

    if (isRoot()) await Deno.chown(state, 0, 0);
    await Deno.chmod(state, 0o700);
  },
);

Deno.test(
  "an env_file that may not be read: its place, nothing started",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const { path } = folder;
    await Deno.writeTextFile(
      `${path}/services.toml`,
      '[services.a]\ncommand = "sleep 1000"\nenv_file = "secret.env"\n',
    );
    await Deno.writeTextFile(`${path}/secret.env`, "A=1\n", { mode: 0o000 });
    const run = await runDevsvc(["start"], { cwd: path, powerless: true });
    strictEqual(run.code, 2);
    match(
      run.stderr,
      /services\.toml:3:12 {2}cannot read ".*": access is denied/,
    );
    deepStrictEqual(namesIn(path), ["secret.env", "services.toml"]);
  },
);

function namesIn(path: string): readonly string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).toSorted();
}
