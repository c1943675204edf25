/**
 * The console of Windows: a real one of Wine's, drawn on a terminal of Linux.
 * Accents are right in every code page, and what is piped is UTF-8 in each.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { openProgramRun, type TerminalRun } from "../kit/pty.ts";
import {
  devsvcWords,
  LANE,
  laneFolder,
  type LaneProject,
  makeLaneProject,
  ROOT,
  RUN,
  takeTurn,
  toWindows,
} from "./lane.ts";

const FRENCH = `language = "fr"
[services.api]
label = "Été à l'œuvre : 10 €"
command = "never run"
`;

/** A line of cmd in a console of its own. */
function inConsole(line: string, cwd: string): TerminalRun {
  return openProgramRun([RUN, "cmd.exe", "/d", "/c", line], { cwd });
}

/**
 * The words of `devsvc` in a line of cmd. They name the source by a link without
 * blanks: Wine escapes quotes in a way that cmd does not read.
 */
function devsvcLine({ root }: LaneProject, ...args: readonly string[]): string {
  const link = `${root.slice(0, root.lastIndexOf("/"))}/source`;
  Deno.symlinkSync(ROOT, link);
  const [, ...words] = devsvcWords(...args)
    .map((word) => word.replace(toWindows(ROOT), toWindows(`${link}/`)));
  return ["C:\\deno\\deno.exe", ...words].join(" ");
}

for (const codePage of [437, 850, 1252, 65001]) {
  Deno.test(
    `Windows: accents are right on a console in code page ${codePage}`,
    LANE,
    async () => {
      using _turn = await takeTurn();
      await using project = makeLaneProject(
        1,
        ([port]) => `${FRENCH}port = ${port}\n`,
      );
      const line = `chcp ${codePage} & ${devsvcLine(project, "check")}`;
      await using run = inConsole(line, project.root);
      strictEqual(await run.exit(), 0, run.output());
      const screen = run.screen().join("\n");
      match(screen, new RegExp(`code page: ${codePage}\\b`));
      ok(screen.includes("[i] Vérification des ports"), screen);
      ok(screen.includes("(Été à l'œuvre : 10 €) : DISPONIBLE"), screen);
      ok(!/\p{Extended_Pictographic}/u.test(screen), screen);
    },
  );
}

for (const codePage of [850, 1252]) {
  Deno.test(
    `Windows: what is piped in code page ${codePage} is UTF-8`,
    LANE,
    async () => {
      using _turn = await takeTurn();
      await using project = makeLaneProject(
        1,
        ([port]) => `${FRENCH}port = ${port}\n`,
      );
      const line = `chcp ${codePage} & ${
        devsvcLine(project, "check")
      } >out.txt`;
      await using run = inConsole(line, project.root);
      strictEqual(await run.exit(), 0, run.output());
      match(run.output(), new RegExp(`code page: ${codePage}\\b`));
      const bytes = await Deno.readFile(`${project.root}/out.txt`);
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      const lines = text.split("\n");
      strictEqual(lines[1], "[i] Vérification des ports");
      match(lines[4] ?? "", /\(Été à l'œuvre : 10 €\) : DISPONIBLE$/);
      ok(!text.includes("\r"), "lines end as everywhere");
    },
  );
}

const PROMPT = "Appuyez sur Entrée pour fermer";

/**
 * Starts devsvc as the desktop does: by a program that is called explorer.exe,
 * for Wine's own shows nothing without a screen.
 */
function fromDesktop(project: LaneProject): TerminalRun {
  const desktop = `${project.root}/explorer.exe`;
  // A copy: Wine would call a second name of one file by the first.
  Deno.copyFileSync(`${laneFolder()}/prefix/drive_c/deno/deno.exe`, desktop);
  const [, ...args] = devsvcWords();
  const script = `const { code } = await new Deno.Command(
    "C:\\\\deno\\\\deno.exe", { args: ${JSON.stringify(args)} },
  ).spawn().status;
  Deno.exit(code);`;
  Deno.writeTextFileSync(`${project.root}/desktop.ts`, script);
  const words = [toWindows(desktop), "run", "-A", "--no-config", "desktop.ts"];
  return openProgramRun([RUN, ...words], { cwd: project.root });
}

function oneServer(): LaneProject {
  return makeLaneProject(1, ([port = 0], server) =>
    `language = "fr"
[services.a]
command = ${server("--port", String(port))}
port = ${port}
`);
}

Deno.test(
  "Windows: started by the desktop it waits for Enter at the end",
  LANE,
  async () => {
    using _turn = await takeTurn();
    await using project = oneServer();
    await using run = fromDesktop(project);
    await run.waitFor(PROMPT);
    match(run.screen().join("\n"), /\[OK\] 1 service est prêt/);
    ok((await project.processes()).length > 0);
    ok(run.isOpen());
    run.type("\r");
    strictEqual(await run.exit(), 0);
  },
);

Deno.test(
  "Windows: started by the desktop it waits after an error",
  LANE,
  async () => {
    using _turn = await takeTurn();
    await using project = oneServer();
    const file = `${project.root}/services.toml`;
    const good = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, `${good}bogus = 1\n`);
    await using run = fromDesktop(project);
    try {
      await run.waitFor(PROMPT);
    } finally {
      // What is wrong would keep the test from stopping its project.
      await Deno.writeTextFile(file, good);
    }
    match(run.screen().join("\n"), /bogus/);
    run.type("\r");
    strictEqual(await run.exit(), 2);
  },
);

Deno.test(
  "Windows: started by the desktop it asks, and then waits",
  LANE,
  async () => {
    using _turn = await takeTurn();
    await using project = oneServer();
    strictEqual((await project.run(["start"])).code, 0);
    await using run = fromDesktop(project);
    await run.waitFor("Votre choix (1 ou 2) :");
    run.type("2\r");
    await run.waitFor(PROMPT);
    match(run.screen().join("\n"), /Annulé : rien n'a été changé/);
    ok((await project.processes()).length > 0);
    ok(run.isOpen(), "the Enter of the answer is not that of the end");
    run.type("\r");
    strictEqual(await run.exit(), 130);
  },
);

Deno.test(
  "Windows: called in a shell without a word it never waits",
  LANE,
  async () => {
    using _turn = await takeTurn();
    await using project = oneServer();
    await using run = inConsole(devsvcLine(project), project.root);
    strictEqual(await run.exit(), 0, run.output());
    match(run.screen().join("\n"), /\[OK\] 1 service est prêt/);
    deepStrictEqual(run.output().includes(PROMPT), false);
  },
);
