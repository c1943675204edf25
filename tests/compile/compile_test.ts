/**
 * What is compiled, read back out of the file.
 *
 * `deno compile` wants a runtime (denort) that it downloads; here the full Deno
 * stands in for it. It takes the section and ignores it, which is shown below:
 * so the file that lies in the executable is run instead, by Deno, with the
 * permissions that lie in the executable. The real one runs in release.yml.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { unzipSync } from "fflate";
import { unpackTar } from "modern-tar";
import { NtExecutable, NtExecutableResource, Resource } from "resedit";
import config from "../../deno.json" with { type: "json" };
import { makeFolder } from "../kit/test_process.ts";
import { permissionFlags } from "../../lib/runtime/self_program.ts";
import { bundle } from "../../scripts/_bundle.ts";
import {
  archiveName,
  codeCacheFlags,
  executableName,
  packageName,
  TARGETS,
} from "../../scripts/_targets.ts";
import { COVERED } from "../kit/coverage.ts";
import { ENGLISH, type Run } from "../kit/run_devsvc.ts";
import { fromFileUrl } from "../kit/paths.ts";
import { makeProject, plainServers } from "../kit/test_project.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { LANE, laneFolder, spawnInLane, toWindows } from "../windows/lane.ts";
import { type Embedded, flagsOf, readEmbedded } from "./embedded.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** Packages of the tests, or sources beside the bundle, would be far more. */
const SIZE_LIMIT = 768 * 1024;

const LINUX_TARGET = "x86_64-unknown-linux-gnu";
const WINDOWS_TARGET = "x86_64-pc-windows-msvc";

/** A release is built like this: to be repeated by anybody. */
const SOURCE_DATE = { SOURCE_DATE_EPOCH: "1790000000" };

async function runCompile(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Run> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "scripts/compile.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...SOURCE_DATE, ...COVERED, ...env },
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

async function compile(
  triple: string,
  output: string,
  denort: string,
): Promise<void> {
  const { code, stderr } = await runCompile(
    ["--target", triple, "--output", output],
    { DENORT_BIN: denort },
  );
  strictEqual(code, 0, stderr);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), (e) => e.name);
  return names.toSorted();
}

/** Nothing of the machine that built it, and only what is meant to be there. */
function checkEmbedded(
  { bytes, metadata, head, files }: Embedded,
  output: string,
): void {
  const { permissions, entrypoint_key: entry, argv } = metadata;
  strictEqual(entry, "devsvc.js");
  deepStrictEqual(
    [...files.keys()].filter((name) => !/^[\w-]+\.js$/.test(name)),
    [],
  );
  deepStrictEqual(argv, []);
  deepStrictEqual(
    new Set(flagsOf(permissions)),
    new Set(permissionFlags()),
  );
  const set: Readonly<Record<string, unknown>> = config.permissions.default;
  const { run, read, write, net, env, import: imports } =
    config.permissions.default;
  deepStrictEqual(
    { ...permissions },
    {
      allow_run: run ? [] : null,
      allow_read: read ? [] : null,
      allow_write: write.map((path) => path.replace("./", "")),
      allow_net: net,
      allow_env: env.allow,
      ignore_env: [],
      allow_import: imports,
      allow_ffi: null,
      allow_sys: set["sys"] ?? null,
      deny_env: null,
      deny_ffi: null,
      deny_import: null,
      deny_net: null,
      deny_read: null,
      deny_run: null,
      deny_sys: null,
      deny_write: null,
      ignore_read: null,
      prompt: false,
    },
  );
  deepStrictEqual(
    [
      "app_name",
      "app_version",
      "node_modules",
      "preload_modules",
      "require_modules",
      "ca_data",
      "unsafely_ignore_certificate_errors",
      "env_vars_from_env_file",
    ].map((key) => metadata[key]),
    ["devsvc", config.version, null, [], [], null, null, {}],
  );
  // With one, the runtime would search for others in the folders above the
  // embedded files, which it believes to lie in that for temporary files.
  match(JSON.stringify(metadata), /"package_jsons":\{\}/);
  ok(bytes.length < SIZE_LIMIT, `${bytes.length} bytes`);

  const text = new TextDecoder("latin1").decode(bytes);
  const home = Deno.env.get("HOME") ?? ROOT;
  for (const path of [ROOT, ROOT.replace(/\/$/, ""), home, output, "/tmp/"]) {
    ok(!text.includes(`${path}/`) && !text.includes(`//${path}`), path);
  }
  ok(!/file:\/\/\/\w/.test(text), "a path of a source");
  // In the code it may be a word like any other: "root".
  const user = Deno.env.get("USER") ?? Deno.env.get("LOGNAME");
  if (user) ok(!head.includes(user), user);
  ok(!head.includes(Deno.hostname()), "the name of the machine");
}

