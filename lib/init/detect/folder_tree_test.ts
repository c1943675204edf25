import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import { MAX_FOLDERS, openTree, within } from "./folder_tree.ts";

function lay(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const at = path.lastIndexOf("/");
    const folder = at === -1 ? root : `${root}/${path.slice(0, at)}`;
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(`${root}/${path}`, text);
  }
}

Deno.test("openTree() lists the project three folders deep, without what was installed or built", async () => {
  await using folder = await makeFolder();
  const root = folder.path;
  lay(root, {
    "b.txt": "",
    "a.txt": "",
    "apps/shop/web/x": "",
    "apps/shop/web/deep/y": "",
    "node_modules/vite/package.json": "{}",
    "apps/node_modules/z": "",
    ".venv/bin/python": "",
    ".git/config": "",
    "dist/index.html": "",
    "tests/app.py": "",
  });
  const tree = openTree(root);
  deepStrictEqual(tree.folders, ["", "apps", "apps/shop", "apps/shop/web"]);
  deepStrictEqual(tree.files(""), ["a.txt", "b.txt"]);
  deepStrictEqual(tree.files("node_modules"), []);
  ok(tree.has(".venv/bin/python"));
  ok(tree.has("apps/node_modules"));
  ok(!tree.has("apps/none"));
});

Deno.test("openTree() follows no link", async () => {
  await using folder = await makeFolder();
  const root = folder.path;
  lay(root, { "api/main.py": "x" });
  await Deno.symlink(root, `${root}/api/loop`, { type: "dir" });
  deepStrictEqual(openTree(root).folders, ["", "api"]);
});

Deno.test("openTree() searches at most MAX_FOLDERS folders", async () => {
  await using folder = await makeFolder();
  const root = folder.path;
  for (let at = 0; at < MAX_FOLDERS + 20; at++) {
    await Deno.mkdir(`${root}/f${at}`);
  }
  strictEqual(openTree(root).folders.length, MAX_FOLDERS);
});

Deno.test("openTree() reads UTF-8, UTF-16 and the code page of Windows, with any line end", async () => {
  await using folder = await makeFolder();
  const root = folder.path;
  const write = (name: string, bytes: readonly number[]) =>
    Deno.writeFileSync(`${root}/${name}`, new Uint8Array(bytes));
  write("utf8", [0xc3, 0xa9, 0x0d, 0x0a, 0x61]);
  write("ansi", [0xe9, 0x0d, 0x61]);
  write("utf16", [0xff, 0xfe, 0xe9, 0, 0x0a, 0, 0x61, 0]);
  const tree = openTree(root);
  for (const name of ["utf8", "ansi", "utf16"]) {
    strictEqual(tree.read(name)?.replace("\ufeff", ""), "é\na", name);
  }
  strictEqual(tree.read("none"), undefined);
  strictEqual(tree.read(""), undefined);
});

Deno.test("openTree() reads no file of more than 512 KiB", async () => {
  await using folder = await makeFolder();
  const root = folder.path;
  await Deno.writeTextFile(`${root}/big.py`, "x".repeat(600 * 1024));
  strictEqual(openTree(root).read("big.py"), undefined);
});

Deno.test("within() joins paths and stays inside", () => {
  strictEqual(within("", "a/b"), "a/b");
  strictEqual(within("a", ".\\b\\"), "a/b");
  strictEqual(within("a/b", "../c"), "a/c");
  strictEqual(within("a", ".."), "");
  strictEqual(within("a", "../.."), undefined);
});
