/**
 * A services.toml that means harm: of another user, behind a link, or no file at
 * all. Each is refused in a sentence, and nothing is run or written.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { COMMAND_NAMES } from "../../lib/cli/command_list.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { isRoot, type Run, runDevsvc } from "../kit/run_devsvc.ts";
import { NOBODY } from "../kit/sandbox.ts";
import { makeFolder } from "../kit/test_process.ts";

/** What each command needs besides its name. */
const WORDS: Readonly<Record<string, readonly string[]>> = { why: ["a"] };

/** The commands that read services.toml. */
const READERS = COMMAND_NAMES.filter((name) =>
  name !== "init" && name !== "completions"
);

const HARM = '[services.a]\ncommand = "id > ../../harm"\nport = 1\n' +
  'ready = { command = "id > ../../harm" }\n';

/** Runs each command that reads services.toml. */
async function runAll(
  cwd: string,
  flags: readonly string[] = [],
): Promise<ReadonlyMap<string, Run>> {
  const runs = new Map<string, Run>();
  for (const name of READERS) {
    const args = [name, ...WORDS[name] ?? [], ...flags];
    runs.set(name, await runDevsvc(args, { cwd, scoped: true }));
  }
  return runs;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).toSorted();
}

Deno.test(
  "services.toml of another user in a folder above is refused (root)",
  { ignore: ON_LINUX.ignore || !isRoot() },
  async () => {
    await using folder = await makeFolder();
    const shared = folder.path;
    const file = `${shared}/services.toml`;
    const cwd = `${shared}/mine/src`;
    await Deno.mkdir(cwd, { recursive: true });
    await Deno.chmod(shared, 0o1777);

    await Deno.writeTextFile(file, HARM);
    await Deno.chown(file, NOBODY, NOBODY);
    for (const [name, run] of await runAll(cwd)) {
      strictEqual(run.code, 2, `${name}: ${run.stdout}${run.stderr}`);
      match(run.stderr, /^devsvc: .*services\.toml belongs to the user nobody/);
      match(
        run.stderr,
        /run devsvc in its own folder, or name it with --config/,
      );
      strictEqual(run.stderr.trimEnd().split("\n").length, 1);
      strictEqual(run.stdout, "");
    }

    // A link of theirs to a file of ours, which they may choose but not write.
    const own = `${shared}/mine/own.toml`;
    await Deno.writeTextFile(own, HARM);
    await Deno.remove(file);
    await Deno.symlink(own, file);
    await new Deno.Command("chown", {
      args: ["-h", `${NOBODY}:${NOBODY}`, file],
    }).output();
    for (const [name, run] of await runAll(cwd)) {
      strictEqual(run.code, 2, name);
      match(run.stderr, /belongs to the user nobody/);
    }
    deepStrictEqual(await namesIn(shared), ["mine", "services.toml"]);

    // Its own folder, and `--config`, say that it is meant.
    const there = await runDevsvc(["check", "--json"], { cwd: shared });
    ok(there.code < 2, there.stdout + there.stderr);
    const named = await runDevsvc(["check", "--config", file], { cwd });
    ok(named.code < 2, named.stdout + named.stderr);
  },
);

/** What services.toml may be instead of a file, and what is said of it. */
const NO_FILES: readonly (readonly [string, string, RegExp])[] = [
  ["a pipe", "mkfifo services.toml", /it is not a plain file/],
  ["a device", "ln -s /dev/zero services.toml", /it is not a plain file/],
  [
    "a large file",
    "head -c 2000000 /dev/zero >services.toml",
    /it is larger than 1 MiB/,
  ],
];

Deno.test(
  "services.toml that is no plain file is refused at once",
  ON_LINUX,
  async () => {
    for (const [title, make, text] of NO_FILES) {
      await using folder = await makeFolder();
      await new Deno.Command("sh", { args: ["-c", make], cwd: folder.path })
        .output();
      const config = `${folder.path}/services.toml`;
      for (const flags of [[], ["--config", config]]) {
        for (const [name, run] of await runAll(folder.path, flags)) {
          strictEqual(run.code, 2, `${title}, ${name}: ${run.stderr}`);
          match(run.stderr, text);
        }
      }
      deepStrictEqual(await namesIn(folder.path), ["services.toml"]);
    }
  },
);
