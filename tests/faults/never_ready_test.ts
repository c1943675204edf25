/**
 * A service that does not get ready, in every way there is: who waited for it
 * is named and not started, and what it sends with its checks stays secret.
 */

import {
  deepStrictEqual,
  doesNotMatch,
  match,
  ok,
  strictEqual,
} from "node:assert/strict";
import { cheapServer, cheapWebServer, IDLE } from "../kit/cheap.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, instancesIn } from "../kit/processes.ts";
import {
  makeProject,
  serverCommand,
  type TestProject,
} from "../kit/test_project.ts";
import { reportOf, statusOf } from "../kit/report.ts";

/** A way not to get ready. */
interface Way {
  readonly title: string;
  /** The lines of `a`, given its port. */
  readonly lines: (port: number) => string;
  /** What is told of `a`. */
  readonly told: RegExp;
  readonly kind: "exited" | "timeout" | "spawn";
  /** Whether `a` runs on. */
  readonly lives: boolean;
}

function server(port: number, ...args: readonly string[]): string {
  return serverCommand("--port", String(port), ...args);
}

function shell(script: string): string {
  return JSON.stringify(["sh", "-c", script]);
}

const WAYS: readonly Way[] = [
  {
    title: "fails at once",
    lines: (port) => `command = ${shell("exit 3")}\nport = ${port}`,
    told: /ended with exit code 3 before it was ready/,
    kind: "exited",
    lives: false,
  },
  {
    title: "fails later, while it is waited for",
    lines: (port) =>
      `command = ${shell("sleep 0.6; echo no database; exit 4")}\n` +
      `port = ${port}`,
    told:
      /ended with exit code 4 before it was ready\n.*\n {3}\| no database\n/,
    kind: "exited",
    lives: false,
  },
  {
    title: "ends as if all was well",
    lines: (port) => `command = ${shell("sleep 0.3")}\nport = ${port}`,
    told: /ended with exit code 0 before it was ready/,
    kind: "exited",
    lives: false,
  },
  {
    title: "is killed while it is waited for",
    lines: (port) =>
      `command = ${shell("sleep 0.3; kill -SEGV $$")}\nport = ${port}`,
    told: /ended by SIGSEGV before it was ready/,
    kind: "exited",
    lives: false,
  },
  {
    title: "is a program that is not there",
    lines: (port) => `command = ["devsvc-no-such-program"]\nport = ${port}`,
    told: /ended with exit code 127 before it was ready/,
    kind: "exited",
    lives: false,
  },
  {
    title: "never listens",
    lines: (port) =>
      `command = ${shell("exec sleep 1000")}\nport = ${port}\n` +
      'ready.timeout = "1500ms"',
    told:
      /not ready after 1500 ms \(ready\.timeout\); it was left running\n +waiting for port \d+…/,
    kind: "timeout",
    lives: true,
  },
  {
    title: "listens and never says its line",
    lines: (port) =>
      `command = ${cheapServer(port)}\nport = ${port}\n` +
      'ready = { log = "^never$", tcp = true, timeout = "3s" }',
    told: /waiting for log line \/\^never\$\/: not seen yet/,
    kind: "timeout",
    lives: true,
  },
  {
    title: "listens and does not pass its command",
    lines: (port) =>
      `command = ${cheapServer(port)}\nport = ${port}\n` +
      'ready = { command = "exit 7", timeout = "3s" }',
    told: /waiting for ready command: exit code 7/,
    kind: "timeout",
    lives: true,
  },
  {
    title: "answers with another status than the one that is wanted",
    lines: (port) =>
      `command = ${cheapWebServer(port, 200)}\nport = ${port}\n` +
      'ready = { http = { path = "/", status = [204, 401] }, timeout = "3s" }',
    told: /waiting for GET \/ \(204, 401\): HTTP 200/,
    kind: "timeout",
    lives: true,
  },
];

/** `b` waits for `a`, `c` for `b` and `d`; `d` for nobody. */
function withDependents({ lines }: Way) {
  return ([a = 0, b = 0, c = 0, d = 0]: readonly number[]) =>
    `[services.a]
label = "Service A"
${lines(a)}

[services.b]
label = "Service B"
command = ${server(b)}
port = ${b}
depends_on = ["a"]

[services.c]
label = "Service C"
command = ${server(c)}
port = ${c}
depends_on = ["b", "d"]

[services.d]
label = "Service D"
command = ${server(d)}
port = ${d}
`;
}

async function equalOnlyReady(
  project: TestProject,
  lives: boolean,
): Promise<void> {
  const living = lives ? ["a", "d"] : ["d"];
  deepStrictEqual([...instancesIn(project.root).keys()].toSorted(), living);
  const [, b = 0, c = 0, d = 0] = project.ports;
  deepStrictEqual(
    [await answers(b), await answers(c), await answers(d)],
    [false, false, true],
  );
}

