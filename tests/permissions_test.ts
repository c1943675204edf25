/**
 * What devsvc touches, command by command, as Deno's own audit saw it; and that
 * this is what docs/security.md and deno.json say.
 *
 * The audit does not list programs and signals while `run` is allowed without
 * limits, so this pins the rest.
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "./kit/os_tags.ts";
import config from "../deno.json" with { type: "json" };
import { COMMAND_NAMES } from "../lib/cli/command_list.ts";
import { isWithin } from "../lib/core/path.ts";
import {
  makeProject,
  plainServers,
  type TestProject,
} from "./kit/test_project.ts";
import { runningRoots } from "./kit/processes.ts";
import { openTerminalRun } from "./kit/pty.ts";

/** On Linux devsvc reads `/proc` itself; elsewhere it runs other tools. */
const OPTIONS = {
  ignore: ON_LINUX.ignore ||
    // An executable has no audit of source files, a launcher of its own has.
    Deno.env.has("DEVSVC_BIN"),
};

/** What each command does at first. */
const READ = [
  "env TERM",
  "read ROOT/.devsvc/…",
  "read ROOT/services.toml",
] as const;

/** The real path of the project, by which its processes name it. */
const FIND = [...READ, "read ROOT"] as const;

/** Is a port free? */
const BIND = ["net any:PORT"] as const;

/** Health checks. */
const PROBE = ["net loopback:PORT"] as const;

/** What `@clack/prompts` asks for, and gets as not set. */
const QUESTION = [
  "hidden env CI",
  "hidden env COLORTERM",
  "hidden env NODE_DISABLE_COLORS",
  "hidden env TEAMCITY_VERSION",
  "hidden env TERM_PROGRAM",
  "hidden env TF_BUILD",
  "hidden env TMUX",
] as const;

/** Whose `.devsvc` is it, where there is one? */
const USER = ["sys uid"] as const;

/** Run records, logs, lock and journal. */
const STATE = [...USER, "write ROOT/.devsvc/…"] as const;

/**
 * One row a command, in an order in which they follow each other; the same
 * command may come again in another situation.
 */
const ROWS: readonly {
  readonly args: readonly [string, ...string[]];
  readonly touches: readonly string[];
  /** Is typed at a terminal once it shows this. */
  readonly answer?: { readonly to: string; readonly keys: string };
}[] = [
  { args: ["check"], touches: [...FIND, ...BIND] },
  { args: ["start"], touches: [...FIND, ...BIND, ...PROBE, ...STATE] },
  { args: ["status"], touches: [...FIND, ...USER, ...PROBE] },
  { args: ["why", "a"], touches: [...FIND, ...USER, ...PROBE] },
  { args: ["logs"], touches: [...READ, ...USER] },
  { args: ["completions", "bash"], touches: ["env TERM"] },
  {
    args: ["up"],
    answer: { to: "Ctrl-C", keys: "\x03" },
    touches: [...FIND, ...BIND, ...PROBE, ...STATE],
  },
  { args: ["start"], touches: [...FIND, ...BIND, ...PROBE, ...STATE] },
  {
    args: ["start"],
    answer: { to: "Votre choix", keys: "1\r" },
    touches: [...FIND, ...BIND, ...PROBE, ...STATE, ...QUESTION],
  },
  { args: ["restart"], touches: [...FIND, ...BIND, ...PROBE, ...STATE] },
  // It runs no health check.
  { args: ["stop"], touches: [...FIND, ...BIND, ...STATE] },
  {
    args: ["init", "--force"],
    touches: [
      "env TERM",
      "read ROOT",
      "read ROOT/.env",
      "read ROOT/Procfile",
      "read ROOT/manage.py",
      "read ROOT/package.json",
      "read ROOT/services.toml",
      "read ROOT/services.toml.new",
      "write ROOT/services.toml",
      "write ROOT/services.toml.new",
    ],
  },
];

interface Access {
  readonly permission: string;
  readonly value: string | null;
}

/** Runs a command and returns what it touched, without duplicates, sorted. */
async function audit(
  project: TestProject,
  { args, answer }: typeof ROWS[number],
): Promise<readonly Access[]> {
  const file = await Deno.makeTempFile({ suffix: ".jsonl" });
  try {
    const env = { DENO_AUDIT_PERMISSIONS: file };
    if (answer) await answerAt(project, args, env, answer);
    else {
      const { code, stderr } = await project.run(args, { env, scoped: true });
      strictEqual(code, 0, `${args}: ${stderr}`);
    }
    const lines = (await Deno.readTextFile(file)).trimEnd().split("\n");
    return withoutEchoes(lines.map((line): Access => JSON.parse(line)));
  } finally {
    await Deno.remove(file);
  }
}

async function answerAt(
  { root }: TestProject,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { to, keys }: { readonly to: string; readonly keys: string },
): Promise<void> {
  await using run = openTerminalRun(args, { cwd: root, env, scoped: true });
  await run.waitFor(to);
  run.type(keys);
  strictEqual(await run.exit(), 0, run.screen().join("\n"));
}

/** Deno 2.9.6 writes a read down twice, as a read and then as a write. */
function withoutEchoes(all: readonly Access[]): readonly Access[] {
  return all.filter(({ permission, value }, index) => {
    const before = all[index - 1];
    return !(permission === "write" && before?.permission === "read" &&
      before.value === value);
  });
}

