/**
 * The tools that devsvc is measured beside, at pinned versions: installs what
 * the registries give, and says what is missing and why.
 *
 * All lies in `~/.cache/devsvc-bench`; a tool that is there, or else on the
 * PATH, is used as it is. To try one again that could not be built, remove
 * its `.failed` file there.
 */

import { run } from "./_command.ts";

/** Packages of the npm registry. */
const NPM: Readonly<Record<string, string>> = {
  pm2: "7.0.4",
  "kill-port": "2.0.1",
  "fkill-cli": "9.0.0",
  "pid-port": "2.1.2",
  concurrently: "10.0.7",
  "wait-on": "9.5.1",
};

/** The programs of {@linkcode NPM}, by the package; `pid-port` is a library. */
const NPM_PROGRAMS: Readonly<Record<string, string>> = {
  "fkill-cli": "fkill",
};

/** Modules of the Go proxy. */
const GO: Readonly<
  Record<string, { readonly module: string; readonly version: string }>
> = {
  "process-compose": {
    module: "github.com/f1bonacc1/process-compose",
    version: "v1.87.0",
  },
  overmind: { module: "github.com/DarthSim/overmind/v2", version: "v2.5.1" },
  hivemind: { module: "github.com/DarthSim/hivemind", version: "v1.1.0" },
};

/** Crates of crates.io. */
const CRATES: Readonly<
  Record<string, { readonly crate: string; readonly version: string }>
> = {
  killport: { crate: "killport", version: "2.0.2" },
  mprocs: { crate: "mprocs", version: "0.9.6" },
  pitchfork: { crate: "pitchfork-cli", version: "2.33.0" },
  oxmgr: { crate: "oxmgr", version: "0.5.0" },
};

/** What the system may have, and how it prints its version. */
const SYSTEM: Readonly<Record<string, readonly string[]>> = {
  ss: ["-V"],
  lsof: ["-v"],
  python3: ["--version"],
  node: ["--version"],
  tmux: ["-V"],
  script: ["--version"],
};

/** The longest that one tool may be built, in milliseconds. */
const BUILD_LIMIT = 20 * 60_000;

/** A tool that can be run. */
export interface Tool {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** The program, absolute; for a library its folder. */
  readonly path: string;
}

/** A tool that cannot. */
export interface MissingTool {
  /** Its name. */
  readonly name: string;
  /** The version that was wanted. */
  readonly version: string;
  /** Why it is not here. */
  readonly reason: string;
}

/** The tools of this machine. */
export interface Rivals {
  /** Those that can be run, by their name. */
  readonly tools: ReadonlyMap<string, Tool>;
  /** The others. */
  readonly missing: readonly MissingTool[];
}

/** A tool, or why there is none. */
type Found = Tool | MissingTool;

/**
 * Names the folder that keeps the tools between runs.
 *
 * @returns It, absolute.
 */
