import { strictEqual, throws } from "node:assert/strict";
import { ON_POSIX } from "../../../tests/kit/os_tags.ts";
import { join } from "../../core/path.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import {
  ensureStateDir,
  logOf,
  StateDirError,
  stateDirOf,
} from "./state_dir.ts";

Deno.test("stateDirOf() keeps everything below .devsvc, in the style of the path", () => {
  const posix = stateDirOf("/home/ada/shop");
  strictEqual(posix.path, "/home/ada/shop/.devsvc");
  strictEqual(logOf(posix, "api"), "/home/ada/shop/.devsvc/logs/api.log");
  const windows = stateDirOf("C:\\shop");
  strictEqual(windows.lock, "C:\\shop\\.devsvc\\lock");
});

Deno.test(
  "ensureStateDir() creates folders for their owner only",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const dir = stateDirOf(folder.path);
    ensureStateDir(dir);
    for (const path of [dir.path, dir.runs, dir.logs]) {
      const { mode } = await Deno.stat(path);
      strictEqual((mode ?? 0) & 0o777, 0o700, path);
    }
  },
);

Deno.test("ensureStateDir() keeps its folder out of git", async () => {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  strictEqual(await Deno.readTextFile(`${dir.path}/.gitignore`), "*\n");
});

Deno.test("ensureStateDir() keeps the files that exist", async () => {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  await Deno.writeTextFile(logOf(dir, "api"), "hello\n");
  ensureStateDir(dir);
  strictEqual(await Deno.readTextFile(logOf(dir, "api")), "hello\n");
});

Deno.test("ensureStateDir() names the file that is in the place of its folder", async () => {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  await Deno.writeTextFile(dir.path, "");
  throws(() => ensureStateDir(dir), (error) => {
    return error instanceof StateDirError && error.path === dir.path &&
      error.cause instanceof Error;
  });
});

Deno.test("ensureStateDir() names the folder that is in the place of a file", async () => {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  await Deno.remove(`${dir.path}/.gitignore`);
  await Deno.mkdir(`${dir.path}/.gitignore`);
  throws(() => ensureStateDir(dir), {
    name: "StateDirError",
    path: join(dir.path, ".gitignore"),
  });
});
