import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ON_POSIX } from "../../tests/kit/os_tags.ts";
import { join } from "../core/path.ts";
import { locateConfig } from "./locate.ts";

Deno.test("locateConfig() takes the nearest file, from any folder below it", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    const deep = join(root, "a", "b", "c");
    await Deno.mkdir(deep, { recursive: true });
    await Deno.writeTextFile(join(root, "services.toml"), "");
    const file = join(root, "services.toml");
    deepStrictEqual(locateConfig(root), { file });
    deepStrictEqual(locateConfig(deep), { file });

    // A folder of that name is no file.
    await Deno.mkdir(join(root, "a", "b", "services.toml"));
    deepStrictEqual(locateConfig(deep), { file });

    const nearer = join(root, "a", "services.toml");
    await Deno.writeTextFile(nearer, "");
    deepStrictEqual(locateConfig(deep), { file: nearer });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("locateConfig() says which folders it searched", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    const found = locateConfig(join(root, "not", "there"));
    ok("searched" in found);
    deepStrictEqual(found.searched.slice(0, 3), [
      join(root, "not", "there"),
      join(root, "not"),
      root,
    ]);
    strictEqual(found.searched.at(-1), join(root, ...Array(99).fill("..")));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test(
  "locateConfig() takes no file of another user from a folder above",
  ON_POSIX,
  async () => {
    const root = await Deno.realPath(await Deno.makeTempDir());
    try {
      const file = join(root, "services.toml");
      const below = join(root, "below");
      await Deno.mkdir(below);
      await Deno.writeTextFile(file, "");
      const owner = Deno.uid() ?? 0;
      const somebody = () => owner + 1;
      deepStrictEqual(locateConfig(below, somebody), { foreign: file, owner });
      deepStrictEqual(locateConfig(below, () => undefined), {
        foreign: file,
        owner,
      });
      deepStrictEqual(locateConfig(below), { file });

      // In its own folder it was chosen by who called devsvc there.
      const unasked = () => {
        throw new Error("Cannot be asked: it takes time");
      };
      deepStrictEqual(locateConfig(root, unasked), { file });
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
);
