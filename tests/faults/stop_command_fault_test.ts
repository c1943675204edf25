/** Services that are asked to stop by a command, which may fail, too. */

import {
  deepStrictEqual,
  doesNotMatch,
  match,
  ok,
  strictEqual,
} from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { isAlive, processesIn } from "../kit/processes.ts";
import { startProject, type TestProject } from "../kit/test_project.ts";
import { statusOf } from "../kit/report.ts";

/** It ends when it finds a file, and tells of signals. */
const OBEDIENT = "trap 'echo got TERM; exit 0' TERM; echo up; " +
  "while [ ! -e quit ]; do sleep 0.02; done; rm quit; echo bye";

/** It ends when it finds a file, and by nothing else that can be ignored. */
const DEAF = OBEDIENT.replace("'echo got TERM; exit 0' TERM", "'' TERM INT");

interface Setting {
  /** What the service runs. */
  readonly service?: string;
  readonly timeout?: string;
  /** More lines of services.toml. */
  readonly more?: string;
}

function asked(
  command: string | readonly string[],
  { service = DEAF, timeout = "60s", more = "" }: Setting = {},
): Promise<TestProject> {
  return startProject(0, () =>
    `[services.a]
label = "Service A"
command = ${JSON.stringify(["sh", "-c", service])}
ready = { log = "^up$" }
stop = { command = ${JSON.stringify(command)}, timeout = "${timeout}" }
${more}
`, async ({ root }) => {
    await Deno.mkdir(`${root}/app`);
    await Deno.writeTextFile(`${root}/secret.env`, "TOKEN=s3cret\n");
  });
}

function linesOf(project: TestProject, event: string): readonly string[] {
  return project.read(".devsvc/devsvc.log").split("\n")
    .filter((line) => line.split(" ")[1] === event);
}

Deno.test(
  "a service that knows no signal is stopped by its command, and nothing is forced",
  ON_LINUX,
  async () => {
    await using project = await asked("touch quit");
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    match(
      stop.stdout,
      /Service A: stopping sh \(PID \d+\).*\n.*Service A: its stop command runs \(PID \d+\)\n.*Service A: stopped in /,
    );
    match(project.read(".devsvc/logs/a.log"), /^bye$/m);
    strictEqual(linesOf(project, "stop-command").length, 1);
    deepStrictEqual(linesOf(project, "escalating"), []);
    deepStrictEqual(processesIn(project.root), []);
  },
);

Deno.test(
  "a stop command has the folder, the environment and the main process of the service; it writes to the log",
  ON_LINUX,
  async () => {
    await using project = await asked(
      [
        "sh",
        "-c",
        'echo "asked $DEVSVC_SERVICE $DEVSVC_PID $DEVSVC_RUN $COLOR $TOKEN $PWD" >&2; touch quit',
      ],
      {
        more: 'cwd = "app"\nenv = { COLOR = "red" }\nenv_file = "secret.env"',
      },
    );
    const record = JSON.parse(project.read(".devsvc/runs/a.json"));
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    const log = project.read(".devsvc/logs/a.log").split("\n");
    deepStrictEqual(log.filter((line) => line.startsWith("asked")), [
      `asked a ${record.main} ${record.run} red s3cret ${project.root}/app`,
    ]);
    ok(!(stop.stdout + project.read(".devsvc/devsvc.log")).includes("s3cret"));
  },
);

const FAILING: readonly (readonly [string | readonly string[], RegExp])[] = [
  ["exit 3", /its stop command failed with exit code 3\n/],
  ["kill -9 $$", /its stop command was ended by SIGKILL\n/],
  [["devsvc-no-such-program"], /its stop command failed with exit code 127\n/],
];

for (const [command, told] of FAILING) {
  Deno.test(
    `a stop command that fails is told, and the signal is sent: ${command}`,
    ON_LINUX,
    async () => {
      await using project = await asked(command, { service: OBEDIENT });
      const stop = await project.run(["stop"]);
      strictEqual(stop.code, 0, stop.stdout + stop.stderr);
      match(stop.stdout, told);
      doesNotMatch(stop.stdout, /killing/);
      match(project.read(".devsvc/logs/a.log"), /^got TERM$/m);
      match(
        linesOf(project, "stop-command-failed")[0] ?? "",
        /a reason=exited /,
      );
    },
  );
}

Deno.test(
  "a stop command that hangs is killed with its group when the time is up, then the service",
  ON_LINUX,
  async () => {
    await using project = await asked("sleep 1000 & sleep 1000; wait", {
      timeout: "700ms",
    });
    const begun = performance.now();
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    ok(performance.now() - begun < 120_000, "it was not waited for");
    match(
      stop.stdout,
      /Service A: its stop command did not end within 700 ms: killed\n(?:.*\n)*.*still there after 700 ms: killing .*sh \(PID \d+\)/,
    );
    match(
      linesOf(project, "stop-command-failed")[0] ?? "",
      /a reason=timeout /,
    );
    deepStrictEqual(processesIn(project.root), []);
  },
);

Deno.test(
  "a service that does not heed its stop command is ended by force, and named",
  ON_LINUX,
  async () => {
    await using project = await asked("true", { timeout: "500ms" });
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    match(stop.stdout, /still there after 500 ms: killing .*sh \(PID \d+\)/);
    deepStrictEqual(processesIn(project.root), []);
  },
);

for (
  const [where, prefix] of [
    ["in its group", ""],
    ["in a session of its own", "setsid "],
  ] as const
) {
  Deno.test(
    `what a stop command leaves behind ${where} ends with the service`,
    ON_LINUX,
    async () => {
      await using project = await asked(
        `${prefix}sleep 1000 & echo left $!; touch quit`,
        { timeout: "3s" },
      );
      const stop = await project.run(["stop"]);
      strictEqual(stop.code, 0, stop.stdout + stop.stderr);
      const log = project.read(".devsvc/logs/a.log");
      match(log, /^bye$/m, "the service itself ended by itself");
      match(
        stop.stdout,
        /still there after 3\.0 s: killing sleep \(PID \d+\)\n/,
      );
      deepStrictEqual(processesIn(project.root), []);
    },
  );
}

Deno.test(
  "Ctrl-C ends the stop command at once and leaves the service",
  ON_LINUX,
  async () => {
    await using project = await asked(
      "[ -e again ] && touch quit && exit; echo asking $$; exec sleep 1000",
      { timeout: "60s" },
    );
    const child = project.spawn(["stop"]);
    const output = child.output();
    const asker = await until(() => {
      const log = project.read(".devsvc/logs/a.log");
      return Number(/^asking (\d+)$/m.exec(log)?.[1]) || undefined;
    });
    child.kill("SIGINT");
    const { code, stdout } = await output;
    strictEqual(code, 130);
    match(
      new TextDecoder().decode(stdout),
      /Service A: interrupted while stopping/,
    );
    await until(() => !isAlive(asker));
    strictEqual((await statusOf(project))[0]?.state, "running");
    await Deno.writeTextFile(`${project.root}/again`, "");
  },
);

Deno.test("restart asks by the stop command, too", ON_LINUX, async () => {
  await using project = await asked("touch quit");
  const restart = await project.run(["restart"]);
  strictEqual(restart.code, 0, restart.stdout + restart.stderr);
  match(restart.stdout, /its stop command runs/);
  match(project.read(".devsvc/logs/a.log"), /^up\nbye\nup$/m);
});
