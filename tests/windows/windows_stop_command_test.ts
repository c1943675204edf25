/**
 * `stop.command` on Windows, where no program can be asked by a signal: a
 * string runs by cmd, an array as it is.
 */

import {
  deepStrictEqual,
  doesNotMatch,
  match,
  strictEqual,
} from "node:assert/strict";
import { statusOf } from "../kit/report.ts";
import { LANE, type LaneProject, makeLaneProject } from "./lane.ts";

/**
 * A server that ends when it finds the file `quit`; without a command of its
 * own it is asked by one that hangs.
 */
function asked(command?: string, timeout = "5m"): LaneProject {
  return makeLaneProject(1, ([port], server) =>
    `[services.a]
label = "Service A"
command = ${server("--port", String(port), "--quit", "quit")}
port = ${port}
env = { COLOR = "red" }
ready = { http = "/" }
stop = { command = ${command ?? server()}, timeout = "${timeout}" }
`);
}

async function start(project: LaneProject): Promise<number> {
  const run = await project.run(["start"]);
  strictEqual(run.code, 0, run.stdout + run.stderr);
  const [service] = await statusOf(project);
  return service?.pid ?? 0;
}

const COMMANDS: readonly (readonly [string, string])[] = [
  [
    "a string",
    `'echo asked %DEVSVC_SERVICE% %DEVSVC_PID% %COLOR% "a & b" & echo x> "quit"'`,
  ],
  [
    "an array",
    JSON.stringify([
      ...["deno", "eval", "--no-config", "--no-lock"],
      'const { DEVSVC_SERVICE: s, DEVSVC_PID: p, COLOR: c } = Deno.env.toObject(); console.log("asked", s, p, c, "\\"a & b\\""); Deno.writeTextFileSync("quit", "")',
    ]),
  ],
];

for (const [kind, command] of COMMANDS) {
  Deno.test(
    `Windows: a service is asked to stop by ${kind}, and is not killed`,
    LANE,
    async () => {
      await using project = asked(command);
      const pid = await start(project);
      const stop = await project.run(["stop"]);
      strictEqual(stop.code, 0, stop.stdout + stop.stderr);
      match(stop.stdout, /Service A: its stop command runs \(PID \d+\)/);
      doesNotMatch(stop.stdout, /killing|failed/);
      const log = project.read(".devsvc/logs/a.log").replaceAll("\r", "");
      match(log, new RegExp(`^asked a ${pid} red "a & b" *$`, "m"));
      match(log, /^bye$/m, "it ended by itself");
      deepStrictEqual(await project.processes(), []);
    },
  );
}

Deno.test(
  "Windows: a stop command that fails is told, and the service is ended",
  LANE,
  async () => {
    await using project = asked("'exit 3'");
    await start(project);
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    match(stop.stdout, /its stop command failed with exit code 3\r?\n/);
    doesNotMatch(project.read(".devsvc/logs/a.log"), /bye/);
    deepStrictEqual(await project.processes(), []);
  },
);

Deno.test(
  "Windows: a stop command that hangs is killed with what it started, then the service",
  LANE,
  async () => {
    await using project = asked(undefined, "3s");
    await start(project);
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    match(stop.stdout, /its stop command did not end within 3 s: killed/);
    match(stop.stdout, /still there after 3\.0 s: killing/);
    deepStrictEqual(await project.processes(), []);
  },
);