/** Its own source, which an executable has inside. */
function isSource({ permission, value }: Access): boolean {
  return permission === "read" && value?.startsWith("file:///") === true;
}

/** Whether there still is the root that a process of another project names. */
function isOtherProject(
  { permission, value }: Access,
  { root }: TestProject,
  running: ReadonlySet<string>,
): boolean {
  const temporary = root.slice(0, root.indexOf("/devsvc-") + 1);
  return permission === "read" && value !== null && !value.startsWith(root) &&
    (running.has(value) || value.startsWith(`${temporary}devsvc-`));
}

/** The same words on every machine, with and without IPv6. */
function plain(access: Access, project: TestProject): string {
  const { permission, value } = access;
  const text = (value ?? "everything")
    .replaceAll(project.root, "ROOT")
    .replace(/^ROOT\/\.devsvc\b.*/, "ROOT/.devsvc/…")
    .replace(/^(127\.0\.0\.1|\[::1\]):\d+$/, "loopback:PORT")
    .replace(/^(0\.0\.0\.0|\[::\]):\d+$/, "any:PORT");
  return `${isHidden(access) ? "hidden " : ""}${permission} ${text}`;
}

/** Any other name of the environment reads as not set. */
function isHidden({ permission, value }: Access): boolean {
  const { allow, ignore } = config.permissions.default.env;
  return permission === "env" && ignore && !allow.includes(value ?? "");
}

Deno.test("the permissions of docs/security.md are those of deno.json", async () => {
  const { run, read, write, net, env, sys, import: imports } =
    config.permissions.default;
  deepStrictEqual(
    await documented(),
    new Map([
      ["run", run ? ["all"] : run],
      ["read", read ? ["all"] : read],
      ["write", write.map((path) => path.replace("./", ""))],
      ["net", net],
      ["env", env.allow],
      ["sys", sys],
      ["import", imports],
    ]),
  );
});

Deno.test(
  "every command touches what is written here, and no more",
  OPTIONS,
  async (t) => {
    const missing = COMMAND_NAMES.filter((name) =>
      !ROWS.some(({ args }) => args[0] === name)
    );
    deepStrictEqual(missing, [], "A new command needs a row in ROWS");

    const allowed = await documented();
    await using project = makeProject(2, unauditedServers);
    await Deno.writeTextFile(`${project.root}/Procfile`, "web: ./serve\n");
    for (const row of ROWS) {
      const name = `${row.args.join(" ")}${
        row.answer ? ", and an answer" : ""
      }`;
      await t.step(name, async () => {
        const before = runningRoots();
        const all = await audit(project, row);
        const running = before.union(runningRoots());
        const own = all.filter((one) =>
          !isSource(one) && !isOtherProject(one, project, running)
        );
        const touched = new Set(own.map((one) => plain(one, project)));
        deepStrictEqual(
          [...touched].toSorted(),
          [...new Set(row.touches)].toSorted(),
        );
        for (const access of own) {
          ok(
            isAllowed(access, allowed, project),
            `${access.permission} ${access.value}`,
          );
        }
      });
    }
  },
);

/** Servers that leave the audit to devsvc: they are Deno, too. */
function unauditedServers(ports: readonly number[]): string {
  return plainServers(ports).replaceAll(
    "ready =",
    'env = { DENO_AUDIT_PERMISSIONS = "/dev/null" }\nready =',
  );
}

/** Every command of the application, those that help does not show too. */
/** The table of docs/security.md: each permission and what it is set to. */
async function documented(): Promise<ReadonlyMap<string, readonly string[]>> {
  const url = new URL("../docs/security.md", import.meta.url);
  const rows = (await Deno.readTextFile(url))
    .matchAll(/^\| `(\w+)` +\| ([^|]*)\|/gm);
  return new Map([...rows].map(([, name = "", cell = ""]) => [
    name,
    cell.startsWith("all")
      ? ["all"]
      : [...cell.split(";")[0]?.matchAll(/`([^`]+)`/g) ?? []]
        .map(([, value = ""]) => value),
  ]));
}

function isAllowed(
  { permission, value }: Access,
  allowed: ReadonlyMap<string, readonly string[]>,
  { root }: TestProject,
): boolean {
  const values = allowed.get(permission);
  if (!values || value === null) return false;
  if (values[0] === "all") return true;
  switch (permission) {
    case "write":
      return values.some((path) => isWithin(`${root}/${path}`, value));
    case "net":
      return values.includes(value.replace(/:\d+$/, ""));
    case "env":
      return values.includes(value) || isHidden({ permission, value });
    default:
      return values.includes(value);
  }
}

Deno.test("an access beyond the table would be seen", OPTIONS, async () => {
  const allowed = await documented();
  await using project = makeProject(
    0,
    () => "[services.a]\ncommand = 'true'\n",
  );
  const refuse = (permission: string, value: string | null) =>
    strictEqual(isAllowed({ permission, value }, allowed, project), false);
  refuse("env", null);
  refuse("sys", "hostname");
  refuse("ffi", "/usr/lib/libc.so");
  refuse("write", `${project.root}/.devsvc-other/x`);
  refuse("write", `${project.root}/services.toml.bak`);
  refuse("write", `${project.root}/backend/services.toml`);
  refuse("net", "192.0.2.1:80");
  refuse("import", "jsr.io:443");
});
