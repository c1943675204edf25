/** `devsvc why`: the reasons, as the OS shows them. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { ON_LINUX, ON_POSIX } from "../kit/os_tags.ts";
import {
  makeProject,
  plainServers,
  serverCommand,
  startProject,
} from "../kit/test_project.ts";
import { pidsOf } from "../kit/report.ts";
import { startServer } from "../kit/test_server.ts";

Deno.test("why says what proves that a service is up", ON_POSIX, async () => {
  await using project = await startProject(1, plainServers);
  const [pid] = await pidsOf(project);
  const { code, stdout, stderr } = await project.run(["why", "a"]);
  strictEqual(code, 0);
  strictEqual(stderr, "");
  match(stdout, /^✅ Service A \(\d+\): ready\n/);
  match(stdout, /devsvc started it at \d\d:\d\d, it was proven ready .* later/);
  match(
    stdout,
    new RegExp(`PID ${pid} · .* · started by devsvc · .* · healthy\n.*← `),
  );
  match(stdout, new RegExp(`Its processes:\n +sh .*\n +\\S+ \\(${pid}\\)\n`));
});

Deno.test(
  "why shows the last words of a service that crashed",
  ON_LINUX,
  async () => {
    await using project = await startProject(0, () =>
      `[services.a]
label = "Short-lived"
command = '''
for i in $(seq 22); do printf '\\033[31mline %s\\033[0m\\n' $i; done
echo up; read -r _ < go; exit 3'''
ready = { log = "up" }
`, async ({ root }) => {
      await new Deno.Command("mkfifo", { args: [`${root}/go`] }).output();
    });
    const [pid] = await pidsOf(project);
    await Deno.writeTextFile(`${project.root}/go`, "now\n");
    const told = await until(async () => {
      const run = await project.run(["why", "a"]);
      return run.stdout.includes("crashed") ? run : undefined;
    });
    strictEqual(told.code, 0);
    match(
      told.stdout,
      /^❌ Short-lived: crashed\n {3}It ended, and devsvc did/,
    );
    ok(told.stdout.includes(`PID ${pid} is gone`), told.stdout);
    const lines = told.stdout.match(/^ {3}\| .*$/gm);
    deepStrictEqual(
      lines,
      Array.from({ length: 19 }, (_, index) => `   | line ${index + 4}`)
        .concat("   | up"),
    );
    match(told.stdout, /→ devsvc start a starts it\n$/);
  },
);

Deno.test("why names the check that fails, and how", async () => {
  await using project = await startProject(
    1,
    ([port = 0]) =>
      `[services.a]
command = ${serverCommand("--port", String(port), "--health", "sick")}
port = ${port}
ready = { http = "/" }
`,
    ({ root }) => Deno.writeTextFile(`${root}/sick`, "0"),
  );
  const [pid] = await pidsOf(project);
  await Deno.writeTextFile(`${project.root}/sick`, String(pid));
  const { stdout } = await project.run(["why", "a"]);
  match(stdout, /^❌ a \(\d+\): unhealthy\n/);
  match(stdout, / · not healthy\n/);
  match(
    stdout,
    /\n {3}GET \/ fails: HTTP 500\n {3}last \d+ lines? of .*a\.log:/,
  );
  const json = await project.run(["why", "a", "--json"]);
  const [{ why }] = JSON.parse(json.stdout).services;
  deepStrictEqual(why.pending, {
    kind: "check",
    check: { kind: "http", path: "/" },
    detail: "HTTP 500",
  });
});

Deno.test("why shows where a foreign holder came from", ON_LINUX, async () => {
  await using project = makeProject(1, plainServers);
  const [port = 0] = project.ports;
  await using otherServer = await startServer(port);
  const { code, stdout } = await project.run(["why", "a"]);
  strictEqual(code, 0);
  match(stdout, /^❌ Service A \(\d+\): held by another program\n/);
  const chain = new RegExp(
    `PID ${otherServer.pid} · .* · not from this project · .*\n` +
      `.*← \\S+ \\(${Deno.pid}\\) ← `,
  );
  match(stdout, chain);
  match(stdout, /→ stop it yourself, or: devsvc start --on-conflict=restart\n/);
  ok(otherServer.isAlive());
});

Deno.test("why says which dependency is in the way, and which is not", async () => {
  await using project = makeProject(
    2,
    ([free = 0, held = 0]) =>
      `[services.cache]
command = ${serverCommand("--port", String(free))}
port = ${free}
[services.db]
command = ${serverCommand("--port", String(held))}
port = ${held}
[services.api]
command = ["false"]
depends_on = ["cache", "db"]
`,
  );
  const [, held = 0] = project.ports;
  const before = await project.run(["why", "api", "--lang", "fr"]);
  match(
    before.stdout,
    /Il lui faut cache : disponible ; devsvc start le démarre/,
  );
  match(before.stdout, /Il lui faut db : disponible/);

  await using _other = await startServer(held);
  const { code, stdout } = await project.run(["why", "api"]);
  strictEqual(code, 0);
  match(stdout, /It needs cache: free; devsvc start starts that first/);
  match(stdout, /It cannot be started before db: .*; see devsvc why db\n$/);
  const { services } = JSON.parse(
    (await project.run(["why", "api", "--json"])).stdout,
  );
  deepStrictEqual(
    services[0].why.dependencies.map(
      ({ name, blocks }: { name: string; blocks: boolean }) => [name, blocks],
    ),
    [["cache", false], ["db", true]],
  );
});

Deno.test("why of a service that is none is a wrong call", async () => {
  await using project = makeProject(1, plainServers);
  const { code, stderr } = await project.run(["why", "aa"]);
  strictEqual(code, 2);
  match(stderr, /There is no service "aa" in services\.toml\. Services: a\n/);
});
