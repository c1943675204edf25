/** The install script of Windows. */

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

/** Makes a program that tells a version, by the compiler of PowerShell 5.1. */
async function standIn(
  folder: string,
  version: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = `${folder}\\stand-in-${version}.exe`;
  const code = "class P { static void Main() { " +
    `System.Console.WriteLine("${version}"); } }`;
  const { success, stderr } = await new Deno.Command("powershell.exe", {
    args: [
      "-NoProfile",
      "-Command",
      `Add-Type -TypeDefinition '${code}' -OutputAssembly '${path}' ` +
      "-OutputType ConsoleApplication",
    ],
  }).output();
  ok(success, new TextDecoder().decode(stderr));
  return await Deno.readFile(path);
}

Deno.test(
  "install.ps1 installs what was released, and nothing else",
  ON_REAL_WINDOWS,
  async () => {
    await using home = await makeFolder();
    const folder = `${home.path}\\mes outils`;
    const executable = await standIn(home.path, "9.8.7");
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
    const unsafe = await install("http://192.0.2.1", folder);
    strictEqual(unsafe.code, 1, unsafe.text);
    match(unsafe.text, /cannot download from \S+: expected https:\/\//);
    await Deno.mkdir(folder, { recursive: true });
    const left = await Array.fromAsync(Deno.readDir(folder));
    strictEqual(left.length, 0);

    const { code, text } = await install(served.base, folder);
    strictEqual(code, 0, text);
    match(text, /^devsvc 9\.8\.7 is installed/);
    const names = await Array.fromAsync(Deno.readDir(folder), (e) => e.name);
    strictEqual(names.join(), "devsvc.exe");
    ok((await Deno.stat(`${folder}\\devsvc.exe`)).size === executable.length);
  },
);

Deno.test(
  "install.ps1 installs the version that was asked for, and no older one",
  ON_REAL_WINDOWS,
  async () => {
    await using home = await makeFolder();
    const folder = `${home.path}\\tools`;
    const path = `${folder}\\devsvc.exe`;
    const [older, newer] = await Promise.all(
      ["1.9.0", "1.10.0"].map((version) => standIn(home.path, version)),
    );
    await Deno.mkdir(folder);
    await Deno.writeFile(path, newer ?? new Uint8Array());
    const before = (await Deno.stat(path)).mtime?.getTime();

    const refused: [Parameters<typeof release>, readonly string[], RegExp][] = [
      [
        ["1.9.0", { executable: older, servedAs: "2.0.0" }],
        ["2.0.0"],
        /has version 1\.9\.0, and 2\.0\.0 was asked for/,
      ],
      [
        ["2.0.0", { executable: older }],
        [],
        /does not say that it is version 2\.0\.0/,
      ],
      [
        ["1.9.0", { executable: older }],
        [],
        /version 1\.10\.0 is installed, and 1\.9\.0 is older: give -Downgrade/,
      ],
      [["1.9.0", { executable: older }], ["..\\1"], /is no version/],
    ];
    for (const [options, args, words] of refused) {
      await using served = await release(...options);
      const { code, text } = await install(served.base, folder, ...args);
      strictEqual(code, 1, text);
      match(text, words);
      strictEqual((await Deno.stat(path)).mtime?.getTime(), before);
    }

    await using served = await release("1.9.0", { executable: older });
    const { code, text } = await install(served.base, folder, "-Downgrade");
    strictEqual(code, 0, text);
    match(text, /^devsvc 1\.9\.0 is installed/);
  },
);