export function cacheFolder(): string {
  const base = Deno.env.get("XDG_CACHE_HOME") ??
    `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  return `${base}/devsvc-bench`;
}

/**
 * Leaves out some tools.
 *
 * @returns The others; these are listed as missing.
 */
export function without(rivals: Rivals, names: readonly string[]): Rivals {
  const reason = "left out of this run";
  const left = names.flatMap((name) => rivals.tools.get(name) ?? []);
  return {
    tools: new Map(
      [...rivals.tools].filter(([name]) => !names.includes(name)),
    ),
    missing: [
      ...rivals.missing,
      ...left.map(({ name, version }) => ({ name, version, reason })),
    ],
  };
}

/** Installs all rivals that are not here yet. */
export async function installRivals(
  log: (line: string) => void,
): Promise<Rivals> {
  const cache = cacheFolder();
  await Deno.mkdir(cache, { recursive: true });
  const found: Found[] = await fromNpm(cache, log);
  for (const name of Object.keys(GO)) {
    found.push(await fromGo(name, cache, log));
  }
  for (const name of Object.keys(CRATES)) {
    found.push(await fromCrates(name, cache, log));
  }
  for (const name of Object.keys(SYSTEM)) found.push(await fromSystem(name));
  const tools = found.filter((one): one is Tool => "path" in one);
  return {
    tools: new Map(tools.map((tool) => [tool.name, tool])),
    missing: found.filter((one): one is MissingTool => "reason" in one),
  };
}

async function fromNpm(
  cache: string,
  log: (line: string) => void,
): Promise<Found[]> {
  const folder = `${cache}/npm`;
  const wanted = Object.entries(NPM);
  const isHere = ([name, version]: readonly [string, string]) =>
    versionOf(`${folder}/node_modules/${name}`) === version;
  if (!wanted.every(isHere)) {
    log("npm install");
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(
      `${folder}/package.json`,
      JSON.stringify({ private: true, dependencies: NPM }),
    );
    await attempt(["npm", "install", "--no-audit", "--no-fund"], folder);
  }
  return wanted.map(([name, version]) => {
    const program = NPM_PROGRAMS[name] ?? name;
    const modules = `${folder}/node_modules`;
    const path = name === "pid-port"
      ? `${modules}/${name}`
      : `${modules}/.bin/${program}`;
    return isHere([name, version])
      ? { name, version, path }
      : { name, version, reason: "npm could not install it" };
  });
}

function versionOf(folder: string): string | undefined {
  try {
    const text = Deno.readTextFileSync(`${folder}/package.json`);
    return JSON.parse(text).version;
  } catch {
    return undefined;
  }
}

/**
 * `go install` would also ask for the list of versions, which not every proxy
 * gives: a module of our own that requires the version needs none.
 */
function fromGo(
  name: string,
  cache: string,
  log: (line: string) => void,
): Promise<Found> {
  const { module = "", version = "" } = GO[name] ?? {};
  const folder = `${cache}/go/${name}@${version}`;
  return built({ name, version, folder }, async (bin) => {
    log(`go build ${name} ${version}`);
    await Deno.writeTextFile(
      `${folder}/go.mod`,
      `module bench\n\ngo 1.24\n\nrequire ${module} ${version}\n`,
    );
    return await attempt(
      ["go", "build", "-mod=mod", "-o", `${bin}/${name}`, module],
      folder,
    );
  });
}

function fromCrates(
  name: string,
  cache: string,
  log: (line: string) => void,
): Promise<Found> {
  const { crate = "", version = "" } = CRATES[name] ?? {};
  const folder = `${cache}/cargo/${name}@${version}`;
  return built({ name, version, folder }, async () => {
    log(`cargo install ${crate} ${version}, which takes minutes`);
    return await attempt(
      ["cargo", "install", "--locked", "--root", folder, `${crate}@${version}`],
      folder,
    );
  });
}

/** Builds a tool unless it is there, on the PATH, or known to fail. */
async function built(
  { name, version, folder }: {
    readonly name: string;
    readonly version: string;
    readonly folder: string;
  },
  build: (bin: string) => Promise<string | undefined>,
): Promise<Found> {
  const bin = `${folder}/bin`;
  const path = `${bin}/${name}`;
  if (isFile(path)) return { name, version, path };
  const failed = `${folder}.failed`;
  const elsewhere = onPath(name);
  if (elsewhere !== undefined) {
    return { name, version: "of the machine", path: elsewhere };
  }
  if (isFile(failed)) {
    return { name, version, reason: await Deno.readTextFile(failed) };
  }
  await Deno.mkdir(bin, { recursive: true });
  const reason = await build(bin);
  if (reason === undefined && isFile(path)) return { name, version, path };
  await Deno.writeTextFile(failed, reason ?? "the build made no program");
  return { name, version, reason: reason ?? "the build made no program" };
}

/** Runs a command; returns why it failed, if it did. */
async function attempt(
  command: readonly string[],
  cwd: string,
): Promise<string | undefined> {
  try {
    const { code, stderr } = await run(command, { cwd, limit: BUILD_LIMIT });
    if (code === 0) return undefined;
    const lines = stderr.trim().split("\n");
    const line = lines.find((one) => /^error|: reading |not found/.test(one)) ??
      lines.at(-1) ?? "";
    // The address of a registry's mirror says nothing to others.
    return `${command[0]}: ${
      line.replaceAll(/https?:\/\/\S+/g, "the registry")
    }`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function fromSystem(name: string): Promise<Found> {
  const path = onPath(name);
  if (path === undefined) {
    return { name, version: "", reason: "it is not on the PATH" };
  }
  const { stdout, stderr } = await run([path, ...SYSTEM[name] ?? []], {});
  const version = /\d+\.\d+[\w.]*/.exec(stdout + stderr)?.[0] ?? "";
  return { name, version, path: await realProgram(name, path) };
}

/** A shim that searches for its Python first would be measured with it. */
async function realProgram(name: string, path: string): Promise<string> {
  if (name !== "python3") return path;
  const asked = ["-c", "import sys; print(sys.executable)"];
  return (await run([path, ...asked], {})).stdout.trim() || path;
}

function onPath(name: string): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const path = folders.map((folder) => `${folder}/${name}`).find(isFile);
  return path;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
