/** The public workflows, as far as a test can check them without running them. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { parse } from "yaml";
import config from "../deno.json" with { type: "json" };
import { ON_POSIX } from "./kit/os_tags.ts";
import { makeFolder } from "./kit/test_process.ts";
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
  readonly permissions?: Permissions;
  readonly env?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** Each right by its name, or a word for all of them. */
type Permissions = Readonly<Record<string, string>> | string;

interface Job {
  readonly "timeout-minutes"?: number;
  readonly "continue-on-error"?: boolean;
  readonly needs?: string;
  readonly if?: string;
  readonly permissions?: Permissions;
  readonly env?: unknown;
  readonly uses?: string;
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
  readonly env?: unknown;
  readonly with?: Readonly<Record<string, unknown>>;
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

Deno.test("workflows have no rights of their own, end in time, and pin their actions", async () => {
  const sources = await readAll();
  deepStrictEqual(
    sources.map(({ file }) => file),
    ["ci.yml", "release.yml", "update.yml"],
  );
  for (const { file, text, workflow } of sources) {
    deepStrictEqual(workflow.permissions, {}, file);
    for (const [name, job] of Object.entries(workflow.jobs)) {
      ok(job.permissions, `${file}: ${name} names no permissions`);
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

/** The actions that a job may use which can write or holds a secret. */
const TRUSTED_ACTIONS: readonly string[] = [
  "actions/attest-build-provenance",
  "actions/checkout",
  "actions/download-artifact",
  "actions/upload-artifact",
];

/** The programs that it may run: none of them runs a file of the project. */
const TRUSTED_PROGRAMS: readonly string[] = [
  ...["[", "apt-get", "base64", "cd", "exit", "export", "gh", "git", "grep"],
  ...["mv", "osslsigncode", "printf", "shasum"],
];

/** Words of the shell before a program, and those without one. */
const KEYWORDS = /^(?:(?:!|do|else|if|sudo|then|while|\w+=\S*)\s+)*/;
const NO_PROGRAM = /^(?:$|(?:do|done|else|fi|then)$|for\b|\w+=|[<>])/;

/** What a step runs: the first word of each command. */
function programsOf(run: string): readonly string[] {
  const plain = run.replaceAll("\\\n", " ")
    .replaceAll(/^\s*#.*$/gm, "")
    .replaceAll(/'[^']*'/g, "x")
    // A command in a text stays one.
    .replaceAll(/"(?:\\.|[^"\\])*"/g, (text) => /\$\(/.test(text) ? text : "x");
  return plain.split(/\n|\||;|&&|\$?\(|\)/)
    .map((part) => part.trim().replace(KEYWORDS, ""))
    .filter((part) => !NO_PROGRAM.test(part))
    .map((part) => part.split(/\s/)[0] ?? "");
}

/** A word of GitHub's for each secret, its own token apart. */
const SECRET = /\bsecrets\b/;

/** The token of a job may do what its permissions say: it is no secret more. */
function holdsSecret(part: unknown): boolean {
  return SECRET.test(JSON.stringify(part) ?? "");
}

function mayWrite(permissions: Permissions | undefined): boolean {
  // Without a word the rights are those of the repository's settings.
  if (permissions === undefined) return true;
  return typeof permissions === "string"
    ? permissions !== "read-all"
    : Object.values(permissions).includes("write");
}

/**
 * Where the code of packages could write or read a secret: the rule of
 * docs/decisions/0012.
 */
function breaches(workflow: Workflow): readonly string[] {
  const found: string[] = [];
  if (holdsSecret(workflow.env)) found.push("a secret for every job");
  for (const [name, job] of Object.entries(workflow.jobs)) {
    if (job.uses) found.push(`${name}: is a workflow elsewhere`);
    if (holdsSecret(job.env)) found.push(`${name}: a secret for every step`);
    const steps = job.steps ?? [];
    for (const { uses = "", with: inputs } of steps) {
      const isKept = inputs?.["persist-credentials"] !== false;
      if (uses.startsWith("actions/checkout@") && isKept) {
        found.push(`${name}: its credentials stay`);
      }
    }
    const isPrivileged = mayWrite(job.permissions ?? workflow.permissions) ||
      holdsSecret(job);
    if (!isPrivileged) continue;
    for (const { run = "", uses, with: inputs } of steps) {
      const action = uses?.split("@")[0] ?? "";
      if (uses && !TRUSTED_ACTIONS.includes(action)) {
        found.push(`${name}: runs ${action}`);
      }
      if (holdsSecret(inputs)) found.push(`${name}: gives ${action} a secret`);
      for (const program of programsOf(run)) {
        if (TRUSTED_PROGRAMS.includes(program)) continue;
        found.push(`${name}: runs ${program}`);
      }
    }
  }
  return found;
}

Deno.test("no code of packages runs where it could write or read a secret", async () => {
  for (const { file, workflow } of await readAll()) {
    deepStrictEqual(breaches(workflow), [], file);
  }
});

/** What a job may do, its steps, and what is wrong with it. */
const BAD_JOBS: readonly (readonly [string, string, string])[] = [
  ["contents: write", "run: npx -y deno@2 update", "runs npx"],
  ["id-token: write", "run: $DENO task ok", "runs $DENO"],
  ["contents: write", "run: 'git diff && node x.js'", "runs node"],
  ["contents: write", "run: 'printf %s $(npm root)'", "runs npm"],
  ["contents: write", "run: 'printf \"%s $(npm root)\"'", "runs npm"],
  ["contents: write", "run: 'A=1 sudo sh scripts/x.sh'", "runs sh"],
  ["contents: write", "run: 'for a in b; do ./sign; done'", "runs ./sign"],
  ["contents: write", "uses: you/action@0", "runs you/action"],
  ["", "{ run: npm ci, env: { A: '${{ secrets.A }}' } }", "runs npm"],
  ["", "uses: actions/checkout@0", "its credentials stay"],
  [
    "",
    "{ uses: actions/checkout@0, with: { token: '${{ secrets.A }}' } }",
    "gives actions/checkout a secret",
  ],
];

Deno.test("each way to give the code of packages a right is seen", () => {
  for (const [permissions, step, words] of BAD_JOBS) {
    const inner = step.startsWith("{") ? step : `{ ${step} }`;
    const found = breaches(parse(
      `jobs: { a: { permissions: { ${permissions} }, steps: [${inner}] } }`,
    ));
    ok(found.includes(`a: ${words}`), `${step}: ${found}`);
  }
  for (
    const [workflow, words] of [
      ["jobs: { a: { steps: [{ run: npm ci }] } }", "a: runs npm"],
      [
        "jobs: { a: { permissions: write-all, steps: [{ run: npm ci }] } }",
        "a: runs npm",
      ],
      [
        "env: { A: '${{ secrets.A }}' }\njobs: {}",
        "a secret for every job",
      ],
      [
        "jobs: { a: { permissions: {}, env: { A: '${{ secrets.A }}' } } }",
        "a: a secret for every step",
      ],
      [
        "jobs: { a: { permissions: {}, uses: you/x/x.yml@0 } }",
        "a: is a workflow elsewhere",
      ],
    ] as const
  ) {
    deepStrictEqual(breaches(parse(workflow)), [words], workflow);
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
    Object.entries(jobs).map(([name, { needs }]) => [name, needs]),
    [
      ["build", undefined],
      ["sign", "build"],
      ["pack", "sign"],
      ["try", "pack"],
      ["publish", "try"],
    ],
  );
  deepStrictEqual(jobs["publish"]?.permissions, {
    contents: "write",
    "id-token": "write",
    attestations: "write",
  });
  const holding = Object.values(jobs).flatMap(({ steps }) => steps)
    .filter(holdsSecret);
  deepStrictEqual(holding.map(({ name }) => name), ["Sign for Windows"]);
  match(
    holding[0]?.run ?? "",
    /^\[ -n "\$WINDOWS_CERTIFICATE" \] \|\| exit 0\n/,
  );
});

Deno.test("all that is published is attested", async () => {
  const { jobs } = await read("release.yml");
  const steps = jobs["publish"]?.steps ?? [];
  const attest = steps.find(({ uses }) => uses?.includes("/attest-"));
  strictEqual(attest?.with?.["subject-path"], "dist/*");
  match(steps.at(-1)?.run ?? "", /--notes-file NOTES\.md dist\/\*\n$/);
});

Deno.test(
  "an update that is more than lines of known files is not proposed",
  ON_POSIX,
  async () => {
    const { jobs } = await read("update.yml");
    const step = jobs["propose"]?.steps.find(({ name }) =>
      name?.startsWith("Nothing but versions")
    );
    await using folder = await makeFolder();
    const repository = `${folder.path}/repository`;
    const bash = async (script: string, cwd = repository) => {
      const output = await new Deno.Command("bash", {
        args: ["-eo", "pipefail", "-c", script],
        cwd,
        env: { RUNNER_TEMP: folder.path, GIT_CONFIG_GLOBAL: "/dev/null" },
      }).output();
      const decoder = new TextDecoder();
      return {
        code: output.code,
        text: decoder.decode(output.stdout) + decoder.decode(output.stderr),
      };
    };
    await Deno.mkdir(`${folder.path}/update`);
    const made = await bash(
      "git init -q repository && cd repository && " +
        "touch README.md deno.lock main.ts && git add . && " +
        "git -c user.name=a -c user.email=a@b commit -qm a",
      folder.path,
    );
    strictEqual(made.code, 0, made.text);
    for (
      const [change, isGood] of [
        ["echo 2.9.7 >README.md; echo {} >deno.lock", true],
        ["echo 'steal()' >main.ts", false],
        ["chmod 755 README.md", false],
        ["rm deno.lock", false],
        ["rm README.md; ln -s main.ts README.md", false],
        ["echo x >deno.json; git add -N deno.json", false],
        ["mkdir lib; echo x >lib/deno.lock; git add -N lib", false],
        ["mkdir .github; echo x >.github/x.yml; git add -N .github", false],
      ] as const
    ) {
      const patch = await bash(
        `${change}; git diff >../update/update.patch; ` +
          "git reset -q --hard; git clean -fdq",
      );
      strictEqual(patch.code, 0, patch.text);
      const { code, text } = await bash(step?.run ?? "");
      strictEqual(code === 0, isGood, `${change}: ${text}`);
      await bash("git reset -q --hard; git clean -fdq");
    }
  },
);

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
