import {
  deepStrictEqual,
  match,
  ok,
  strictEqual,
  throws,
} from "node:assert/strict";
import { ON_LINUX, ON_POSIX } from "../../../tests/kit/os_tags.ts";
import { isRoot } from "../../../tests/kit/run_devsvc.ts";
import { NOBODY } from "../../../tests/kit/sandbox.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import { ensureStateDir, recordNames, stateDirOf } from "./state_dir.ts";

async function copy(from: string, to: string): Promise<void> {
  const { code } = await new Deno.Command("cp", { args: ["-a", from, to] })
    .output();
  strictEqual(code, 0);
}

Deno.test(
  "origin() knows the folder that ensureStateDir() made, also after a rename",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const [before, after] = [`${folder.path}/a`, `${folder.path}/b`];
    await Deno.mkdir(before);
    const dir = stateDirOf(before);
    deepStrictEqual(dir.origin(), { kind: "absent" });
    ensureStateDir(dir);
    const origin = dir.origin();
    strictEqual(origin.kind, "own");
    deepStrictEqual(stateDirOf(before).origin(), origin);
    await Deno.rename(before, after);
    deepStrictEqual(stateDirOf(after).origin(), origin);
  },
);

Deno.test(
  "a copy, or a folder without a mark, reads as empty until it is made anew",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const [a, b] = [`${folder.path}/a`, `${folder.path}/b`];
    await Deno.mkdir(a);
    const made = stateDirOf(a);
    ensureStateDir(made);
    await Deno.writeTextFile(`${made.runs}/api.json`, "{}");
    await Deno.symlink("/etc", `${made.path}/link`);
    await copy(a, b);
    for (const isMarked of [true, false]) {
      const dir = stateDirOf(b);
      if (!isMarked) await Deno.remove(`${dir.path}/origin.json`);
      deepStrictEqual(dir.origin(), { kind: "copied" });
      deepStrictEqual(recordNames(dir), new Set());
      throws(
        () => dir.fs.readTextFileSync(`${dir.runs}/api.json`),
        Deno.errors.NotFound,
      );
      throws(
        () => dir.fs.writeTextFileSync(dir.lock, ""),
        Deno.errors.NotFound,
      );

      const [aside, ...more] = ensureStateDir(dir);
      ok(aside?.kind === "moved");
      deepStrictEqual(more, []);
      match(aside.folder, /\/\.devsvc\/ignored\/[0-9a-f]{8}$/);
      strictEqual(dir.origin().kind, "own");
      deepStrictEqual(recordNames(dir), new Set());
      if (!isMarked) continue;
      strictEqual(
        await Deno.readTextFile(`${aside.folder}/runs/api.json`),
        "{}",
      );
      // Nothing reads what has no name of devsvc's.
      ok((await Deno.lstat(`${b}/.devsvc/link`)).isSymlink);
    }
  },
);

Deno.test(
  "a folder that is a link reads as empty, and the link alone is removed",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const target = `${folder.path}/home`;
    await Deno.mkdir(`${target}/runs`, { recursive: true });
    await Deno.writeTextFile(`${target}/runs/api.json`, "precious");
    const dir = stateDirOf(folder.path);
    await Deno.symlink(target, dir.path);
    deepStrictEqual(dir.origin(), { kind: "refused", problem: "link" });
    deepStrictEqual(recordNames(dir), new Set());
    deepStrictEqual(ensureStateDir(dir), [{ kind: "link-removed" }]);
    ok((await Deno.lstat(dir.path)).isDirectory);
    const names = await Array.fromAsync(Deno.readDir(target));
    deepStrictEqual(names.map(({ name }) => name), ["runs"]);
    strictEqual(await Deno.readTextFile(`${target}/runs/api.json`), "precious");
  },
);

Deno.test(
  "a mark that is a link, a pipe or too large is none",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const dir = stateDirOf(folder.path);
    ensureStateDir(dir);
    const mark = `${dir.path}/origin.json`;
    const text = await Deno.readTextFile(mark);
    const kindNow = () => stateDirOf(folder.path).origin().kind;
    await Deno.writeTextFile(`${folder.path}/mark`, text);
    await Deno.remove(mark);
    await Deno.symlink(`${folder.path}/mark`, mark);
    strictEqual(kindNow(), "copied");
    await Deno.remove(mark);
    await new Deno.Command("mkfifo", { args: [mark] }).output();
    strictEqual(kindNow(), "copied");
    await Deno.remove(mark);
    await Deno.writeTextFile(mark, text + " ".repeat(1_000_000));
    strictEqual(kindNow(), "copied");
    for (
      const wrong of [
        "",
        "{",
        "null",
        "{}",
        text.replace(/"key":"./, '"key":"x'),
      ]
    ) {
      await Deno.writeTextFile(mark, wrong);
      strictEqual(kindNow(), "copied", wrong);
    }
    await Deno.writeTextFile(mark, text);
    strictEqual(kindNow(), "own");
  },
);

Deno.test(
  "the folder of another user counts for nothing, and nobody knows what it says",
  { ignore: ON_LINUX.ignore || !isRoot() },
  async () => {
    await using folder = await makeFolder();
    const dir = stateDirOf(folder.path);
    ensureStateDir(dir);
    await Deno.chown(dir.path, NOBODY, NOBODY);
    deepStrictEqual(dir.origin(), { kind: "refused", problem: "owner" });
    strictEqual(recordNames(dir), undefined);
    throws(() => ensureStateDir(dir), (error) => {
      return error instanceof Error &&
        Reflect.get(error.cause ?? {}, "problem") === "owner";
    });
  },
);

Deno.test(
  "wide modes are corrected, also of what lies in the folder",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const dir = stateDirOf(folder.path);
    ensureStateDir(dir);
    const log = `${dir.logs}/api.log`;
    await Deno.writeTextFile(log, "password\n");
    const paths = [dir.path, dir.runs, dir.logs, log];
    for (const path of paths) await Deno.chmod(path, 0o777);
    ensureStateDir(dir);
    const modes = paths.map((path) => (Deno.statSync(path).mode ?? 0) & 0o777);
    deepStrictEqual(modes, [0o700, 0o700, 0o700, 0o600]);
    strictEqual(await Deno.readTextFile(log), "password\n");
  },
);

Deno.test(
  "many that make the folder at once agree on one mark",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const module = import.meta.resolve("./state_dir.ts");
    const source = `
    const { ensureStateDir, stateDirOf } = await import(${
      JSON.stringify(module)
    });
    const dir = stateDirOf(${JSON.stringify(folder.path)});
    const aside = ensureStateDir(dir);
    console.log(dir.origin().key, aside.length);`;
    const runs = Array.from(
      { length: 6 },
      () =>
        new Deno.Command(Deno.execPath(), {
          args: ["eval", "--no-lock", source],
          cwd: new URL("../../../", import.meta.url).pathname,
        }).output(),
    );
    const said = (await Promise.all(runs)).map(({ stdout, stderr }) =>
      new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr)
    );
    match(said[0] ?? "", /^[0-9a-f-]{36} 0\n$/);
    strictEqual(new Set(said).size, 1, said.join(""));
  },
);
