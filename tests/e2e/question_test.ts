/** The question at a terminal, as the guide asks it. */

import {
  deepStrictEqual,
  match,
  notStrictEqual,
  ok,
  strictEqual,
} from "node:assert/strict";
import { ON_LINUX, ON_POSIX } from "../kit/os_tags.ts";
import { answers } from "../kit/processes.ts";
import {
  makeProject,
  serverCommand,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import {
  openProgramRun,
  openTerminalRun,
  type TerminalRun,
} from "../kit/pty.ts";
import { devsvcCommand } from "../kit/run_devsvc.ts";
import { pidsOf, statusOf } from "../kit/report.ts";
import { startServer } from "../kit/test_server.ts";

const LABELS = ["FastAPI", "Django", "React (Vite)"];

function theStack(ports: readonly number[]): string {
  return ports.map((port, index) =>
    `[services.s${index}]
label = "${LABELS[index]}"
command = ${serverCommand("--port", String(port))}
port = ${port}
ready = { http = "/" }
`
  ).join("\n");
}

function atTerminal(project: TestProject, ...args: string[]): TerminalRun {
  return openTerminalRun(args, { cwd: project.root });
}

function startedStack(count: number): Promise<TestProject> {
  return startProject(count, theStack);
}

Deno.test(
  "a second start asks as the guide does, and 2 cancels",
  ON_POSIX,
  async () => {
    await using project = await startedStack(3);
    const before = await pidsOf(project);
    await using run = atTerminal(project, "start");
    await run.waitFor("Votre choix (1 ou 2) :");

    const rule = "=".repeat(60);
    const shortRule = "=".repeat(51);
    // Whose the ports are stands below each; the guide has no such line.
    const shown = run.screen()
      .filter((line) => !/^ {3}PID \d|depuis \d\d:\d\d/.test(line)).join("\n");
    const guide = [
      rule,
      "🔍 Vérification des ports",
      rule,
      "",
      ...project.ports.map((port, index) =>
        `❌ Port ${port} (${LABELS[index]}) : UTILISÉ`
      ),
      "",
      rule,
      "⚠️  ATTENTION : Des services semblent déjà en cours d'exécution",
      rule,
      "",
      shortRule,
      "",
      "  ⚠️  ATTENTION : Des services semblent déjà actifs",
      "",
      "  Que souhaitez-vous faire ?",
      "  1. Arrêter les services existants et redémarrer",
      "  2. Annuler (laisser les services actuels)",
      "",
      shortRule,
    ].join("\n");
    strictEqual(shown.slice(0, guide.length), guide);
    for (const pid of before) ok(run.output().includes(`PID ${pid}`));
    match(run.output(), /démarré par devsvc · depuis \d\d:\d\d · répond bien/);

    run.type("2\r");
    strictEqual(await run.exit(), 130);
    const end = run.screen().join("\n");
    match(end, /Annulé : rien n'a été changé\./);
    match(end, /Toujours en marche : FastAPI, Django, React \(Vite\)\./);
    deepStrictEqual(await pidsOf(project), before);
  },
);

Deno.test("1 stops and restarts", ON_POSIX, async () => {
  await using project = await startedStack(2);
  const before = await pidsOf(project);
  await using run = atTerminal(project, "start");
  await run.waitFor("Votre choix (1 ou 2) :");
  run.type("1\r");
  strictEqual(await run.exit(), 0, run.screen().join("\n"));
  match(run.screen().join("\n"), /✅ 2 services sont prêts/);
  const after = await pidsOf(project);
  after.forEach((pid, index) => {
    ok(pid);
    notStrictEqual(pid, before[index]);
  });
});

Deno.test(
  "another answer is refused with a hint and asked again",
  ON_POSIX,
  async () => {
    await using project = await startedStack(1);
    const before = await pidsOf(project);
    await using run = atTerminal(project, "start");
    await run.waitFor("Votre choix (1 ou 2) :");
    run.type("9\r");
    await run.waitFor("Tapez 1 ou 2");
    run.type("\x7f\r");
    await run.waitFor("Tapez 1 ou 2");
    run.type("2\r");
    strictEqual(await run.exit(), 130);
    deepStrictEqual(await pidsOf(project), before);
  },
);

for (const [name, key] of [["Ctrl-C", "\x03"], ["Ctrl-D", "\x04"]] as const) {
  Deno.test(`${name} at the question cancels`, ON_POSIX, async () => {
    await using project = await startedStack(1);
    const before = await pidsOf(project);
    await using run = atTerminal(project, "start");
    await run.waitFor("Votre choix (1 ou 2) :");
    run.type(key);
    strictEqual(await run.exit(), 130);
    match(run.screen().join("\n"), /Annulé : rien n'a été changé\./);
    deepStrictEqual(await pidsOf(project), before);
    const output = run.output();
    const isCursorBack =
      output.lastIndexOf("\x1b[?25h") > output.lastIndexOf("\x1b[?25l");
    ok(isCursorBack, "the cursor is shown again");
  });
}

Deno.test("3 keeps what is healthy and starts the rest", ON_POSIX, async () => {
  await using project = await startedStack(2);
  const [kept] = await pidsOf(project);
  strictEqual((await project.run(["stop", "s1"])).code, 0);
  await using run = atTerminal(project, "start");
  await run.waitFor("Votre choix (1, 2 ou 3) :");
  await run.waitFor("3. Garder ce qui répond bien, démarrer le reste");
  run.type("3\r");
  strictEqual(await run.exit(), 0, run.screen().join("\n"));
  const services = await statusOf(project);
  deepStrictEqual(services.map(({ state }) => state), ["running", "running"]);
  strictEqual(services[0]?.pid, kept);
});

Deno.test(
  "an answer does not count for what changed meanwhile",
  ON_POSIX,
  async () => {
    await using project = await startedStack(1);
    const [first] = await pidsOf(project);
    await using run = atTerminal(project, "start");
    await run.waitFor("Votre choix (1 ou 2) :");
    await run.waitFor(`PID ${first} `);

    // Nobody has to wait for an answer: the lock is free.
    const other = await project.run(["restart"]);
    strictEqual(other.code, 0);
    strictEqual(other.stderr, "");
    const [second] = await pidsOf(project);

    run.type("1\r");
    await run.waitFor(`PID ${second} `);
    run.type("2\r");
    strictEqual(await run.exit(), 130);
    deepStrictEqual(await pidsOf(project), [second]);
  },
);

Deno.test("nothing is asked where no port is held", ON_POSIX, async () => {
  await using project = makeProject(2, theStack);
  await using run = atTerminal(project, "start");
  strictEqual(await run.exit(), 0);
  strictEqual(run.output().includes("Que souhaitez-vous faire"), false);
  match(run.screen().join("\n"), /✅ 2 services sont prêts/);
});

for (const flag of ["--force", "--on-conflict=restart"]) {
  Deno.test(`start ${flag} restarts without a question`, ON_POSIX, async () => {
    await using project = await startedStack(1);
    const [before] = await pidsOf(project);
    await using run = atTerminal(project, "start", flag);
    strictEqual(await run.exit(), 0);
    strictEqual(run.output().includes("Que souhaitez-vous faire"), false);
    const [after] = await pidsOf(project);
    notStrictEqual(after, before);
  });
}

Deno.test(
  "stop asks about a foreign holder: 2 leaves it, 1 stops it",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, theStack);
    const [port = 0] = project.ports;
    await using otherServer = await startServer(port);

    await using no = atTerminal(project, "stop");
    await no.waitFor("Votre choix (1 ou 2) :");
    await no.waitFor("1. Les arrêter quand même");
    await no.waitFor(`PID ${otherServer.pid} `);
    await no.waitFor("étranger au projet · dans /");
    no.type("2\r");
    strictEqual(await no.exit(), 130);
    ok(otherServer.isAlive());

    await using yes = atTerminal(project, "stop");
    await yes.waitFor("Votre choix (1 ou 2) :");
    yes.type("1\r");
    strictEqual(await yes.exit(), 0, yes.screen().join("\n"));
    ok(!otherServer.isAlive());
    ok(!await answers(port));
  },
);

for (const signal of ["SIGTERM", "SIGHUP"] as const) {
  Deno.test(
    `${signal} at the question ends devsvc, and nothing is stopped`,
    ON_POSIX,
    async () => {
      await using project = await startedStack(1);
      const before = await pidsOf(project);
      await using run = atTerminal(project, "start");
      await run.waitFor("Votre choix (1 ou 2) :");
      Deno.kill(run.pid, signal);
      strictEqual(await run.exit(), 130);
      deepStrictEqual(await pidsOf(project), before);
    },
  );
}

Deno.test(
  "the question is drawn whole at a terminal that has no size",
  ON_LINUX,
  async () => {
    await using project = await startedStack(1);
    const sizeless = ["/bin/sh", "-c", 'stty cols 0 rows 0; exec "$@"', "sh"];
    await using run = openProgramRun(
      [...sizeless, ...devsvcCommand(), "start"],
      { cwd: project.root },
    );
    await run.waitFor("Votre choix (1 ou 2) :");
    run.type("2\r");
    strictEqual(await run.exit(), 130);
  },
);
