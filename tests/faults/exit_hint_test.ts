/**
 * Commands that end at once: what `start` says beside the exit code, and that
 * nothing is killed in silence.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { processesIn } from "../kit/processes.ts";
import { writeProgram } from "../kit/program.ts";
import { makeProject, type TestProject } from "../kit/test_project.ts";

function projectOf(command: string): TestProject {
  return makeProject(1, ([port = 0]) =>
    `[services.a]
command = ${JSON.stringify(command.replaceAll("PORT", String(port)))}
port = ${port}
`);
}

async function failureOf(project: TestProject): Promise<string> {
  const { code, stdout } = await project.run(["start", "--lang", "en"]);
  strictEqual(code, 1, stdout);
  return stdout;
}

Deno.test(
  "source in sh: that it is of bash, and what to write",
  ON_LINUX,
  async () => {
    await using project = projectOf("source .venv/bin/activate && serve");
    const said = await failureOf(project);
    match(said, /ended with exit code 127|ended with exit code 1 /);
    match(said, /→ source is a command of bash.*write \. in its place/);
    const { stdout } = await project.run(["start", "--lang", "fr"]);
    match(stdout, /→ source est une commande de bash/);
  },
);

Deno.test(
  "a program that is not on PATH: where to look, or where it lies",
  ON_LINUX,
  async () => {
    await using project = projectOf("no-such-server --port PORT");
    match(
      await failureOf(project),
      /→ no-such-server was not found on PATH: install it, or write its path/,
    );
    await Deno.mkdir(`${project.root}/.venv/bin`, { recursive: true });
    writeProgram(`${project.root}/.venv/bin/no-such-server`, "exit 0");
    match(
      await failureOf(project),
      /→ no-such-server was not found on PATH, but it lies in the project: write \.venv\/bin\/no-such-server in command/,
    );
    const json = await project.run(["start", "--json"]);
    const { services: [service] } = JSON.parse(json.stdout);
    deepStrictEqual(service.failure.hint, {
      kind: "not-found",
      program: "no-such-server",
      at: ".venv/bin/no-such-server",
    });
  },
);

Deno.test(
  "a script that is not there, may not be run, or whose interpreter is missing",
  ON_LINUX,
  async () => {
    await using project = projectOf("./run.sh");
    match(
      await failureOf(project),
      /→ there is no file \.\/run\.sh: a relative/,
    );
    await Deno.mkdir(`${project.root}/run.sh`);
    match(await failureOf(project), /→ \.\/run\.sh is a folder, not a program/);
    await Deno.remove(`${project.root}/run.sh`);
    await Deno.writeTextFile(
      `${project.root}/run.sh`,
      "#!/bin/sh\r\nsleep 9\r\n",
    );
    match(
      await failureOf(project),
      /→ \.\/run\.sh must not be run as a program/,
    );
    await Deno.chmod(`${project.root}/run.sh`, 0o755);
    match(
      await failureOf(project),
      /→ \.\/run\.sh is there, but the program .*LF/,
    );
  },
);

Deno.test(
  "a program that goes into the background is named, and how to keep it in front",
  ON_LINUX,
  async () => {
    await using project = projectOf("(sleep 300 &)");
    const said = await failureOf(project);
    match(
      said,
      /a: ended with exit code 0[^]*→ it went into the background as sleep \(PID \d+\), which was ended\. Have it stay in the foreground: .*--daemon/,
    );
    deepStrictEqual(processesIn(project.root), []);
    match(project.read(".devsvc/devsvc.log"), / failed a .*ended=\d+/);
  },
);

Deno.test(
  "what a failed command leaves behind is not ended in silence",
  ON_LINUX,
  async () => {
    await using project = projectOf("sleep 300 & exit 3");
    const said = await failureOf(project);
    match(
      said,
      /exit code 3[^]*what it left behind was ended: sleep \(PID \d+\)/,
    );
    ok(!said.includes("background"));
    deepStrictEqual(processesIn(project.root), []);
  },
);

Deno.test("a command that does its work and ends", ON_LINUX, async () => {
  await using project = projectOf("echo migrated");
  match(
    await failureOf(project),
    /→ it ended without an error, but a service runs until it is stopped/,
  );
});

Deno.test(
  "a program whose path has a space is named whole",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, ([port = 0]) =>
      `[services.a]
command = ["/nonexistent/my proj/serve it", "app"]
port = ${port}
`);
    match(
      await failureOf(project),
      /→ there is no file \/nonexistent\/my proj\/serve it: a relative/,
    );
  },
);

Deno.test(
  "a command that chose 127 or 126 itself is not told of a missing program",
  ON_LINUX,
  async () => {
    for (const code of [127, 126]) {
      await using project = projectOf(`echo working; exit ${code}`);
      const said = await failureOf(project);
      match(
        said,
        new RegExp(`→ if the command did not choose it, ${code} means`),
      );
      ok(!said.includes("PATH") && !said.includes("chmod"), said);
    }
  },
);

Deno.test("a huge line of the log is quoted in part", ON_LINUX, async () => {
  await using project = projectOf(
    "head -c 300000 /dev/zero | tr '\\0' x; echo; exit 3",
  );
  const said = await failureOf(project);
  match(said, /x{500}… \(\+299500\)/);
  ok(said.length < 5000);
  const { stdout } = await project.run(["why", "a", "--lang", "en"]);
  ok(stdout.length < 5000);
});
