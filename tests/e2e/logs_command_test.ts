/** `devsvc logs`: what the services wrote, and what they go on writing. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { JSON_SCHEMA } from "../../scripts/json_schema.ts";
import { schemaErrors } from "../kit/schema_errors.ts";
import {
  makeProject,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import { until } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";

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

/** The lines of some output without their times, which are tested apart. */
function untimed(output: string): readonly string[] {
  return output.trimEnd().split("\n").map((line) => {
    match(line, TIMED);
    return line.replace(TIMED, "");
  });
}

const TIMED = /^~?(?:\d\d-\d\d )?\d\d:\d\d:\d\d /;

/** Of two services that write at the same time either may be first. */
function sorted(output: string): readonly string[] {
  return untimed(output).toSorted();
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
  ON_LINUX,
  async () => {
    await using project = await startedParrots();
    const logs = await project.run(["logs"]);
    strictEqual(logs.code, 0);
    const lines = untimed(logs.stdout);
    deepStrictEqual(lines.filter((line) => !line.startsWith("worker")), [
      "api    | api one",
      "api    | api two",
      "api    | api up",
    ]);
    strictEqual(lines.includes("worker | worker up"), true);
    deepStrictEqual(untimed((await project.run(["logs", "worker"])).stdout), [
      "worker | worker up",
    ]);
    strictEqual(
      (await project.run(["logs", "worker", "--no-prefix"])).stdout,
      "worker up\n",
    );
  },
);

Deno.test("-n says how many lines of each", ON_LINUX, async () => {
  await using project = await startedParrots();
  deepStrictEqual(sorted((await project.run(["logs", "-n", "2"])).stdout), [
    "api    | api two",
    "api    | api up",
    "worker | worker up",
  ]);
  strictEqual((await project.run(["logs", "-n", "0"])).stdout, "");
});

Deno.test("--grep shows only what matches", ON_LINUX, async () => {
  await using project = await startedParrots();
  const grep = async (...args: readonly string[]) =>
    sorted((await project.run(["logs", "--grep", ...args])).stdout);
  deepStrictEqual(await grep("one|^worker"), [
    "api    | api one",
    "worker | worker up",
  ]);
  deepStrictEqual(
    await grep("one|two", "-n", "1"),
    ["api    | api two"],
    "the last ones that match",
  );
});

Deno.test("--json is one document a line", ON_LINUX, async () => {
  await using project = await startedParrots();
  await say(project, "api", 'say "hi"\tü\n');
  await until(() => project.read(".devsvc/logs/api.log").includes("hi"));
  const { stdout } = await project.run(["logs", "--json", "-n", "1"]);
  const documents = stdout.trim().split("\n").map((line) => JSON.parse(line));
  for (const document of documents) {
    deepStrictEqual(schemaErrors(JSON_SCHEMA, document), [], stdout);
    const age = Date.now() - Date.parse(document.time);
    strictEqual(age >= 0 && age < 60_000, true, document.time);
  }
  deepStrictEqual(
    documents.map(({ service, line }) => `${service}: ${line}`).toSorted(),
    ['api: say "hi"\tü', "worker: worker up"],
  );
});

Deno.test(
  "-f goes on with new lines until SIGINT, which is no failure",
  ON_LINUX,
  async () => {
    await using project = await startedParrots();
    const child = project.spawn(["logs", "-f", "-n", "1"]);
    const errors = new Response(child.stderr).text();
    let shown = "";
    const reading = child.stdout.pipeThrough(new TextDecoderStream())
      .pipeTo(new WritableStream({ write: (text) => void (shown += text) }));

    await until(() => shown.split("\n").length === 3);
    deepStrictEqual(sorted(shown), ["api    | api up", "worker | worker up"]);
    await say(project, "worker", "later\n");
    await until(() => shown.endsWith(" worker | later\n"));
    await say(project, "api", "Password: ");
    await until(() => shown.endsWith(" api    | Password: \n"));
    await say(project, "api", "accepted\nand more");
    await until(() => shown.includes(" api    | … accepted\n"));
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
    match(shown, / api {4}\| and more\n$/);
    strictEqual(await errors, "");
  },
);

Deno.test(
  "-f shows what a service writes after a restart",
  ON_LINUX,
  async () => {
    await using project = await startedParrots();
    const child = project.spawn(["logs", "-f", "-n", "1", "worker"]);
    const errors = new Response(child.stderr).text();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const equalUp = async () =>
      match(
        (await lines.read()).value ?? "",
        /^~?[\d:]+ worker \| worker up\n$/,
      );
    // Once it shows what was there, whatever comes is new.
    await equalUp();
    strictEqual((await project.run(["restart", "worker"])).code, 0);
    await equalUp();
    child.kill("SIGTERM");
    strictEqual((await lines.read()).done, true);
    await child.status;
    await errors;
  },
);

Deno.test("logs outlive stop and grow with each run", ON_LINUX, async () => {
  await using project = await startedParrots();
  strictEqual((await project.run(["stop"])).code, 0);
  const shown = async () =>
    untimed((await project.run(["logs", "worker"])).stdout);
  deepStrictEqual(await shown(), ["worker | worker up"]);
  strictEqual((await project.run(["start"])).code, 0);
  deepStrictEqual(await shown(), ["worker | worker up", "worker | worker up"]);
});

Deno.test(
  "of what runs and has written nothing it says that",
  ON_LINUX,
  async () => {
    await using project = makeProject(
      0,
      () => `[services.worker]\nlabel = "Worker"\ncommand = "exec sleep 300"\n`,
    );
    strictEqual((await project.run(["start"])).code, 0);
    const logs = await project.run(["logs"]);
    strictEqual(logs.code, 0);
    strictEqual(logs.stderr, "Worker: nothing was written yet\n");
  },
);

Deno.test(
  "before the first start it says that there is no log",
  ON_LINUX,
  async () => {
    await using project = makeProject(0, twoParrots);
    const logs = await project.run(["logs"]);
    strictEqual(logs.code, 0);
    strictEqual(logs.stdout, "");
    strictEqual(logs.stderr, "No log yet: nothing was started here\n");
  },
);

Deno.test("a reader that has seen enough is no failure", ON_LINUX, async () => {
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
