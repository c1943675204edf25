/**
 * A double-clicked devsvc: its window stays until Enter is pressed. Whose the
 * window is is injected; the rest is as it runs on Windows.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ON_POSIX } from "../kit/os_tags.ts";
import { answers } from "../kit/processes.ts";
import { fixture, fromFileUrl } from "../kit/paths.ts";
import {
  makeProject,
  plainServers,
  startProject,
} from "../kit/test_project.ts";
import {
  openProgramRun,
  openTerminalRun,
  type TerminalRun,
} from "../kit/pty.ts";
import { pidsOf, statusOf } from "../kit/report.ts";

const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));
const WORDS = [
  ...[Deno.execPath(), "run", "-A", "--config", CONFIG],
  fixture("double_clicked.ts"),
];
const PROMPT = "Appuyez sur Entrée pour fermer";

function doubleClick(
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): TerminalRun {
  return openProgramRun(WORDS, { cwd, env });
}

Deno.test(
  "double-clicked: it starts, sums up and waits for Enter",
  ON_POSIX,
  async () => {
    await using project = makeProject(2, plainServers);
    await using run = doubleClick(project.root);
    await run.waitFor(PROMPT);
    const lines = run.screen().filter((line) => line !== "");
    deepStrictEqual(lines.slice(-3), [
      "✅ 2 services sont prêts",
      "Pour arrêter : devsvc stop",
      PROMPT,
    ]);
    const states = (await statusOf(project)).map(({ state }) => state);
    deepStrictEqual(states, ["running", "running"]);
    ok(run.isOpen(), "it has waited meanwhile");
    run.type("\r");
    strictEqual(await run.exit(), 0);
    for (const port of project.ports) ok(await answers(port), "they run on");
  },
);

Deno.test(
  "double-clicked: the question is asked, then it waits",
  ON_POSIX,
  async () => {
    await using project = await startProject(1, plainServers);
    const before = await pidsOf(project);
    for (
      const [answer, told, code] of [["2", /Annulé/, 130], [
        "1",
        /✅ 1 service est prêt/,
        0,
      ]] as const
    ) {
      await using run = doubleClick(project.root);
      await run.waitFor("Votre choix (1 ou 2) :");
      strictEqual(run.output().includes(PROMPT), false);
      run.type(`${answer}\r`);
      await run.waitFor(PROMPT);
      match(run.screen().join("\n"), told);
      await statusOf(project);
      ok(run.isOpen(), "the Enter of the answer is not that of the end");
      run.type("\r");
      strictEqual(await run.exit(), code);
    }
    ok((await pidsOf(project))[0] !== before[0]);
  },
);

const ERRORS: readonly (readonly [string, string | undefined, RegExp])[] = [
  ["no services.toml", undefined, /services\.toml/],
  ["a wrong services.toml", "[services.a]\nprot = 1\n", /prot/],
  [
    "a wrong services.toml in French",
    'language = "fr"\n[services.a]\n',
    /command/,
  ],
];

for (const [what, toml, told] of ERRORS) {
  Deno.test(
    `double-clicked with ${what}: it waits after the error`,
    ON_POSIX,
    async () => {
      const folder = await Deno.makeTempDir({ prefix: "devsvc-" });
      try {
        if (toml !== undefined) {
          await Deno.writeTextFile(`${folder}/services.toml`, toml);
        }
        await using run = doubleClick(folder);
        await run.waitFor(PROMPT);
        match(run.screen().join("\n"), told);
        run.type("\r");
        strictEqual(await run.exit(), 2);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}

Deno.test(
  "double-clicked: it waits after a failed start and after a surprise",
  ON_POSIX,
  async () => {
    await using project = makeProject(1, ([port]) =>
      `[services.a]
command = ["false"]
port = ${port}
`);
    await using failed = doubleClick(project.root);
    await failed.waitFor(PROMPT);
    failed.type("\r");
    strictEqual(await failed.exit(), 1);

    await using surprised = doubleClick(project.root, { SURPRISE: "1" });
    await surprised.waitFor(PROMPT);
    match(
      surprised.screen().join("\n"),
      /Erreur inattendue : nobody thought of this/,
    );
    surprised.type("\r");
    strictEqual(await surprised.exit(), 1);
  },
);

Deno.test("double-clicked: Ctrl-C closes it", ON_POSIX, async () => {
  await using project = makeProject(1, plainServers);
  await using run = doubleClick(project.root);
  await run.waitFor(PROMPT);
  run.type("\x03");
  strictEqual(await run.exit(), 0);
});

Deno.test(
  "piped or with a command, even a window of its own is not held",
  ON_POSIX,
  async () => {
    await using project = makeProject(1, plainServers);
    const line = WORDS.map((word) => `'${word}'`).join(" ");
    const calls: readonly (readonly [string, number])[] = [
      [`${line} | cat`, 0],
      [`${line} </dev/null`, 0],
      [`${line} check`, 1],
    ];
    for (const [call, code] of calls) {
      await using run = openProgramRun(["sh", "-c", call], {
        cwd: project.root,
      });
      strictEqual(await run.exit(), code, call);
      strictEqual(run.output().includes(PROMPT), false, call);
      ok(run.output() !== "", call);
    }
  },
);

Deno.test("from a terminal it never waits", ON_POSIX, async () => {
  await using project = makeProject(1, plainServers);
  await using run = openTerminalRun([], { cwd: project.root });
  strictEqual(await run.exit(), 0, run.screen().join("\n"));
  match(run.screen().join("\n"), /✅ 1 service est prêt/);
  strictEqual(run.output().includes(PROMPT), false);
});