Deno.test(
  "an executable of Linux holds what it should, and runs",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const output = `${folder.path}/dist`;
    await compile(LINUX_TARGET, output, Deno.execPath());
    const name = `devsvc-${config.version}-linux-x86_64`;
    deepStrictEqual(await namesIn(output), ["SHA256SUMS", `${name}.tar.gz`]);

    const packed = await Deno.open(`${output}/${name}.tar.gz`);
    const entries = await unpackTar(
      packed.readable.pipeThrough(new DecompressionStream("gzip")),
    );
    deepStrictEqual(
      entries.map(({ header }) => [header.name, header.mode]),
      [
        [`${name}/devsvc`, 0o755],
        [`${name}/README.md`, 0o644],
        [`${name}/LICENSE`, 0o644],
      ],
    );
    const check = await new Deno.Command("sha256sum", {
      args: ["--check", "SHA256SUMS"],
      cwd: output,
    }).output();
    strictEqual(check.code, 0);

    const executable = entries[0]?.data ?? new Uint8Array();
    const embedded = readEmbedded(executable);
    checkEmbedded(embedded, output);
    // Another user could plant a code cache in /tmp.
    strictEqual(embedded.metadata["code_cache_key"], null);

    // Not by this process: what was open for writing in a fork cannot be run.
    const unpack = await new Deno.Command("tar", {
      args: ["-xzf", `${output}/${name}.tar.gz`, "-C", folder.path],
    }).output();
    strictEqual(unpack.code, 0);
    // On top of the full Deno it is Deno: only denort looks for the section.
    const file = `${folder.path}/${name}/devsvc`;
    const plain = await new Deno.Command(file, { args: ["--version"] })
      .output();
    match(new TextDecoder().decode(plain.stdout), /^deno \d/);

    const script = `${folder.path}/devsvc.js`;
    for (const [name, bytes] of embedded.files) {
      await Deno.writeFile(`${folder.path}/${name}`, bytes);
    }
    await using project = makeProject(2, plainServers, {
      folder: "été & (100%)",
    });
    const run = async (...args: readonly string[]) => {
      const { code, stdout } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--no-config", "--no-prompt"],
          ...flagsOf(embedded.metadata.permissions),
          script,
          ...args,
        ],
        cwd: project.root,
        env: ENGLISH,
        stderr: "null",
      }).output();
      return [code, new TextDecoder().decode(stdout)] as const;
    };
    deepStrictEqual(await run("--version"), [0, `${config.version}\n`]);
    match((await run("start"))[1], /2 services are ready/);
    strictEqual((await run("status"))[0], 0);
    match((await run("stop"))[1], /2 services stopped/);
  },
);

Deno.test("the same commit gives the same files", ON_LINUX, async () => {
  await using folder = await makeFolder();
  const sums = await Promise.all(["a", "b"].map(async (name) => {
    const output = `${folder.path}/${name}`;
    await compile(LINUX_TARGET, output, Deno.execPath());
    return await Deno.readTextFile(`${output}/SHA256SUMS`);
  }));
  strictEqual(sums[0], sums[1]);
});

