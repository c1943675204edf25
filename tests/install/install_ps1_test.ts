/** The install script of Windows; there the stand-in is Deno itself. */

import { match, ok, strictEqual } from "node:assert/strict";
import { ON_REAL_WINDOWS } from "../kit/os_tags.ts";
import { makeFolder } from "../kit/test_process.ts";
import { fromFileUrl } from "../kit/paths.ts";
import { release } from "./release.ts";

const SCRIPT = fromFileUrl(
  new URL("../../install/install.ps1", import.meta.url),
);

async function install(
  base: string,
  folder: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly text: string }> {
  const { code, stdout, stderr } = await new Deno.Command("powershell.exe", {
    args: [
      ...["-NoProfile", "-ExecutionPolicy", "Bypass", "-File", SCRIPT],
      ...args,
    ],
    env: { DEVSVC_DOWNLOAD_BASE: base, DEVSVC_INSTALL: folder },
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test(
  "install.ps1 installs what was released, and nothing else",
  ON_REAL_WINDOWS,
  async () => {
    await using home = await makeFolder();
    const folder = `${home.path}\\mes outils`;
    const executable = await Deno.readFile(Deno.execPath());
    {
      await using spoiled = await release("9.8.7", {
        executable,
        spoil: "archive",
      });
      const { code, text } = await install(spoiled.base, folder);
      strictEqual(code, 1, text);
      match(text, /devsvc: .* is not what was released/);
    }
    await using served = await release("9.8.7", { executable });
    const missing = await install(served.base, folder, "1.2.3");
    strictEqual(missing.code, 1, missing.text);
    match(missing.text, /is 1\.2\.3 a released version/);
    await Deno.mkdir(folder, { recursive: true });
    const left = await Array.fromAsync(Deno.readDir(folder));
    strictEqual(left.length, 0);

    const { code, text } = await install(served.base, folder);
    strictEqual(code, 0, text);
    match(text, /^devsvc deno \d/);
    const names = await Array.fromAsync(Deno.readDir(folder), (e) => e.name);
    strictEqual(names.join(), "devsvc.exe");
    ok((await Deno.stat(`${folder}\\devsvc.exe`)).size === executable.length);
  },
);
