/**
 * Compiles devsvc into one executable a platform, packs each into an archive
 * and writes their checksums: `deno task compile` for this machine, `deno task
 * compile:all` for every platform.
 *
 * All is made in a temporary folder and moved to its place at the end. For who
 * signs executables elsewhere, `--unpacked` writes them, each in a folder of its
 * own, and `--from FOLDER` packs those instead of compiling.
 */

import { parseArgs } from "node:util";
import config from "../deno.json" with { type: "json" };
import { EAGER_FLAG, permissionFlags } from "../lib/runtime/self_program.ts";
import { type ArchiveFile, checksums, makeArchive } from "./_archive.ts";
import { BuildError, bundle, ENTRY } from "./_bundle.ts";
import { drawIcon } from "./_icon.ts";
import {
  archiveName,
  codeCacheFlags,
  executableName,
  packageName,
  type Target,
  TARGETS,
} from "./_targets.ts";
import { withVersionInfo } from "./_version_info.ts";

const ROOT = new URL("../", import.meta.url);
const { version } = config;

/** What was asked for. */
interface Request {
  readonly targets: readonly Target[];
  /** The folder that the files go to. */
  readonly output: string;
  /** The executable is wanted beside its archive. */
  readonly keepExecutable: boolean;
  /** All else of a release is wanted too: the bundle, the install scripts. */
  readonly isRelease: boolean;
  /** Only the executables are wanted, each in the folder of its archive. */
  readonly unpacked: boolean;
  /** Where such executables are, which are packed as they are. */
  readonly from: string | undefined;
}

/** Thrown when the script is called in a wrong way. */
class UsageError extends Error {
  override name = "UsageError";
}

function readRequest(args: readonly string[]): Request {
  const { values } = parseArgs({
    args: [...args],
    options: {
      all: { type: "boolean", default: false },
      target: { type: "string", multiple: true, default: [] },
      output: { type: "string", default: "dist" },
      unpacked: { type: "boolean", default: false },
      from: { type: "string" },
    },
  });
  const { unpacked, from } = values;
  if (unpacked && from !== undefined) {
    throw new UsageError("Cannot take both --unpacked and --from");
  }
  const triples = values.all
    ? TARGETS.map(({ triple }) => triple)
    : values.target.length > 0
    ? values.target
    : [Deno.build.target];
  const targets = triples.map(findTarget);
  if (targets.length > 1 && !from && Deno.env.has("DENORT_BIN")) {
    throw new UsageError(
      `Cannot compile for ${targets.length} platforms: DENORT_BIN names the ` +
        "runtime of one; name that one with --target",
    );
  }
  const keepExecutable = !values.all && values.target.length === 0;
  return {
    targets,
    output: values.output,
    keepExecutable,
    isRelease: values.all,
    unpacked,
    from,
  };
}

function findTarget(triple: string): Target {
  const target = TARGETS.find((target) => target.triple === triple);
  if (target) return target;
  const known = TARGETS.map(({ triple }) => triple).join(", ");
  throw new UsageError(
    `Cannot compile for ${triple}: expected one of ${known}`,
  );
}

/** The time in every file: of the commit, where the build is to be repeated. */
function buildTime(): Date {
  const seconds = Deno.env.get("SOURCE_DATE_EPOCH");
  return seconds ? new Date(Number(seconds) * 1000) : new Date();
}

async function build(request: Request): Promise<void> {
  await Deno.mkdir(request.output, { recursive: true });
  // On the disk of the output: files are moved there by a mere rename.
  const work = await Deno.makeTempDir({
    dir: request.output,
    prefix: ".work-",
  });
  try {
    const ready = await makeFiles(request, work);
    for (const name of ready) {
      await Deno.rename(`${work}/out/${name}`, `${request.output}/${name}`);
    }
  } finally {
    await Deno.remove(work, { recursive: true });
    // Nothing is left of a build that failed.
    await Deno.remove(request.output).catch(() => {});
  }
}

async function makeFiles(
  { targets, keepExecutable, isRelease, unpacked, from }: Request,
  work: string,
): Promise<readonly string[]> {
  const modified = buildTime();
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const source = from ? undefined : await prepareSource(work, modified);
  await Deno.mkdir(`${work}/out`);
  if (isRelease && !unpacked) {
    for (const [name, bytes] of await filesBeside()) files.set(name, bytes);
  }
  for (const target of targets) {
    const executable = source
      ? await compile(target, source, work)
      : await readExecutable(target, from ?? "");
    if (unpacked) {
      const folder = `${work}/out/${packageName(version, target)}`;
      await Deno.mkdir(folder);
      await writeExecutable(target, folder, executable);
      continue;
    }
    const kind = target.os === "windows" ? "zip" : "tar.gz";
    const packed = await filesOf(target, executable);
    files.set(
      archiveName(version, target),
      await makeArchive(kind, packed, modified),
    );
    if (keepExecutable) {
      await writeExecutable(target, `${work}/out`, executable);
    }
  }
  for (const [name, bytes] of files) {
    await Deno.writeFile(`${work}/out/${name}`, bytes);
  }
  if (!unpacked) {
    await Deno.writeTextFile(`${work}/out/SHA256SUMS`, await checksums(files));
  }
  // The checksums come last: where they are, so is all that they name.
  return (await Array.fromAsync(Deno.readDir(`${work}/out`), (e) => e.name))
    .toSorted((a, b) =>
      Number(a === "SHA256SUMS") - Number(b === "SHA256SUMS")
    );
}

