/** `devsvc logs`: what the services wrote, and what they go on writing. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import {
  makeProject,
  startProject,
  type TestProject,
} from "../helpers/project.ts";
import { until } from "../../lib/platform/_testing.ts";
import { LINUX } from "../helpers/processes.ts";

/** Two services that say what is written into their files. */
function twoParrots(): string {
  return ["api", "worker"].map((name) =>
    `[services.${name}]
command = ["tail", "-n", "+1", "-f", "${name}.txt"]
ready = { log = "up" }
`
  ).join("\n");
}

function startedParrots(): Promise<TestProject> {
  return startProject(0, twoParrots, async (project) => {
    await say(project, "api", "api one\napi two\napi up\n");
    await say(project, "worker", "worker up\n");
  });
}

async function say(
  project: TestProject,
  service: string,
  text: string,
): Promise<void> {
  await Deno.writeTextFile(`${project.root}/${service}.txt`, text, {
    append: true,
  });
}

Deno.test(
  "each line has the name of its service, in one column",
  LINUX,
  async () => {
    await using project = await startedParrots();
    const logs = await project.run(["logs"]);
    strictEqual(logs.code, 0);
    strictEqual(
      logs.stdout,
      "api    | api one\napi    | api two\napi    | api up\nworker | worker up\n",
    );
    strictEqual(
      (await project.run(["logs", "worker"])).stdout,
      "worker | worker up\n",
    );
  },
);

Deno.test("-n says how many lines of each", LINUX, async () => {
  await using project = await startedParrots();
  strictEqual(
    (await project.run(["logs", "-n", "2"])).stdout,
    "api    | api two\napi    | api up\nworker | worker up\n",
  );
  strictEqual((await project.run(["logs", "-n", "0"])).stdout, "");
});

Deno.test("--grep shows only what matches", LINUX, async () => {
  await using project = await startedParrots();
  strictEqual(
    (await project.run(["logs", "--grep", "one|^worker"])).stdout,
    "api    | api one\nworker | worker up\n",
  );
});

Deno.test("--json is one document a line", LINUX, async () => {
  await using project = await startedParrots();
  await say(project, "api", 'say "hi"\tü\n');
  await until(() => project.read(".devsvc/logs/api.log").includes("hi"));
  const { stdout } = await project.run(["logs", "--json", "-n", "1"]);
  deepStrictEqual(stdout.trim().split("\n").map((line) => JSON.parse(line)), [
    { version: 1, service: "api", line: 'say "hi"\tü' },
    { version: 1, service: "worker", line: "worker up" },
  ]);
});

Deno.test(
  "-f goes on with new lines until SIGINT, which is no failure",
  LINUX,
  async () => {
    await using project = await startedParrots();
    const child = project.spawn(["logs", "-f", "-n", "1"]);
    const errors = new Response(child.stderr).text();
    let shown = "";
    const reading = child.stdout.pipeThrough(new TextDecoderStream())
      .pipeTo(new WritableStream({ write: (text) => void (shown += text) }));

    await until(() => shown === "api    | api up\nworker | worker up\n");
    await say(project, "worker", "later\n");
    await until(() => shown.endsWith("\nworker | later\n"));
    await say(project, "api", "half a li");
    await until(() =>
      project.read(".devsvc/logs/api.log").endsWith("half a li")
    );
    await say(project, "api", "ne\nand more");
    await until(() => shown.endsWith("\napi    | half a line\n"));
    await until(() =>
      project.read(".devsvc/logs/api.log").endsWith("and more")
    );

    child.kill("SIGINT");
    await reading;
    strictEqual(
      (await child.status).code,
      0,
      "to stop following is how it ends",
    );
    match(shown, /\napi {4}\| and more\n$/);
    strictEqual(await errors, "");
  },
);

Deno.test("-f shows what a service writes after a restart", LINUX, async () => {
  await using project = await startedParrots();
  const child = project.spawn(["logs", "-f", "-n", "0", "worker"]);
  const errors = new Response(child.stderr).text();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  strictEqual((await project.run(["restart", "worker"])).code, 0);
  strictEqual((await lines.read()).value, "worker | worker up\n");
  child.kill("SIGTERM");
  strictEqual((await lines.read()).done, true);
  await child.status;
  await errors;
});

Deno.test("logs outlive stop and grow with each run", LINUX, async () => {
  await using project = await startedParrots();
  strictEqual((await project.run(["stop"])).code, 0);
  strictEqual(
    (await project.run(["logs", "worker"])).stdout,
    "worker | worker up\n",
  );
  strictEqual((await project.run(["start"])).code, 0);
  strictEqual(
    (await project.run(["logs", "worker"])).stdout,
    "worker | worker up\nworker | worker up\n",
  );
});

Deno.test(
  "before the first start it says that there is no log",
  LINUX,
  async () => {
    await using project = makeProject(0, twoParrots);
    const logs = await project.run(["logs"]);
    strictEqual(logs.code, 0);
    strictEqual(logs.stdout, "");
    strictEqual(logs.stderr, "No log yet: nothing was started here\n");
  },
);

Deno.test("a reader that has seen enough is no failure", LINUX, async () => {
  await using project = await startedParrots();
  await say(project, "api", "a long line of text\n".repeat(20_000));
  await until(() => project.read(".devsvc/logs/api.log").length > 400_000);
  const child = project.spawn(["logs", "-n", "100000"]);
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  strictEqual((await child.status).code, 0);
  strictEqual(await errors, "");
});
