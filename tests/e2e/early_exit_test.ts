/** Services that do not get ready: told at once, with what they last said. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { instancesIn, processesIn } from "../kit/processes.ts";
import { makeProject, serverCommand } from "../kit/test_project.ts";
import { reportOf, statusOf } from "../kit/report.ts";

/** Much less than the time that a service may take here. */
const AT_ONCE = 60_000;

/** `a` fails, `b` waits for `a`, `c` for `b`, `d` for nobody. */
function aFails(ports: readonly number[]): string {
  const server = (name: string, port = 0, needs = "") =>
    `[services.${name}]
label = "Service ${name.toUpperCase()}"
command = ${
      serverCommand(
        ...["--port", String(port)],
        ...(name === "a" ? ["--fail", "3"] : []),
      )
    }
port = ${port}
depends_on = [${needs}]
ready = { timeout = "10m" }
`;
  return [
    server("a", ports[0]),
    server("b", ports[1], '"a"'),
    server("c", ports[2], '"b"'),
    server("d", ports[3]),
  ].join("\n");
}

Deno.test(
  "a service that dies is told at once: code, last 20 lines, who was not started",
  ON_LINUX,
  async () => {
    await using project = makeProject(4, aFails);
    const begun = performance.now();
    const run = await project.run(["start"]);
    ok(performance.now() - begun < AT_ONCE);
    strictEqual(run.code, 1);
    strictEqual(run.stderr, "");
    match(
      run.stdout,
      /❌ Service A: ended with exit code 3 before it was ready\n {3}last 20 lines of .*\/\.devsvc\/logs\/a\.log:\n {3}\| line 12 of 30\n/,
    );
    match(run.stdout, /\| line 30 of 30\n {3}\| fatal: no such database\n/);
    strictEqual(run.stdout.includes("line 11 of 30"), false);
    match(run.stdout, /Service B: not started, because a is not ready/);
    match(run.stdout, /Service C: not started, because b is not ready/);
    match(run.stdout, /✅ Service D: ready in /);
    match(
      run.stdout,
      /Not everything is ready: Service A, Service B, Service C\n/,
    );
    deepStrictEqual([...instancesIn(project.root).keys()], ["d"]);

    const json = await project.run(["start", "--json"]);
    strictEqual(json.code, 1);
    const { services } = reportOf(json);
    deepStrictEqual(services.map(({ failure }) => failure?.kind), [
      "exited",
      "dependency",
      "dependency",
      undefined,
    ]);
    strictEqual(services[0]?.failure?.code, 3);
  },
);

Deno.test("only what the failed run wrote is shown", ON_LINUX, async () => {
  await using project = makeProject(
    1,
    (ports) =>
      `[services.a]
command = ["sh", "-c", "echo run $(cat run); exit 4"]
port = ${ports[0]}
`,
  );
  for (const run of ["1", "2"]) {
    await Deno.writeTextFile(`${project.root}/run`, run);
    const { code, stdout } = await project.run(["start"]);
    strictEqual(code, 1);
    match(stdout, new RegExp(`last 1 line of .*\n {3}\\| run ${run}\n`));
  }
});

Deno.test(
  "a service that dies without a word says that",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, ([port]) =>
      `[services.a]
command = ["sh", "-c", "kill -9 $$"]
port = ${port}
`);
    const { code, stdout } = await project.run(["start"]);
    strictEqual(code, 1);
    match(
      stdout,
      /a: ended by SIGKILL before it was ready\n {3}it wrote nothing/,
    );
  },
);

Deno.test("what a dead wrapper leaves behind is swept", ON_LINUX, async () => {
  await using project = makeProject(
    1,
    (ports) =>
      `[services.a]
command = ["sh", "-c", "sleep 1000 & exit 5"]
port = ${ports[0]}
`,
  );
  const { code, stdout } = await project.run(["start"]);
  strictEqual(code, 1);
  match(stdout, /ended with exit code 5/);
  deepStrictEqual(processesIn(project.root), []);
});

Deno.test(
  "a service that is too slow: what it waited for, and it runs on",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, (ports) =>
      `[services.a]
command = ${serverCommand("--port", String(ports[0]), "--delay", "600000")}
port = ${ports[0]}
ready = { timeout = "500ms" }

[services.b]
command = ${serverCommand("--port", String(ports[1]))}
port = ${ports[1]}
depends_on = ["a"]
`);
    const run = await project.run(["start"]);
    strictEqual(run.code, 1);
    match(
      run.stdout,
      /a: not ready after 500 ms \(ready\.timeout\); it was left running/,
    );
    match(
      run.stdout,
      new RegExp(`\n +waiting for port ${project.ports[0]}…\n`),
    );
    match(run.stdout, /b: not started, because a is not ready/);
    const living = instancesIn(project.root);
    deepStrictEqual([...living.keys()], ["a"]);
    const [a] = await statusOf(project);
    deepStrictEqual([a?.state, a?.pid], ["unhealthy", living.get("a")?.[0]]);
  },
);

for (
  const [health, told] of [["500", "HTTP 500"], ["never", "no answer"]] as const
) {
  Deno.test(
    `a service that answers ${health} is not ready: ${told}`,
    ON_LINUX,
    async () => {
      await using project = makeProject(1, (ports) =>
        `[services.a]
command = ${serverCommand("--port", String(ports[0]), "--health", health)}
port = ${ports[0]}
ready = { http = "/health", timeout = "5s" }
`);
      const run = await project.run(["start"]);
      strictEqual(run.code, 1, run.stdout);
      match(
        run.stdout,
        /a: not ready after 5 s \(ready\.timeout\); it was left running/,
      );
      match(run.stdout, new RegExp(`waiting for GET /health: ${told}`));
      strictEqual(instancesIn(project.root).get("a")?.length, 1);
      strictEqual((await project.run(["status"])).code, 1);
    },
  );
}

Deno.test(
  "a port that another process took meanwhile does not count as ready",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, (ports) =>
      `[services.a]
command = ${serverCommand("--port", String(ports[0]), "--delay", "600000")}
port = ${ports[0]}
ready = { http = "/", timeout = "3s" }
`);
    const [port = 0] = project.ports;
    const child = project.spawn(["start"]);
    const output = child.output();
    await until(() => instancesIn(project.root).has("a"));
    // At once: another process may take longer than is waited for.
    using _other = Deno.listen({ hostname: "127.0.0.1", port });
    const { code, stdout } = await output;
    strictEqual(code, 1);
    match(
      new TextDecoder().decode(stdout),
      new RegExp(
        `port ${port} answers, but it belongs to deno \\(PID ${Deno.pid}\\)`,
      ),
    );
  },
);