Deno.test(
  "an executable of Windows holds what it should, and runs",
  LANE,
  async () => {
    await using folder = await makeFolder();
    const output = `${folder.path}/dist`;
    const denort = (await Array.fromAsync(Deno.readDir(laneFolder())))
      .find(({ name }) => name.startsWith("deno-"))?.name;
    await compile(WINDOWS_TARGET, output, `${laneFolder()}/${denort}/deno.exe`);
    const name = `devsvc-${config.version}-windows-x86_64`;
    deepStrictEqual(await namesIn(output), ["SHA256SUMS", `${name}.zip`]);
    const entries = unzipSync(await Deno.readFile(`${output}/${name}.zip`));
    deepStrictEqual(Object.keys(entries), [
      `${name}/devsvc.exe`,
      `${name}/README.md`,
      `${name}/LICENSE`,
    ]);

    const executable = entries[`${name}/devsvc.exe`] ?? new Uint8Array();
    const embedded = readEmbedded(executable);
    checkEmbedded(embedded, output);
    strictEqual(typeof embedded.metadata["code_cache_key"], "number");
    const { entries: resources } = NtExecutableResource.from(
      NtExecutable.from(executable, { ignoreCert: true }),
    );
    const [shown] = Resource.VersionInfo.fromEntries(resources);
    const values = shown?.getStringValues({ lang: 1033, codepage: 1200 });
    deepStrictEqual(
      [values?.["ProductName"], values?.["FileVersion"]],
      ["devsvc", config.version],
    );
    const [icons] = Resource.IconGroupEntry.fromEntries(resources);
    deepStrictEqual(
      new Set(icons?.icons.map(({ width }) => width || 256)),
      new Set([16, 24, 32, 48, 128, 256]),
    );

    const file = `${folder.path}/devsvc.exe`;
    await Deno.writeFile(file, executable, { mode: 0o755 });
    const cwd = folder.path;
    const plain = await spawnInLane([toWindows(file), "--version"], { cwd })
      .ended();
    match(plain.stdout, /^deno \d/);
    const script = `${folder.path}/devsvc.js`;
    for (const [name, bytes] of embedded.files) {
      await Deno.writeFile(`${folder.path}/${name}`, bytes);
    }
    const { code, stdout } = await spawnInLane([
      ...["deno.exe", "run", "--no-config", "--no-prompt"],
      ...flagsOf(embedded.metadata.permissions),
      toWindows(script),
      "--version",
    ], { cwd }).ended();
    deepStrictEqual([code, stdout.trim()], [0, config.version]);
  },
);

Deno.test(
  "without a runtime nothing is left, and one sentence helps",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    // Deno fetches its bundler when it is first asked for.
    await bundle();
    // Deno's cache without the runtimes in it, and a network that leads nowhere.
    const cache = `${folder.path}/cache`;
    await Deno.mkdir(`${cache}/dl`, { recursive: true });
    const real = await denoDir();
    for (const from of [real, `${real}/dl`]) {
      for (const name of await namesIn(from)) {
        if (name === "dl" || name === "release") continue;
        const path = `${from}/${name}`;
        await Deno.symlink(path, path.replace(real, cache));
      }
    }
    const output = `${folder.path}/dist`;
    const { code, stdout, stderr } = await runCompile(["--output", output], {
      DENO_DIR: cache,
      DENORT_BIN: "",
      HTTPS_PROXY: "http://127.0.0.1:1",
    });
    strictEqual(code, 1);
    strictEqual(stdout, "");
    match(stderr, /^Cannot compile for [^\n]*; set DENORT_BIN to [^\n]*\n$/);
    deepStrictEqual(await namesIn(folder.path), ["cache"]);
  },
);

async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

Deno.test("what was there stays when a build fails", ON_LINUX, async () => {
  await using folder = await makeFolder();
  await Deno.writeTextFile(`${folder.path}/SHA256SUMS`, "of before\n");
  const args = ["--output", folder.path, "--target", LINUX_TARGET];
  const { code, stderr } = await runCompile(args, {
    DENORT_BIN: "/no/such/denort",
  });
  strictEqual(code, 1);
  match(stderr, /DENORT_BIN/);
  deepStrictEqual(await namesIn(folder.path), ["SHA256SUMS"]);
});

