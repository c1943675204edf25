import {
  deepStrictEqual,
  ok,
  rejects,
  strictEqual,
  throws,
} from "node:assert/strict";
import { ON_POSIX } from "../../../tests/kit/os_tags.ts";
import { isRoot } from "../../../tests/kit/run_devsvc.ts";
import { NOBODY } from "../../../tests/kit/sandbox.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import type { PathProblem } from "../../core/model.ts";
import { systemFileSystem } from "../../platform/file_system.ts";
import { writeAtomically } from "./atomic_file.ts";
import {
  GROWING_READ_MAX,
  READ_MAX,
  UntrustedPathError,
} from "./guarded_files.ts";
import { lockFile } from "./file_lock.ts";
import { markReported, readRunRecord, recordFile } from "./run_record.ts";
import { ensureStateDir, type StateDir, stateDirOf } from "./state_dir.ts";

interface Site extends AsyncDisposable {
  readonly dir: StateDir;
  /** A folder and a file of the user, outside of `.devsvc`. */
  readonly home: string;
  readonly precious: string;
}

const PRECIOUS = "precious\n";

async function makeSite(): Promise<Site> {
  const folder = await makeFolder();
  const root = `${folder.path}/project`;
  const home = `${folder.path}/home`;
  const precious = `${home}/a.json`;
  await Deno.mkdir(root);
  await Deno.mkdir(home);
  await Deno.writeTextFile(precious, PRECIOUS, { mode: 0o644 });
  const dir = stateDirOf(root);
  ensureStateDir(dir);
  return {
    dir,
    home,
    precious,
    [Symbol.asyncDispose]: async () => {
      strictEqual(await Deno.readTextFile(precious), PRECIOUS);
      const { mode } = await Deno.stat(precious);
      if (!ON_POSIX.ignore) strictEqual((mode ?? 0) & 0o777, 0o644);
      const names = await Array.fromAsync(Deno.readDir(home));
      deepStrictEqual(names.map(({ name }) => name), ["a.json"]);
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function run(program: string, ...args: readonly string[]): Promise<void> {
  const { code } = await new Deno.Command(program, { args: [...args] })
    .output();
  strictEqual(code, 0, program);
}

/** What can be in the place of a file of `.devsvc`. */
const BAD: readonly {
  readonly title: string;
  readonly problem: PathProblem;
  readonly ignore?: boolean;
  readonly put: (file: string, site: Site) => Promise<void>;
}[] = [
  {
    title: "a link to a file",
    problem: "link",
    put: (file, { precious }) => Deno.symlink(precious, file),
  },
  {
    title: "a link to nothing",
    problem: "link",
    put: (file, { home }) => Deno.symlink(`${home}/new`, file),
  },
  {
    title: "a link to a device that never ends",
    problem: "link",
    put: (file) => Deno.symlink("/dev/zero", file),
  },
  {
    title: "a pipe",
    problem: "kind",
    put: (file) => run("mkfifo", file),
  },
  {
    title: "a device",
    problem: "kind",
    ignore: !isRoot(),
    put: (file) => run("mknod", file, "c", "1", "5"),
  },
  {
    title: "a folder",
    problem: "kind",
    put: (file) => Deno.mkdir(file),
  },
  {
    title: "a second name of a file of the user",
    problem: "hard-link",
    put: (file, { precious }) => Deno.link(precious, file),
  },
  {
    title: "a file of another user",
    problem: "owner",
    ignore: !isRoot(),
    put: async (file) => {
      await Deno.writeTextFile(file, "{}");
      await Deno.chown(file, NOBODY, NOBODY);
    },
  },
];

/** Every operation on a file that is there. */
const USES: Readonly<
  Record<string, (dir: StateDir, file: string) => unknown>
> = {
  readTextFileSync: ({ fs }, file) => fs.readTextFileSync(file),
  readFile: ({ fs }, file) => fs.readFile(file),
  statSync: ({ fs }, file) => fs.statSync(file),
  "open to read": ({ fs }, file) => fs.open(file),
  "open to append": ({ fs }, file) =>
    fs.open(file, { append: true, create: true }),
  "open to overwrite": ({ fs }, file) =>
    fs.openSync(file, { write: true, create: true, truncate: true }),
  "write a text": ({ fs }, file) => fs.writeTextFileSync(file, "x"),
  "append a text": ({ fs }, file) =>
    fs.writeTextFileSync(file, "x", { append: true }),
  truncate: ({ fs }, file) => fs.truncate(file, 0),
  chmodSync: ({ fs }, file) => fs.chmodSync(file, 0o777),
  "rename from": ({ fs }, file) => fs.renameSync(file, `${file}.2`),
  lock: ({ fs }, file) => lockFile(fs, file),
};

for (const { title, problem, put, ignore = false } of BAD) {
  Deno.test(
    `no operation reads, writes or follows ${title}`,
    { ignore: ON_POSIX.ignore || ignore },
    async () => {
      for (const place of ["runs/a.json", "logs/a.log", "lock"]) {
        await using site = await makeSite();
        const file = `${site.dir.path}/${place}`;
        await put(file, site);
        const before = await Deno.lstat(file);
        for (const [name, use] of Object.entries(USES)) {
          await rejects(
            async () => await use(site.dir, file),
            (error) =>
              error instanceof UntrustedPathError &&
              error.problem === problem && error.path === file,
            `${name} ${place}`,
          );
        }
        strictEqual((await Deno.lstat(file)).ino, before.ino);
      }
    },
  );

  Deno.test(
    `a run record that is ${title} is unreadable`,
    { ignore: ON_POSIX.ignore || ignore },
    async () => {
      await using site = await makeSite();
      const file = recordFile(site.dir, "a");
      await put(file, site);
      deepStrictEqual(readRunRecord(site.dir, "a"), {
        kind: "unreadable",
        file,
        problem,
      });
    },
  );
}

Deno.test(
  "no operation goes through a folder that is a link",
  ON_POSIX,
  async () => {
    for (const folder of ["runs", "logs"]) {
      await using site = await makeSite();
      const path = `${site.dir.path}/${folder}`;
      await Deno.remove(path);
      await Deno.symlink(site.home, path);
      const more: typeof USES = {
        ...USES,
        removeSync: ({ fs }, file) => fs.removeSync(file),
        readDirSync: ({ fs }) => fs.readDirSync(path),
        watchFs: ({ fs }) => fs.watchFs(path),
        mkdirSync: ({ fs }) => fs.mkdirSync(path),
        "make inside": ({ fs }) => fs.mkdirSync(`${path}/x`),
        "write a new one": ({ fs }) => writeAtomically(fs, `${path}/new`, "x"),
      };
      for (const [name, use] of Object.entries(more)) {
        await rejects(
          async () => await use(site.dir, `${path}/a.json`),
          { name: "UntrustedPathError", path, problem: "link" },
          `${name} ${folder}`,
        );
      }
      throws(() => ensureStateDir(site.dir), { name: "StateDirError", path });
    }
  },
);

Deno.test("no operation leaves the folder", ON_POSIX, async () => {
  await using site = await makeSite();
  const { dir, precious } = site;
  for (
    const path of [
      precious,
      `${dir.path}/../../home/a.json`,
      `${dir.path}/runs/../../../home/a.json`,
      `${dir.path}/runs/./a.json`,
      `${dir.path}2/a.json`,
      dir.path,
      "",
    ]
  ) {
    throws(() => dir.fs.readTextFileSync(path), { problem: "outside" }, path);
    throws(() => dir.fs.removeSync(path), { problem: "outside" }, path);
    throws(() => dir.fs.writeTextFileSync(path, ""), { problem: "outside" });
    throws(
      () => dir.fs.renameSync(`${dir.path}/.gitignore`, path),
      { problem: "outside" },
    );
  }
});

Deno.test(
  "a link in the place of a draft, a new name or a removed file is not followed",
  ON_POSIX,
  async () => {
    await using site = await makeSite();
    const { dir, precious } = site;
    const file = recordFile(dir, "a");
    await Deno.symlink(precious, file);
    writeAtomically(dir.fs, file, "{}");
    ok((await Deno.lstat(file)).isFile, "the link itself was replaced");
    await Deno.remove(file);
    await Deno.symlink(precious, file);
    dir.fs.removeSync(file);
    await rejects(Deno.lstat(file), Deno.errors.NotFound);
  },
);

Deno.test(
  "a file that changes between the check and the open is not used",
  ON_POSIX,
  async () => {
    await using site = await makeSite();
    const { dir, precious } = site;
    const file = recordFile(dir, "a");
    await Deno.writeTextFile(file, "{}");
    // Another process acts right after devsvc has checked the file.
    const swapped = stateDirOf(`${dir.path}/..`.replace("/.devsvc/..", ""), {
      ...dir.raw,
      lstatSync: (path) => {
        const info = Deno.lstatSync(path);
        if (String(path) === file && info.isFile) {
          Deno.removeSync(file);
          Deno.symlinkSync(precious, file);
        }
        return info;
      },
    });
    throws(() => swapped.fs.readTextFileSync(file), UntrustedPathError);
    await Deno.remove(file);
    const planted = stateDirOf(swapped.path.replace("/.devsvc", ""), {
      ...dir.raw,
      lstatSync: (path) => {
        try {
          return Deno.lstatSync(path);
        } catch (error) {
          if (String(path) === file) Deno.symlinkSync(precious, file);
          throw error;
        }
      },
    });
    throws(() => planted.fs.writeTextFileSync(file, "x"), (error) => {
      return error instanceof UntrustedPathError ||
        error instanceof Deno.errors.AlreadyExists;
    });
  },
);

Deno.test("a file that is too large is not read", async () => {
  await using site = await makeSite();
  const { fs, runs, logs } = site.dir;
  const files = [[`${runs}/a.json`, READ_MAX], [
    `${logs}/a.times`,
    GROWING_READ_MAX,
  ]] as const;
  for (const [file, max] of files) {
    using handle = await Deno.create(file);
    await handle.truncate(max + 1);
    throws(() => fs.readTextFileSync(file), { problem: "size" });
    await handle.truncate(10);
    strictEqual(fs.readTextFileSync(file).length, 10);
  }
});

Deno.test(
  "files are made for their owner only, whatever the umask",
  ON_POSIX,
  async () => {
    await using site = await makeSite();
    const { dir } = site;
    const umask = Deno.umask(0);
    try {
      dir.fs.writeTextFileSync(dir.journal, "x", { append: true });
      writeAtomically(dir.fs, dir.statusFile, "{}");
      (await lockFile(dir.fs, dir.lock))?.[Symbol.dispose]();
      const record = { service: "a", run: crypto.randomUUID() };
      ok(markReported(dir, record as Parameters<typeof markReported>[1]));
      const marker = `${recordFile(dir, "a")}.${record.run}.reported`;
      for (const file of [dir.journal, dir.statusFile, dir.lock, marker]) {
        strictEqual(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600, file);
      }
    } finally {
      Deno.umask(umask);
    }
  },
);

Deno.test("a folder that another devsvc makes at the same instant is taken", async () => {
  await using folder = await makeFolder();
  const others: string[] = [];
  const dir = stateDirOf(folder.path, {
    ...systemFileSystem,
    mkdirSync: (path, options) => {
      systemFileSystem.mkdirSync(path, options);
      if (options?.recursive) return;
      others.push(String(path));
      throw new Deno.errors.AlreadyExists(String(path));
    },
  });
  deepStrictEqual(ensureStateDir(dir), []);
  deepStrictEqual(others, [dir.logs, dir.work]);
});
