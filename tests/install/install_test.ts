/**
 * The install scripts, against a server of their own with archives made like
 * those of a release. In these the executable is a stand-in that tells a version.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ON_LINUX, ON_POSIX } from "../kit/os_tags.ts";
import { makeFolder, type TestFolder } from "../kit/test_process.ts";
import type { Run } from "../kit/run_devsvc.ts";
import { fromFileUrl } from "../kit/paths.ts";
import { writeProgram } from "../kit/program.ts";
import { release, standIn } from "./release.ts";

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
    const tools = await toolsWith(home, "wget");
    await using served = await release("2.0.0");
    const { code, stderr } = await install(home, served, [], { PATH: tools });
    if (await which("wget")) strictEqual(code, 0, stderr);
    else match(stderr, /^devsvc: curl or wget is needed [^\n]*\n/);
  },
);

/** Makes a folder with all that the script calls, and one program to download. */
async function toolsWith(home: TestFolder, program: string): Promise<string> {
  const tools = `${home.path}/tmp/tools`;
  await Deno.mkdir(tools, { recursive: true });
  const names = ["uname", "cut", "grep", "tar", "gzip", "mktemp", "mkdir"];
  const more = ["rm", "cp", "mv", "chmod", "expr", "sha256sum", "shasum"];
  for (const name of [...names, ...more, program]) {
    const path = await which(name);
    if (path) await Deno.symlink(path, `${tools}/${name}`);
  }
  return tools;
}

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
  {
    name: "a release that has another version than was asked for",
    release: ["1.0.0", { servedAs: "2.0.0" }],
    args: ["2.0.0"],
    words: /has version 1\.0\.0, and 2\.0\.0 was asked for; nothing was/,
  },
  {
    name: "a program of another version than its archive",
    release: ["9.8.7", { executable: standIn("1.0.0") }],
    words: /devsvc-9\.8\.7-\S+ does not say that it is version 9\.8\.7/,
  },
  {
    name: "an older version than the one that is there",
    release: ["0.0.1-rc.1"],
    words: /version 0\.0\.1 is installed, and 0\.0\.1-rc\.1 is older: give --/,
  },
  {
    name: "an older version that is named",
    release: ["0.0.0"],
    args: ["v0.0.0"],
    words: /version 0\.0\.1 is installed, and 0\.0\.0 is older: give --down/,
  },
  {
    name: "what is no version",
    release: ["9.8.7"],
    args: ["../../9.8.7"],
    words: /\.\.\/\.\.\/9\.8\.7 is no version: expected one such as 1\.2\.3/,
  },
  {
    name: "an option that it has not",
    release: ["9.8.7"],
    args: ["--force"],
    words: /there is no option --force: expected --downgrade or a version/,
  },
  {
    name: "two versions",
    release: ["9.8.7"],
    args: ["9.8.7", "9.8.6"],
    words: /two versions were given, 9\.8\.7 and 9\.8\.6: expected one/,
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
  "install.sh runs nothing that has not the checksum of the release",
  ON_POSIX,
  async () => {
    await using home = await makeFolder();
    const ran = `${home.path}/ran`;
    await using served = await release("9.8.7", {
      executable: new TextEncoder().encode(`#!/bin/sh\n: >'${ran}'\n`),
      spoil: "checksum",
    });
    const { code, stderr } = await install(home, served);
    strictEqual(code, 1);
    match(stderr, /is not what was released: its checksum is/);
    deepStrictEqual(await filesIn(home.path), ["tmp"]);
  },
);

Deno.test(
  "install.sh replaces a newer version only where that was said",
  ON_POSIX,
  async () => {
    await using home = await makeFolder();
    const path = `${home.path}/.local/bin/devsvc`;
    await using served = await release("1.9.0");
    for (
      const [args, env] of [
        [["--downgrade"], {}],
        [["1.9.0", "--downgrade"], {}],
        [[], { DEVSVC_DOWNGRADE: "1" }],
      ] as const
    ) {
      writeProgram(path, "echo 1.10.0");
      const refused = await install(home, served, [], {
        DEVSVC_DOWNGRADE: "0",
      });
      strictEqual(refused.code, 1);
      strictEqual(await versionAt(path), "1.10.0");
      const { code, stderr } = await install(home, served, args, env);
      strictEqual(code, 0, stderr);
      strictEqual(await versionAt(path), "1.9.0");
    }
  },
);