Deno.test(
  "executables can be signed between compiling and packing",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const name = `devsvc-${config.version}-linux-x86_64`;
    const target = ["--target", LINUX_TARGET] as const;
    const unpacked = `${folder.path}/unpacked`;
    const compiled = await runCompile(
      [...target, "--unpacked", "--output", unpacked],
      { DENORT_BIN: Deno.execPath() },
    );
    strictEqual(compiled.code, 0, compiled.stderr);
    deepStrictEqual(await namesIn(unpacked), [name]);
    deepStrictEqual(await namesIn(`${unpacked}/${name}`), ["devsvc"]);

    const signed = new TextEncoder().encode("signed\n");
    await Deno.writeFile(`${unpacked}/${name}/devsvc`, signed);
    const output = `${folder.path}/dist`;
    const pack = (from: string) =>
      runCompile([...target, "--from", from, "--output", output], {});
    const packed = await pack(unpacked);
    strictEqual(packed.code, 0, packed.stderr);
    deepStrictEqual(await namesIn(output), ["SHA256SUMS", `${name}.tar.gz`]);
    const file = await Deno.open(`${output}/${name}.tar.gz`);
    const [entry] = await unpackTar(
      file.readable.pipeThrough(new DecompressionStream("gzip")),
    );
    strictEqual(entry?.header.mode, 0o755);
    deepStrictEqual(new Uint8Array(entry.data ?? []), signed);

    const refused = await pack(`${folder.path}/nowhere`);
    strictEqual(refused.code, 1);
    match(
      refused.stderr,
      /^Cannot pack for x86_64-\S+: there is no \S+; write it with --unpacked\n$/,
    );
  },
);

Deno.test(
  "a release has checksums of all that is beside the archives",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const unpacked = `${folder.path}/unpacked`;
    for (const target of TARGETS) {
      const inner = `${unpacked}/${packageName(config.version, target)}`;
      await Deno.mkdir(inner, { recursive: true });
      await Deno.writeTextFile(`${inner}/${executableName(target)}`, "x");
    }
    const output = `${folder.path}/dist`;
    const { code, stderr } = await runCompile(
      ["--all", "--from", unpacked, "--output", output],
      {},
    );
    strictEqual(code, 0, stderr);
    const sums = await Deno.readTextFile(`${output}/SHA256SUMS`);
    const summed = [...sums.matchAll(/^[\da-f]{64} {2}(\S+)$/gm)]
      .map(([, name = ""]) => name);
    deepStrictEqual(
      summed.toSorted(),
      [
        ...TARGETS.map((target) => archiveName(config.version, target)),
        "devsvc.js",
        "install.ps1",
        "install.sh",
      ].toSorted(),
    );
    deepStrictEqual(
      await namesIn(output),
      ["SHA256SUMS", ...summed].toSorted(),
    );
  },
);

Deno.test("only where the folder for temporary files is a user's own is code kept there", () => {
  deepStrictEqual(
    TARGETS.map((target) => [target.os, ...codeCacheFlags(target)]),
    [
      ["linux", "--no-code-cache"],
      ["linux", "--no-code-cache"],
      ["windows"],
      ["windows"],
      ["macos"],
      ["macos"],
    ],
  );
});

Deno.test("a wrong call of the compile script is exit code 2", async () => {
  for (
    const [args, words] of [
      [["--target", "vax"], /Cannot compile for vax: expected one of x86_64-/],
      [["--targets"], /--targets/],
      [["--all"], /DENORT_BIN names the runtime of one/],
      [["--unpacked", "--from", "x"], /Cannot take both --unpacked and --from/],
    ] as const
  ) {
    const { code, stderr } = await runCompile(args, { DENORT_BIN: "x" });
    strictEqual(code, 2, stderr);
    match(stderr, words);
  }
});
