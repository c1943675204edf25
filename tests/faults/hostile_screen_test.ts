/**
 * Text that a repository, a process or a caller chose, on the screen: in the raw
 * bytes that a terminal gets, nothing of it acts.
 */

import { doesNotMatch, ok } from "node:assert/strict";
import { cheapServer } from "../kit/cheap.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { openTerminalRun } from "../kit/pty.ts";
import { makeProject } from "../kit/test_project.ts";
import { until } from "../kit/test_process.ts";

/** Sets the title, clears the screen, links, reorders, hides, ends the line. */
const HOSTILE =
  "x\x1b]0;PWNED\x07\x1b[2J\x1b]8;;http://evil/\x07y\x1b]8;;\x07" +
  "\x9b31m\u202e\u2066\u200f\u200b\u2028\r\nFAKE: all is well";

/** What HOSTILE would do, if it got through; a log may have what hides. */
const ACTS =
  // deno-lint-ignore no-control-regex
  /\x1b\]|\x1b\[2J|[\x07\x80-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|(?:^|[\r\n])FAKE/;

/** Runs a command at a terminal and looks at all that it wrote. */
async function assertHarmless(
  cwd: string,
  ...args: readonly string[]
): Promise<string> {
  await using run = openTerminalRun(args, { cwd });
  await run.exit();
  const output = run.output();
  ok(output.length > 0, `${args} says nothing`);
  doesNotMatch(
    output,
    ACTS,
    `${JSON.stringify(args)}: ${JSON.stringify(output)}`,
  );
  if (!args.includes("logs") && args[0] !== "why") {
    doesNotMatch(output, /\u200b/);
  }
  return output;
}

Deno.test(
  "no word of the command line acts on the screen",
  ON_LINUX,
  async () => {
    await using project = makeProject(
      0,
      () => '[services.a]\ncommand = "true"\n',
    );
    const run = (...args: readonly string[]) =>
      assertHarmless(project.root, ...args);
    await run(HOSTILE);
    await run("check", HOSTILE);
    await run("why", HOSTILE);
    await run("why", "a", HOSTILE);
    await run("check", `--${HOSTILE}`);
    await run("check", `-${HOSTILE}`);
    await run("check", "--lang", HOSTILE);
    await run("check", "--config", HOSTILE);
    await run("start", "--on-conflict", HOSTILE);
    await run("logs", "--grep", `(${HOSTILE}`);
    await run("logs", "--grep", `(?=${HOSTILE})`);
    await run("logs", "--since", HOSTILE);
    await run("logs", "-n", HOSTILE);
    await run("completions", HOSTILE);
    await run("init", HOSTILE);
  },
);

Deno.test(
  "no folder, process or log acts on the screen",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, ([a, b]) =>
      `[services.a]
command = ${withHostileName(a ?? 0)}
port = ${a}
[services.b]
command = ["sh", "-c", "printf '%s\\\\n' \\"$1\\"; exit 3", "sh", ${
        JSON.stringify(HOSTILE)
      }]
depends_on = ["a"]
[services.c]
command = ${cheapServer(b ?? 0)}
port = ${b}
`, { folder: HOSTILE.replaceAll("/", "-") });
    const run = (...args: readonly string[]) =>
      assertHarmless(project.root, ...args);
    const below = `${project.root}/below`;
    await Deno.mkdir(below);
    // A holder that is not ours, with a name and words of its choice.
    const [program = "", ...words]: string[] = JSON.parse(
      withHostileName(project.ports[1] ?? 0),
    );
    const holder = new Deno.Command(program, {
      args: words,
      cwd: "/",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = holder.stdout.getReader();
    await reader.read();
    try {
      await run("check");
      await run("why", "c");
      await run("start", "--dry-run");
      await run("start", "--on-conflict=fail");
      await run("start", "a", "b", "--on-conflict=fail");
      await until(async () => (await run("logs")).includes("FAKE"));
      for (const command of ["check", "status", "logs"]) await run(command);
      await run("why", "a");
      await run("why", "b");
      await run("restart", "--dry-run");
      await run("stop", "--dry-run");
      await assertHarmless(below, "status");
      await Deno.chmod(`${project.root}/.devsvc`, 0o500);
      await run("stop", "a", "b", "--on-conflict=keep");
      await Deno.chmod(`${project.root}/.devsvc`, 0o700);
      await run("stop", "a", "b", "--on-conflict=keep");
    } finally {
      await reader.cancel();
      holder.kill("SIGKILL");
      await holder.status;
    }
    await Deno.remove(`${project.root}/services.toml`);
    await run("check");
    await Deno.writeTextFile(
      `${project.root}/Procfile`,
      `web: serve ${HOSTILE}\n`,
    );
    await run("init", "--dry-run");
    await run("init");
  },
);

/** A server whose name and words, as the OS tells them, are hostile. */
function withHostileName(port: number): string {
  const [env = "", locale = "", perl = "", e = "", script = "", ...rest]:
    string[] = JSON.parse(cheapServer(port));
  return JSON.stringify([
    env,
    locale,
    perl,
    e,
    script.replace(/^/, "$0 = $ARGV[1]; "),
    ...rest,
    HOSTILE,
  ]);
}
