/** The public workflows, as far as a test can check them without running them. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { parse } from "yaml";
import config from "../deno.json" with { type: "json" };
import {
  README_URL,
  README_VERSION,
  VERSION_URL,
} from "../scripts/update_deno.ts";

const ROOT = new URL("../", import.meta.url);
const FOLDER = new URL(".github/workflows/", ROOT);

/** What the tests read of a workflow. */
interface Workflow {
  readonly name: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly "timeout-minutes"?: number;
  readonly "continue-on-error"?: boolean;
  readonly needs?: string;
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: Matrix };
  readonly steps: readonly Step[];
}

interface Matrix {
  readonly include: readonly { readonly platform: string }[];
}

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly "continue-on-error"?: boolean;
}

interface Source {
  readonly file: string;
  readonly text: string;
  readonly workflow: Workflow;
}

async function readAll(): Promise<readonly Source[]> {
  const found: Source[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    const text = await Deno.readTextFile(new URL(name, FOLDER));
    found.push({ file: name, text, workflow: parse(text, { strict: true }) });
  }
  return found.toSorted((a, b) => a.file < b.file ? -1 : 1);
}

async function read(file: string): Promise<Workflow> {
  const found = (await readAll()).find((source) => source.file === file);
  ok(found, file);
  return found.workflow;
}

function stepsOf({ jobs }: Workflow): readonly Step[] {
  return Object.values(jobs).flatMap(({ steps }) => steps);
}

Deno.test("workflows may only read, end in time, and pin their actions", async () => {
  const sources = await readAll();
  deepStrictEqual(
    sources.map(({ file }) => file),
    ["ci.yml", "release.yml", "update.yml"],
  );
  for (const { file, text, workflow } of sources) {
    deepStrictEqual(workflow.permissions, { contents: "read" }, file);
    for (const [name, job] of Object.entries(workflow.jobs)) {
      ok(job["timeout-minutes"], `${file}: ${name} has no timeout`);
    }
    ok(!/deno@\d/.test(text), `${file}: .deno-version has the version of Deno`);
    for (const { uses } of stepsOf(workflow)) {
      if (uses) match(uses, /^[\w-]+\/[\w-]+@[\da-f]{40}$/, file);
    }
    // The reader sees which version that is.
    for (const line of text.match(/^.*\buses:.*$/gm) ?? []) {
      match(line, /@[\da-f]{40} # v\d+\.\d+\.\d+$/, file);
    }
  }
});

Deno.test("the whole suite decides on every platform", async () => {
  const { jobs } = await read("ci.yml");
  deepStrictEqual(Object.keys(jobs), ["linux", "macos", "windows"]);
  for (const [name, job] of Object.entries(jobs)) {
    for (const part of [job, ...job.steps]) {
      strictEqual(part["continue-on-error"], undefined, name);
      strictEqual(part.if, undefined, name);
    }
    // `ok` ends with `test`.
    const runs = job.steps.map(({ run }) => run);
    ok(runs.some((run) => /^\$DENO task (test|ok)$/.test(run ?? "")), name);
  }
});

Deno.test("workflows call tasks and scripts that there are", async () => {
  let calls = 0;
  for (const { file, workflow } of await readAll()) {
    const commands = stepsOf(workflow).map(({ run }) => run ?? "").join("\n");
    for (const [, task = ""] of commands.matchAll(/\$DENO task (\S+)/g)) {
      ok(task in config.tasks, `${file}: deno task ${task}`);
      calls++;
    }
    const paths = /\b(?:scripts|install|tests)\/[\w./-]+/g;
    for (const [path] of commands.matchAll(paths)) {
      ok(await Deno.stat(new URL(path, ROOT)), `${file}: ${path}`);
      calls++;
    }
  }
  ok(calls > 10, String(calls));
});

Deno.test("a release is tried on every platform before it is published", async () => {
  const { jobs } = await read("release.yml");
  const { TARGETS } = await import("../scripts/_targets.ts");
  const tried = jobs["try"]?.strategy?.matrix.include ?? [];
  deepStrictEqual(
    new Set(tried.map(({ platform }) => platform)),
    new Set(TARGETS.map(({ os, arch }) => `${os}-${arch}`)),
  );
  deepStrictEqual(
    [jobs["try"]?.needs, jobs["publish"]?.needs],
    ["build", "try"],
  );
  deepStrictEqual(jobs["publish"]?.permissions, {
    contents: "write",
    "id-token": "write",
    attestations: "write",
  });
  const sign = jobs["build"]?.steps.find(({ name }) => name?.includes("sign"));
  strictEqual(sign?.if, "env.WINDOWS_CERTIFICATE != ''");
});

Deno.test("the commands of the workflows are sound shell", async () => {
  for (const { file, workflow } of await readAll()) {
    for (const { run } of stepsOf(workflow)) {
      if (!run) continue;
      const { code, stderr } = await new Deno.Command("bash", {
        args: ["-n", "-c", run],
      }).output();
      strictEqual(code, 0, `${file}: ${new TextDecoder().decode(stderr)}`);
    }
  }
});

Deno.test("the README has the version of .deno-version", async () => {
  const version = (await Deno.readTextFile(VERSION_URL)).trim();
  const readme = await Deno.readTextFile(README_URL);
  deepStrictEqual(new Set(readme.match(README_VERSION)), new Set([version]));
});

/** What the test reads of a lock file. */
interface Lock {
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

Deno.test("run.lock has some packages of deno.lock, in the same versions", async () => {
  const [all, run] = await Promise.all(
    ["deno.lock", "run.lock"].map(async (name): Promise<Lock> =>
      JSON.parse(await Deno.readTextFile(new URL(name, ROOT)))
    ),
  );
  const names = Object.keys(run?.npm ?? {});
  ok(names.length > 0);
  for (const name of names) deepStrictEqual(run?.npm[name], all?.npm[name]);
  ok(!names.some((name) => name.startsWith("esbuild@")), "run deno task lock");
});