/** What is there, what is offered, and whether that is older. */
const ORDERS: readonly (readonly [string, string, boolean])[] = [
  ["1.0.0", "1.0.0", false],
  ["1.0.0", "10.0.0", false],
  ["1.0.10", "1.0.9", true],
  ["1.0.0-rc.1", "1.0.0", false],
  ["1.0.0-rc.10", "1.0.0-rc.9", true],
  ["1.0.0-rc.1", "1.0.0-rc", true],
  ["1.0.0-a-c", "1.0.0-a-b", true],
  ["1.0.0-a", "1.0.0-1", true],
  ["1.0.0+a", "1.0.0+b", false],
  // What is there is not devsvc, or too old to say its version.
  ["usage: devsvc", "1.0.0", false],
];

Deno.test("install.sh knows which version is older", ON_POSIX, async () => {
  for (const [present, offered, isOlder] of ORDERS) {
    await using home = await makeFolder();
    writeProgram(`${home.path}/.local/bin/devsvc`, `echo '${present}'`);
    await using served = await release(offered);
    const { code, stderr } = await install(home, served);
    strictEqual(code, isOlder ? 1 : 0, `${present} → ${offered}: ${stderr}`);
  }
});

Deno.test(
  "install.sh downloads by https, or from this machine",
  ON_POSIX,
  async () => {
    await using home = await makeFolder();
    for (
      const base of [
        "http://192.0.2.1/releases",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@192.0.2.1",
        "http://127.0.0.1:80@192.0.2.1:80/releases",
        "ftp://127.0.0.1/releases",
        "file:///releases",
        "releases",
      ]
    ) {
      const { code, stdout, stderr } = await install(home, { base });
      deepStrictEqual([code, stdout], [1, ""], base);
      match(
        stderr,
        /^devsvc: cannot download from \S+: expected https:\/\/, [^\n]*\n$/,
      );
    }
    deepStrictEqual(await filesIn(home.path), ["tmp"]);
  },
);

for (const tool of ["curl", "wget"]) {
  Deno.test(
    `install.sh follows no redirect to http, with ${tool}`,
    // Elsewhere curl may know no other certificates than those of the system.
    ON_LINUX,
    async () => {
      if (!await which(tool) || !await which("openssl")) return;
      await using home = await makeFolder();
      await using served = await release("9.8.7");
      await using secure = await makeSecure(home.path, served.base);
      const tools = await toolsWith(home, tool);
      const env = {
        PATH: tools,
        HOME: home.path,
        CURL_CA_BUNDLE: secure.certificate,
      };
      if (tool === "wget") {
        await Deno.writeTextFile(
          `${home.path}/.wgetrc`,
          `ca_certificate = ${secure.certificate}\n`,
        );
      }
      // The control: it trusts the server.
      const control = await install(
        home,
        { base: `${secure.base}/direct` },
        [],
        env,
      );
      strictEqual(control.code, 0, control.stderr);
      await Deno.remove(`${home.path}/.local`, { recursive: true });

      const asked = served.asked.length;
      const { code, stderr } = await install(
        home,
        { base: `${secure.base}/redirected` },
        [],
        env,
      );
      strictEqual(code, 1);
      match(stderr, /^devsvc: cannot download https:[^\n]*\n$/);
      if (tool === "curl") strictEqual(served.asked.length, asked);
      strictEqual(await Deno.stat(`${home.path}/.local`).catch(() => 0), 0);
    },
  );
}

/** A server with a certificate of its own in front of another one. */
interface Secure extends AsyncDisposable {
  readonly base: string;
  /** The file of its certificate. */
  readonly certificate: string;
}

/** Serves what another server has, at `/direct` itself, else by redirects. */
async function makeSecure(folder: string, from: string): Promise<Secure> {
  const certificate = `${folder}/tmp/certificate.pem`;
  const keyFile = `${folder}/tmp/key.pem`;
  await Deno.mkdir(`${folder}/tmp`, { recursive: true });
  const made = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-nodes", "-newkey", "ec", "-days", "2"],
      ...["-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=DNS:localhost"],
      ...["-keyout", keyFile, "-out", certificate],
    ],
    stderr: "null",
  }).output();
  ok(made.success);
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: await Deno.readTextFile(certificate),
    key: await Deno.readTextFile(keyFile),
    onListen: () => {},
  }, async ({ url }) => {
    const { pathname } = new URL(url);
    const [, way, ...path] = pathname.split("/");
    const to = `${from}/${path.join("/")}`;
    if (way !== "direct") return Response.redirect(to);
    const response = await fetch(to);
    return new Response(await response.bytes(), { status: response.status });
  });
  return {
    base: `https://localhost:${server.addr.port}`,
    certificate,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
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