for (const way of WAYS) {
  Deno.test(
    `a dependency that ${way.title}: who was not started because of it`,
    ON_LINUX,
    async () => {
      await using project = makeProject(4, withDependents(way));
      const run = await project.run(["start"]);
      strictEqual(run.code, 1, run.stdout + run.stderr);
      match(run.stdout, way.told);
      doesNotMatch(run.stdout, /Service [ABC]: ready/);
      match(run.stdout, /Service B: not started, because a is not ready\n/);
      match(run.stdout, /Service C: not started, because b is not ready\n/);
      match(run.stdout, /Service D: ready in /);
      match(
        run.stdout,
        /Not everything is ready: Service A, Service B, Service C\n/,
      );
      await equalOnlyReady(project, way.lives);

      strictEqual((await project.run(["stop"])).code, 0);
      const json = reportOf(await project.run(["start", "--json"]));
      deepStrictEqual(
        json.services.map(({ failure }) => [failure?.kind, failure?.names]),
        [
          [way.kind, undefined],
          ["dependency", ["a"]],
          ["dependency", ["b"]],
          [undefined, undefined],
        ],
      );
      await equalOnlyReady(project, way.lives);
    },
  );
}

/** It answers 200 to whoever shows the token, else 401; and tells the Host. */
const GUARDED =
  `Deno.serve({ port: Number(Deno.args[0]), hostname: Deno.args[1] },
  ({ headers }) => {
    const isKnown = headers.get("authorization") === "Bearer s3cret-token";
    console.log("Host " + headers.get("host"));
    return new Response(null, { status: isKnown ? 204 : 401 });
  });`;

function guarded(host: string) {
  return ([port]: readonly number[]) => {
    const program = [Deno.execPath(), "eval", "--no-config", "--no-lock"];
    const command = [...program, GUARDED, String(port), host];
    return checked(JSON.stringify(command), port, "s3cret-token", "60s");
  };
}

function checked(
  command: string,
  port: number | undefined,
  token: string,
  timeout: string,
): string {
  return `[services.a]
command = ${command}
port = ${port}
[services.a.ready]
timeout = "${timeout}"
http.path = "/private"
http.status = [204]
http.headers = { Authorization = "Bearer ${token}", Host = "shop.test" }
`;
}

for (const host of ["127.0.0.1", "::1"]) {
  Deno.test(
    `the headers of a check let it in, on ${host}`,
    ON_LINUX,
    async () => {
      await using project = makeProject(1, guarded(host));
      const run = await project.run(["start"]);
      strictEqual(run.code, 0, run.stdout + run.stderr);
      match(project.read(".devsvc/logs/a.log"), /^Host shop\.test$/m);
      strictEqual((await statusOf(project))[0]?.health, "healthy");
    },
  );
}

Deno.test(
  "the headers of a check that fails are in no output and in no file",
  ON_LINUX,
  async () => {
    await using project = makeProject(
      1,
      ([port = 0]) =>
        checked(cheapWebServer(port, 401), port, "wr0ng-token", "3s"),
    );
    const start = await project.run(["start", "--json"]);
    strictEqual(start.code, 1);
    const [service] = reportOf(start).services;
    deepStrictEqual(service?.failure?.pending, {
      kind: "check",
      check: { kind: "http", path: "/private", status: [204] },
      detail: "HTTP 401",
    });
    const runs = [start];
    for (
      const words of [["status"], ["check"], ["status", "--json"], ["start"]]
    ) {
      runs.push(await project.run(words));
    }
    await project.run(["stop"]);
    runs.push(await project.run(["start"]));
    const shown = runs.map(({ stdout, stderr }) => stdout + stderr).join("\n");
    match(shown, /GET \/private \(204\): HTTP 401/);
    const files = [".devsvc/devsvc.log", ".devsvc/runs/a.json"]
      .map((file) => project.read(file)).join("\n");
    ok(!`${shown}\n${files}`.includes("wr0ng"), shown);
  },
);

Deno.test(
  "a service that has not opened its port: check says free, start blames no port",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, ([port]) =>
      `[services.a]
command = ${IDLE}
port = ${port}
ready = { timeout = "200ms" }
`);
    strictEqual((await project.run(["start"])).code, 1);
    const check = await project.run(["check"]);
    match(check.stdout, /: FREE/);
    doesNotMatch(check.stdout, /IN USE/);
    const start = await project.run(["start"]);
    strictEqual(start.code, 3);
    doesNotMatch(start.stdout, /a port is held/);
  },
);
