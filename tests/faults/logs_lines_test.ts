/** What services write that is no plain line, and how `logs` shows it. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { makeLogs, silentServices } from "../kit/test_logs.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { makeProject, type TestProject } from "../kit/test_project.ts";
import { openTerminalRun } from "../kit/pty.ts";

/** A project whose services wrote something and ended, long ago. */
async function madeProject(
  logs: Readonly<Record<string, string | Uint8Array>>,
): Promise<TestProject> {
  const names = Object.keys(logs).filter((name) => name.endsWith(".log"))
    .map((name) => name.replace(".log", ""));
  const project = makeProject(0, () => silentServices(...names));
  const folder = makeLogs(project);
  for (const [name, content] of Object.entries(logs)) {
    await (typeof content === "string"
      ? Deno.writeTextFile(`${folder}/${name}`, content)
      : Deno.writeFile(`${folder}/${name}`, content));
  }
  return project;
}

async function plain(
  project: TestProject,
  ...args: readonly string[]
): Promise<readonly string[]> {
  const run = await project.run(["logs", "--no-prefix", ...args]);
  strictEqual(run.code, 0, run.stderr);
  return run.stdout.split("\n").slice(0, -1);
}

Deno.test("logs shows what a terminal would show in the end", async () => {
  const long = "é".repeat(500_000);
  await using project = await madeProject({
    "api.log": new Uint8Array([
      ...new TextEncoder().encode(
        "windows\r\n10%\r50%\r100%\r\n\x1b[31mred\x1b[0m\n\x1b[2Jclear\n",
      ),
      ...[0xff, 0xfe, 0x41, 0x0a],
      ...new TextEncoder().encode(`${long}\nafter\nPassword: `),
    ]),
  });
  const expected = [
    "windows",
    "100%",
    "red",
    "clear",
    "��A",
    long,
    "after",
    "Password: ",
  ];
  deepStrictEqual(await plain(project), expected);
  const { stdout } = await project.run(["logs", "--json"]);
  deepStrictEqual(
    stdout.trim().split("\n").map((line) => JSON.parse(line).line),
    expected,
  );
  deepStrictEqual(await plain(project, "--grep", "^red$|100"), ["100%", "red"]);
});

Deno.test(
  "on a terminal a line keeps its colours, and they end with it",
  ON_LINUX,
  async () => {
    await using project = await madeProject({
      "api.log": "\x1b[31mred\n\x1b[2J\x1b[Hplain\n",
    });
    await using run = openTerminalRun(["logs"], { cwd: project.root });
    strictEqual(await run.exit(), 0);
    const [red = "", next = ""] = run.output().split("\r\n");
    const prefix = "\x1b[36mapi |\x1b[0m";
    ok(red.endsWith(`${prefix} \x1b[31mred\x1b[0m`), JSON.stringify(red));
    ok(next.endsWith(`${prefix} plain`), JSON.stringify(next));

    await using bare = openTerminalRun(["logs", "--no-color"], {
      cwd: project.root,
    });
    strictEqual(await bare.exit(), 0);
    match(bare.output(), /\d api \| red\r\n~?[\d:]+ api \| plain\r\n$/);
  },
);

Deno.test("lines of all services are shown in the order of time", async () => {
  const at = (minute: number) => new Date(2026, 10, 21, 9, minute).getTime();
  await using project = await madeProject({
    "api.log": "one\nfour\nfive\n",
    "api.times": `${at(1)} 4\n${at(4)} 9\n${at(5)} 14 ~\n`,
    "worker.log": "two\nthree\nsix\n",
    "worker.times": `${at(2)} 4\n${at(3)} 10\n${at(6)} 14\n`,
  });
  deepStrictEqual(await plain(project), [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
  ]);
  deepStrictEqual(await plain(project, "-n", "1"), ["five", "six"]);
  deepStrictEqual(await plain(project, "--since", "2026-11-21 09:04"), [
    "four",
    "five",
    "six",
  ]);
  deepStrictEqual(
    await plain(project, "--since", "2026-11-21 09:04", "-n", "1"),
    ["five", "six"],
  );
  deepStrictEqual(await plain(project, "--since", "1s"), []);
  const { stdout } = await project.run(["logs", "-n", "1"]);
  deepStrictEqual(stdout.split("\n"), [
    "~11-21 09:05:00 api    | five",
    "11-21 09:06:00 worker | six",
    "",
  ]);
  const json = await project.run(["logs", "api", "-n", "1", "--json"]);
  deepStrictEqual(JSON.parse(json.stdout), {
    version: 1,
    service: "api",
    time: new Date(at(5)).toISOString(),
    approximate: true,
    line: "five",
  });
});

Deno.test(
  "the run that crashed before the last start can still be read",
  ON_LINUX,
  async () => {
    // Without a port it would be ready where its end comes late.
    await using project = makeProject(
      1,
      ([port]) =>
        `[services.api]\ncommand = "cat words.txt; exit 3"\nport = ${port}\n`,
    );
    const say = (text: string) =>
      Deno.writeTextFile(`${project.root}/words.txt`, text);
    await say("Traceback: yesterday");
    strictEqual((await project.run(["start"])).code, 1);
    await say("today\n");
    strictEqual((await project.run(["start"])).code, 1);
    deepStrictEqual(await plain(project), ["Traceback: yesterday", "today"]);
  },
);
