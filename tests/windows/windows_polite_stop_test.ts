/** A service is asked to stop by Ctrl-C, by real programs in real consoles. */

import {
  deepStrictEqual,
  doesNotMatch,
  match,
  notStrictEqual,
  ok,
  strictEqual,
} from "node:assert/strict";
import { existsSync } from "node:fs";
import { statusOf } from "../kit/report.ts";
import {
  devsvcWords,
  endInLane,
  LANE,
  laneProcesses,
  type LaneProject,
  makeLaneProject,
  spawnInLane,
  waitFor,
} from "./lane.ts";

/** Serves, and takes its time where it is asked to stop. */
const POLITE = `
Deno.addSignalListener("SIGINT", () => {
  console.log("got SIGINT");
  setTimeout(() => {
    console.log("bye");
    Deno.exit(0);
  }, Number(Deno.args[1]));
});
Deno.serve({ port: Number(Deno.args[0]), hostname: "127.0.0.1" },
  () => new Response("polite"));`;

function polite(
  { command, stop = "", leave = 200 }: {
    readonly command?: (words: string) => string;
    readonly stop?: string;
    readonly leave?: number;
  } = {},
): LaneProject {
  const project = makeLaneProject(1, ([port]) => {
    const words =
      `deno run -A --no-config --no-lock polite.ts ${port} ${leave}`;
    return `[services.a]
label = "Service A"
command = ${JSON.stringify(command ? command(words) : words.split(" "))}
port = ${port}
${stop}
restart = { when = "on-failure", delay = "100ms" }
`;
  });
  project.write("polite.ts", POLITE);
  return project;
}

/** A day of a project: it is started, and stopped when the test says so. */
interface Day extends AsyncDisposable {
  /** The main process, once it is ready. */
  started(): Promise<number>;
  /** Stops it, and returns what the stop has written. */
  stop(): Promise<string>;
}

/**
 * Starts and stops from one batch file. Wine hands a Ctrl-C for a whole console to
 * the process group of who presses it only, so all must descend from one program;
 * Windows has no such rule (GenerateConsoleCtrlEvent, group 0).
 */
function dayOf(project: LaneProject): Day {
  const call = (command: string) =>
    `"C:\\deno\\deno.exe" ${
      devsvcWords(command).slice(1).map((word) => `"${word}"`).join(" ")
    } >${command}.txt 2>&1`;
  project.write(
    "day.bat",
    [
      "@echo off",
      call("start"),
      "echo %errorlevel%>start.code",
      ":wait",
      "if not exist go ping -n 2 127.0.0.1 >nul & goto wait",
      call("stop"),
    ].join("\r\n"),
  );
  const run = spawnInLane(["cmd.exe", "/d", "/c", "day.bat"], {
    cwd: project.root,
  });
  return {
    started: async () => {
      await waitFor(() => existsSync(`${project.root}/start.code`));
      await waitFor(() => project.read("start.code").trim() !== "");
      strictEqual(
        project.read("start.code").trim(),
        "0",
        project.read("start.txt"),
      );
      return (await statusOf(project))[0]?.pid ?? 0;
    },
    stop: async () => {
      project.write("go", "");
      strictEqual((await run.ended()).code, 0);
      return project.read("stop.txt");
    },
    [Symbol.asyncDispose]: () => run[Symbol.asyncDispose](),
  };
}

const log = (project: LaneProject) =>
  project.read(".devsvc/logs/a.log").replaceAll("\r", "");

async function stopsPolitely(project: LaneProject, day: Day): Promise<void> {
  const said = await day.stop();
  doesNotMatch(said, /killing/);
  match(said, /1 service stopped, ports free/);
  match(log(project), /^got SIGINT\nbye$/m);
  strictEqual(log(project).split("got SIGINT").length, 2, "once");
  deepStrictEqual(await project.processes(), []);
}

for (
  const [name, command] of [
    ["an array", undefined],
    ["a string", (words: string) => `echo begun& ${words}`],
    ["a shell in a shell", (words: string) => `cmd /d /c "${words}"`],
  ] as const
) {
  Deno.test(
    `Windows: stop asks ${name} by Ctrl-C and waits for its end`,
    LANE,
    async () => {
      await using project = polite(command ? { command } : {});
      await using day = dayOf(project);
      await day.started();
      await stopsPolitely(project, day);
    },
  );
}

Deno.test(
  "Windows: what the supervisor started again hears Ctrl-C as well",
  LANE,
  async () => {
    await using project = polite();
    await using day = dayOf(project);
    const first = await day.started();
    await endInLane(first);
    await waitFor(async () => {
      const [now] = await statusOf(project);
      return now?.state === "running" && now.pid !== first;
    });
    notStrictEqual((await statusOf(project))[0]?.pid, first);
    await stopsPolitely(project, day);
  },
);

Deno.test(
  "Windows: a service that does not listen to Ctrl-C is killed after its timeout",
  LANE,
  async () => {
    await using project = polite({
      stop: 'stop = { timeout = "2s" }',
      leave: 600_000,
    });
    await using day = dayOf(project);
    await day.started();
    match(await day.stop(), /still there after 2\.0 s: killing/);
    match(log(project), /got SIGINT/);
    doesNotMatch(log(project), /bye/);
    deepStrictEqual(await project.processes(), []);
  },
);

Deno.test(
  "Windows: a process that lost its parents is found by the run, and stopped",
  LANE,
  async () => {
    // The shell that started it is gone: nothing but its environment leads to it.
    await using project = polite({
      command: (words) =>
        `cmd /d /c "start /b cmd /d /c ${words}" & ping -n 600 127.0.0.1`,
    });
    strictEqual((await project.run(["start"])).code, 0);
    const [server] = (await laneProcesses("polite.ts"))
      .filter(({ line }) => line.startsWith("deno run"));
    ok(server);
    await endInLane(server.ppid);
    const [seen] = await statusOf(project);
    ok(seen?.processes.some(({ pid }) => pid === server.pid));
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    deepStrictEqual(await project.processes(), []);
  },
);
