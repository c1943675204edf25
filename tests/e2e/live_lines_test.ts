/** The live lines at a terminal: drawn again while waiting, then gone. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { ON_POSIX } from "../kit/os_tags.ts";
import { until } from "../kit/test_process.ts";
import { makeProject, serverCommand } from "../kit/test_project.ts";
import { openTerminalRun } from "../kit/pty.ts";

/** Longer than the screen is wide: its live line must not wrap. */
const LONG = "Un nom qui n'en finit pas, ".repeat(4).trim();

/** Servers that listen once there is a file. */
const GATE = "gate";

function slowServers(ports: readonly number[]): string {
  return ports.map((port, index) =>
    `[services.s${index}]
label = "${index === 0 ? "Rapide" : LONG}"
command = ${serverCommand("--port", String(port), "--after", GATE)}
port = ${port}
`
  ).join("\n");
}

Deno.test(
  "a line a service is drawn again while it is waited for",
  ON_POSIX,
  async () => {
    await using project = makeProject(2, slowServers);
    await using run = openTerminalRun(["start"], { cwd: project.root });
    await until(() => run.output().split("\x1b[2A\x1b[0J").length > 6);
    // To the end of its last line: the screen may be seen while it is drawn.
    await run.waitFor(
      new RegExp(
        `⏳ Rapide  attend le port ${project.ports[0]}… +[1-9].* s\n⏳ .*…$`,
      ),
    );
    const live = run.screen().filter((line) => line !== "");
    strictEqual(live.length, 2, live.join("\n"));
    strictEqual(live[1]?.slice(0, 30), `⏳ ${LONG}`.slice(0, 30));

    await Deno.writeTextFile(`${project.root}/${GATE}`, "");
    strictEqual(await run.exit(), 0, run.screen().join("\n"));
    const screen = run.screen().join("\n");
    strictEqual(screen.includes("⏳"), false, screen);
    const lines = screen.split("\n").filter((line) => line !== "");
    match(screen, /✅ Rapide : prêt en .+ \(PID \d+\) {2}http:\/\/local/);
    deepStrictEqual(lines.slice(-2), [
      "✅ 2 services sont prêts",
      "Pour arrêter : devsvc stop",
    ]);
  },
);

Deno.test("without a terminal nothing is drawn again", async () => {
  await using project = makeProject(1, slowServers);
  await Deno.writeTextFile(`${project.root}/${GATE}`, "");
  const run = await project.run(["start"]);
  strictEqual(run.code, 0);
  // deno-lint-ignore no-control-regex
  strictEqual(/[\x1b\r]/.test(run.stdout), false);
  strictEqual(run.stderr, "");
});
