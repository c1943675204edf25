/** `devsvc status --watch`: the table again and again, in place. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { plainServers, startProject } from "../kit/test_project.ts";
import { openTerminalRun } from "../kit/pty.ts";
import { ENGLISH } from "../kit/run_devsvc.ts";
import { pidsOf, type Report } from "../kit/report.ts";

const COLUMNS = 100;
const ROWS = 40;
const CTRL_C = "\x03";
const WATCHING = "Ctrl-C ends the view; the services go on";

/** The whole of a frame: the screen may be seen while it is drawn. */
const FRAME = /^SERVICE [^]*^Ctrl-C ends the view; the services go on$/m;

/** How often the table was drawn. */
function drawings(output: string): number {
  return output.split("SERVICE").length - 1;
}

Deno.test(
  "status --watch draws one table in place and shows a crash",
  ON_LINUX,
  async () => {
    await using project = await startProject(2, plainServers);
    const [pid = 0] = await pidsOf(project);
    await using run = openTerminalRun(["status", "--watch", "--lang=en"], {
      cwd: project.root,
      env: ENGLISH,
    });
    await run.waitFor(/^Service A +ready /m);
    await until(() => drawings(run.output()) >= 3);
    await run.waitFor(FRAME);
    const table = run.screen().filter((line) => line !== "");
    deepStrictEqual(
      table.map((line) => /^(SERVICE|Service .|Ctrl-C)/.exec(line)?.[0]),
      ["SERVICE", "Service A", "Service B", "Ctrl-C"],
      table.join("\n"),
    );

    if (pid) Deno.kill(pid, "SIGKILL");
    await run.waitFor(/^Service A +crashed /m);
    await run.waitFor(/^Service A: ended by itself at .*, signal SIGKILL$/m);
    await run.waitFor(FRAME);
    const screen = run.screen().join("\n");
    strictEqual(screen.split("SERVICE").length, 2, screen);
    match(screen, /^Service B +ready /m);

    run.type(CTRL_C);
    strictEqual(await run.exit(), 1, "the code of what was shown last");
    const last = run.screen().join("\n");
    strictEqual(last.split("SERVICE").length, 2, last);
  },
);

Deno.test("Ctrl-C ends it with 0 where all is ready", ON_LINUX, async () => {
  await using project = await startProject(1, plainServers);
  await using run = openTerminalRun(["status", "--watch", "--lang=en"], {
    cwd: project.root,
    env: ENGLISH,
  });
  await run.waitFor(WATCHING);
  run.type(CTRL_C);
  strictEqual(await run.exit(), 0);
  ok((await pidsOf(project))[0], "the services go on");
});

Deno.test(
  "it is cut to the width and the height of the screen",
  ON_LINUX,
  async () => {
    const long = "A name without end, ".repeat(6).trim();
    const many = (ports: readonly number[]) =>
      plainServers(ports).replace("Service A", long) +
      Array.from(
        { length: ROWS },
        (_, index) => `[services.more${index}]\ncommand = "sleep 1000"\n`,
      ).join("");
    await using project = await startProject(1, plainServers);
    project.write(many(project.ports));
    await using run = openTerminalRun(["status", "--watch", "--lang=en"], {
      cwd: project.root,
      env: ENGLISH,
    });
    await until(() => drawings(run.output()) >= 3);
    // The head, the long name, and as many more as there is room for.
    await run.waitFor(new RegExp(`^more${ROWS - 4} `, "m"));
    const screen = run.screen();
    const shown = screen.filter((line) => line !== "");
    ok(shown.length < ROWS, `${shown.length} lines`);
    strictEqual(drawings(screen.join("\n")), 1, screen.join("\n"));
    for (const line of shown) ok(line.length < COLUMNS, line);
    match(shown[1] ?? "", /^A name without end.*…$/);
    run.type(CTRL_C);
    strictEqual(await run.exit(), 1);
  },
);

Deno.test(
  "without a terminal it is written again; with --json a document each",
  ON_LINUX,
  async () => {
    await using project = await startProject(1, plainServers);
    const watch = async (
      isEnough: (text: string) => boolean,
      json: boolean,
    ) => {
      const child = project.spawn([
        "status",
        "--watch",
        ...json ? ["--json"] : [],
      ]);
      const errors = new Response(child.stderr).text();
      let shown = "";
      const reading = child.stdout.pipeThrough(new TextDecoderStream())
        .pipeTo(new WritableStream({ write: (text) => void (shown += text) }));
      await until(() => isEnough(shown));
      child.kill("SIGTERM");
      strictEqual((await child.status).code, 0);
      await reading;
      strictEqual(await errors, "");
      return shown;
    };
    const plain = await watch((text) => drawings(text) >= 2, false);
    // deno-lint-ignore no-control-regex
    strictEqual(/[\x1b\r]/.test(plain), false);
    strictEqual(plain.includes(WATCHING), false);

    const json = await watch((text) => documentsIn(text).length >= 2, true);
    for (const { version, exitCode, services } of documentsIn(json)) {
      deepStrictEqual(
        [version, exitCode, services.map(({ state }) => state)],
        [1, 0, ["running"]],
      );
    }
  },
);

/** The whole documents that a text has. */
function documentsIn(text: string): readonly Report[] {
  return text.slice(0, text.lastIndexOf("\n") + 1).split(/\n(?=\{)/)
    .filter((document) => document !== "")
    .flatMap((document) => {
      try {
        return [JSON.parse(document)];
      } catch {
        // The last one may be only half there.
        return [];
      }
    });
}

Deno.test("a reader that left ends it", ON_LINUX, async () => {
  await using project = await startProject(1, plainServers);
  const child = project.spawn(["status", "--watch", "--json"]);
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  strictEqual((await child.status).code, 0);
  strictEqual(await errors, "");
});
