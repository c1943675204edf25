/**
 * The install scripts, against a server of their own with archives made like
 * those of a release. In these the executable is a stand-in that tells a version.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ON_POSIX } from "../kit/os_tags.ts";
import { makeFolder, type TestFolder } from "../kit/test_process.ts";
import type { Run } from "../kit/run_devsvc.ts";
import { fromFileUrl } from "../kit/paths.ts";
import { writeProgram } from "../kit/program.ts";
import { release } from "./release.ts";

const SCRIPT = fromFileUrl(
  new URL("../../install/install.sh", import.meta.url),
);

/** Runs the script in a home of its own, without proxies. */
async function install(
  home: TestFolder,
  { base }: { readonly base: string },
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const output = await new Deno.Command("/bin/sh", {
    args: [SCRIPT, ...args],
    cwd: home.path,
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: home.path,
      TMPDIR: await temporaryIn(home),
      DEVSVC_DOWNLOAD_BASE: base,
      ...env,
    },
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

async function temporaryIn({ path }: TestFolder): Promise<string> {
  await Deno.mkdir(`${path}/tmp`, { recursive: true });
  return `${path}/tmp`;
}

/** Every file and folder below a folder. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (path: string) => {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      const inner = `${path}/${name}`;
      found.push(inner.slice(folder.length + 1));
      if (isDirectory) await walk(inner);
    }
  };
  await walk(folder);
  return found.toSorted();
}

async function versionAt(path: string): Promise<string> {
  const { stdout } = await new Deno.Command(path).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test(
  "install.sh installs the newest version, which runs",
  ON_POSIX,
  async () => {
    await using home = await makeFolder();
    await using served = await release("9.8.7");
    const { code, stdout, stderr } = await install(home, served);
    strictEqual(code, 0, stderr);
    strictEqual(stderr, "");
    const path = `${home.path}/.local/bin/devsvc`;
    match(stdout, new RegExp(`^devsvc 9\\.8\\.7 is installed: ${path}\n`));
    match(stdout, /add .*\/\.local\/bin to PATH/);
    strictEqual(await versionAt(path), "9.8.7");
    deepStrictEqual(await filesIn(home.path), [
      ".local",
      ".local/bin",
      ".local/bin/devsvc",
      "tmp",
    ]);
    ok(served.asked.every((path) => path.startsWith("/latest/download/")));
  },
);

Deno.test(
  "install.sh replaces a version by the one that is named",
  ON_POSIX,
  async () => {
    await using home = await makeFolder();
    const folder = `${home.path}/mes outils à moi`;
    for (const [version, word] of [["1.0.0", "1.0.0"], ["1.1.0", "v1.1.0"]]) {
      await using served = await release(version ?? "");
      const { code, stdout, stderr } = await install(
        home,
        served,
        [word ?? ""],
        {
          DEVSVC_INSTALL: folder,
          PATH: `${folder}:${Deno.env.get("PATH")}`,
        },
      );
      strictEqual(code, 0, stderr);
      ok(!stdout.includes("PATH"), stdout);
      strictEqual(await versionAt(`${folder}/devsvc`), version);
    }
    deepStrictEqual(await filesIn(folder), ["devsvc"]);
  },
);

Deno.test(
  "install.sh works with wget where there is no curl",
  ON_POSIX,
  async () => {
    await using home = await makeFolder();
    const tools = `${home.path}/tools`;
    await Deno.mkdir(tools);
    const names = ["uname", "cut", "grep", "tar", "gzip", "mktemp", "mkdir"];
    const more = ["rm", "cp", "mv", "chmod", "sha256sum", "shasum", "wget"];
    for (const name of [...names, ...more]) {
      const path = await which(name);
      if (path) await Deno.symlink(path, `${tools}/${name}`);
    }
    await using served = await release("2.0.0");
    const { code, stderr } = await install(home, served, [], { PATH: tools });
    if (await which("wget")) strictEqual(code, 0, stderr);
    else match(stderr, /^devsvc: curl or wget is needed [^\n]*\n/);
  },
);

async function which(name: string): Promise<string | undefined> {
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", `command -v ${name}`],
  }).output();
  return new TextDecoder().decode(stdout).trim() || undefined;
}

/** What is wrong, and the one line that says so. */
const REFUSALS: readonly {
  readonly name: string;
  readonly release: Parameters<typeof release>;
  readonly args?: readonly string[];
  readonly words: RegExp;
}[] = [
  {
    name: "an archive that is not what was released",
    release: ["9.8.7", { spoil: "archive" }],
    words: /is not what was released: its checksum is [\da-f]{64}, expected/,
  },
  {
    name: "a version that was never released",
    release: ["9.8.7"],
    args: ["1.2.3"],
    words: /cannot download .*\/download\/v1\.2\.3\/SHA256SUMS: is 1\.2\.3 a/,
  },
  {
    name: "a release without a build for this machine",
    release: ["9.8.7", { spoil: "platform" }],
    words: /there is no build for (linux|macos)-\w+ in http/,
  },
  {
    name: "a build that does not run here",
    release: ["9.8.7", {
      executable: new TextEncoder().encode("#!/bin/sh\nexit 127\n"),
    }],
    words: /does not run here/,
  },
];

for (const { name, release: options, args, words } of REFUSALS) {
  Deno.test(
    `install.sh refuses ${name}, and leaves what was there`,
    ON_POSIX,
    async () => {
      await using home = await makeFolder();
      const folder = `${home.path}/.local/bin`;
      writeProgram(`${folder}/devsvc`, "echo 0.0.1");
      await using served = await release(...options);
      const { code, stdout, stderr } = await install(home, served, args);
      strictEqual(code, 1);
      strictEqual(stdout, "");
      match(stderr, words);
      match(stderr, /^devsvc: [^\n]*\n$/);
      strictEqual(await versionAt(`${folder}/devsvc`), "0.0.1");
      deepStrictEqual(await filesIn(home.path), [
        ".local",
        ".local/bin",
        ".local/bin/devsvc",
        "tmp",
      ]);
    },
  );
}

Deno.test(
  "install.sh says when there is no server, and when it may not write",
  ON_POSIX,
  async () => {
    await using home = await makeFolder();
    const nowhere = await install(home, { base: "http://127.0.0.1:1" });
    strictEqual(nowhere.code, 1);
    match(nowhere.stderr, /^devsvc: cannot download [^\n]*\n$/);

    await using served = await release("9.8.7");
    await Deno.writeTextFile(`${home.path}/file`, "");
    const blocked = await install(home, served, [], {
      DEVSVC_INSTALL: `${home.path}/file/bin`,
    });
    strictEqual(blocked.code, 1);
    match(
      blocked.stderr,
      /devsvc: cannot make .*; name another one with DEVSVC_INSTALL\n$/,
    );
    deepStrictEqual(await filesIn(home.path), ["file", "tmp"]);
  },
);