/** What a release has beside the archives, by name. */
async function filesBeside(): Promise<
  ReadonlyMap<string, Uint8Array<ArrayBuffer>>
> {
  const [[name, code] = [ENTRY, ""]] = await bundle();
  const scripts = await Promise.all(
    ["install.sh", "install.ps1"].map(async (script) =>
      [
        script,
        await Deno.readFile(new URL(`install/${script}`, ROOT)),
      ] as const
    ),
  );
  return new Map([[name, new TextEncoder().encode(code)], ...scripts]);
}

async function readExecutable(
  target: Target,
  folder: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = `${folder}/${packageName(version, target)}/${
    executableName(target)
  }`;
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new BuildError(
      `Cannot pack for ${target.triple}: there is no ${path}; write it with ` +
        "--unpacked",
    );
  }
}

async function writeExecutable(
  target: Target,
  folder: string,
  executable: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const path = `${folder}/${executableName(target)}`;
  await Deno.writeFile(path, executable, { mode: 0o755 });
}

/**
 * What `deno compile` sees: the bundle, in a folder of its own. In the
 * repository it would pack the packages of node_modules, those of the tests
 * too, and paths of this machine with them.
 */
async function prepareSource(work: string, modified: Date): Promise<string> {
  const folder = `${work}/source`;
  await Deno.mkdir(folder);
  // The version goes into the executable from here.
  const { name } = config;
  await Deno.writeTextFile(
    `${folder}/deno.json`,
    JSON.stringify({ name, version }),
  );
  for (const [name, code] of await bundle({ split: true })) {
    await Deno.writeTextFile(`${folder}/${name}`, code);
    await Deno.utime(`${folder}/${name}`, modified, modified);
  }
  await Deno.writeFile(`${folder}/devsvc.ico`, drawIcon());
  return folder;
}

async function compile(
  target: Target,
  source: string,
  work: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = `${work}/${executableName(target)}`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      "--quiet",
      "--no-check",
      "--no-lock",
      "--no-prompt",
      EAGER_FLAG,
      ...codeCacheFlags(target),
      ...permissionFlags(),
      "--app-name=devsvc",
      `--target=${target.triple}`,
      ...(target.os === "windows" ? ["--icon=devsvc.ico"] : []),
      `--output=${await Deno.realPath(work)}/${executableName(target)}`,
      ENTRY,
    ],
    cwd: source,
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw compileError(target, new TextDecoder().decode(stderr));
  if (target.os === "windows") await addVersionInfo(file);
  const executable = await Deno.readFile(file);
  await Deno.remove(file);
  return executable;
}

async function addVersionInfo(file: string): Promise<void> {
  const executable = withVersionInfo(await Deno.readFile(file), {
    version,
    name: "devsvc",
    description: "The services of a project in development",
    copyright: "MIT licence",
  });
  await Deno.writeFile(file, executable);
}

function compileError({ triple }: Target, stderr: string): BuildError {
  const needsRuntime = /Setting up base binary|Could not find denort/;
  const reason = needsRuntime.test(stderr)
    ? `the runtime of Deno ${Deno.version.deno} (denort) is neither here nor ` +
      "could it be downloaded from dl.deno.land; set DENORT_BIN to one for " +
      "this platform"
    : stderr.trim();
  return new BuildError(`Cannot compile for ${triple}: ${reason}`);
}

async function filesOf(
  target: Target,
  executable: Uint8Array<ArrayBuffer>,
): Promise<readonly ArchiveFile[]> {
  const folder = packageName(version, target);
  const texts = await Promise.all(
    ["README.md", "LICENSE"].map(async (name) => ({
      path: `${folder}/${name}`,
      bytes: await Deno.readFile(new URL(name, ROOT)),
    })),
  );
  const path = `${folder}/${executableName(target)}`;
  return [{ path, bytes: executable, executable: true }, ...texts];
}

async function main(): Promise<number> {
  try {
    await build(readRequest(Deno.args));
    return 0;
  } catch (error) {
    const isUsage = error instanceof UsageError || error instanceof TypeError;
    if (!isUsage && !(error instanceof BuildError)) throw error;
    await Deno.stderr.write(new TextEncoder().encode(`${error.message}\n`));
    return isUsage ? 2 : 1;
  }
}

Deno.exit(await main());
