/**
 * Sets the example up: the Python environment, the database and the frontend's packages.
 *
 * ```sh
 * deno run --allow-run --allow-read --allow-write --allow-env setup.ts
 * ```
 *
 * Run it as often as you like: what is up to date is left alone. It needs Python 3.11 or newer, and
 * Node 20.19 or 22.12 or newer with npm.
 *
 * @module
 */

/** A program and its arguments. */
type CommandLine = readonly [program: string, ...args: string[]];

/** How a program ended. */
interface Outcome {
  readonly success: boolean;
  /** What it wrote, on both outputs. */
  readonly text: string;
}

/** A version number, as far as it matters here. */
type Version = readonly [major: number, minor: number];

/** What stands in the way of the setup, in one sentence that says what to do. */
class SetupError extends Error {}

const WINDOWS = Deno.build.os === "windows";
const ROOT = import.meta.dirname ?? Deno.cwd();
const FRONTEND = join(ROOT, "frontend");
const ADMIN = join(ROOT, "admin");
const VENV = join(ROOT, ".venv");
const VENV_PYTHON = WINDOWS
  ? join(VENV, "Scripts", "python.exe")
  : join(VENV, "bin", "python");
const REQUIREMENTS: readonly string[] = ["backend", "admin"]
  .map((folder) => join(ROOT, folder, "requirements.txt"));

const PYTHONS: readonly CommandLine[] = WINDOWS
  ? [["py", "-3"], ["python"], ["python3"]]
  : [["python3"], ["python"]];
const PYTHON_MINIMUM: Version = [3, 11];
const NPM = WINDOWS ? "npm.cmd" : "npm";

/** Does every step in order. */
async function setUp(): Promise<void> {
  await requireNode();
  await setUpPython();
  await setUpDatabase();
  await setUpFrontend();
}

/** Makes `.venv` anew when the requirements changed, the folder moved or its Python is gone. */
async function setUpPython(): Promise<void> {
  const stamp = join(VENV, ".setup-stamp");
  const wanted = await fingerprint(REQUIREMENTS, VENV);
  const works = (await run([VENV_PYTHON, "--version"])).success;
  if (works && await readIfThere(stamp) === wanted) {
    return say("Python packages: up to date");
  }
  say("Python packages: installing into .venv");
  const python = await findPython();
  await must(
    [...python, "-m", "venv", "--clear", VENV],
    "Cannot create .venv: stop the services that use it, and on Debian or Ubuntu run `apt install python3-venv`",
  );
  const files = REQUIREMENTS.flatMap((file) => ["--requirement", file]);
  await must(
    [VENV_PYTHON, "-m", "pip", "install", "--quiet", ...files],
    "Cannot install the Python packages: check the connection to the package index",
  );
  await Deno.writeTextFile(stamp, wanted);
}

/** Brings the SQLite database up to the models; Django skips what is done. */
async function setUpDatabase(): Promise<void> {
  say("Database: migrating");
  await must(
    [VENV_PYTHON, "-B", "manage.py", "migrate", "--no-input"],
    "Cannot migrate the database: delete admin/db.sqlite3 to start from an empty one",
    ADMIN,
  );
}

/** Installs exactly what `package-lock.json` names. */
async function setUpFrontend(): Promise<void> {
  const stamp = join(FRONTEND, "node_modules", ".setup-stamp");
  const wanted = await fingerprint(
    ["package.json", "package-lock.json"].map((file) => join(FRONTEND, file)),
    `${Deno.build.os} ${Deno.build.arch}`,
  );
  if (await readIfThere(stamp) === wanted) {
    return say("Frontend packages: up to date");
  }
  say("Frontend packages: installing");
  await must(
    [NPM, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
    "Cannot install the frontend's packages: stop the services that use them and check the connection to the npm registry",
    FRONTEND,
  );
  await Deno.writeTextFile(stamp, wanted);
}

/** Finds a Python that is new enough, under the names that it has on this system. */
async function findPython(): Promise<CommandLine> {
  const tooOld: string[] = [];
  for (const python of PYTHONS) {
    const { success, text } = await run([...python, "--version"]);
    const version = success ? readVersion(text, "Python ") : undefined;
    if (version === undefined) continue;
    if (isAtLeast(version, PYTHON_MINIMUM)) return python;
    tooOld.push(version.join("."));
  }
  const minimum = PYTHON_MINIMUM.join(".");
  const found = tooOld.join(" and ") || "none";
  throw new SetupError(
    `Cannot find Python ${minimum} or newer (found ${found}): ` +
      "install it from https://www.python.org and open a new terminal",
  );
}

/** Checks that Node is there, new enough for Vite, and npm with it. */
async function requireNode(): Promise<void> {
  const { success, text } = await run(["node", "--version"]);
  // The "v" tells Node from the stand-in that Deno puts on PATH where there is none.
  const version = success ? readVersion(text, "v") : undefined;
  if (version === undefined || !runsVite(version)) {
    const found = version?.join(".") ?? "none";
    throw new SetupError(
      `Cannot find Node 20.19, 22.12 or newer (found ${found}): ` +
        "install it from https://nodejs.org and open a new terminal",
    );
  }
  if (!(await run([NPM, "--version"])).success) {
    throw new SetupError(
      "Cannot find npm: install it with Node from https://nodejs.org and open a new terminal",
    );
  }
}

/** Tells whether this Node runs Vite 8, whose `engines` say `^20.19.0 || >=22.12.0`. */
function runsVite(version: Version): boolean {
  return version[0] === 20
    ? isAtLeast(version, [20, 19])
    : isAtLeast(version, [22, 12]);
}

/** Tells whether a version is the given one or newer. */
function isAtLeast(version: Version, minimum: Version): boolean {
  return version[0] > minimum[0] ||
    (version[0] === minimum[0] && version[1] >= minimum[1]);
}

/** Reads the `N.N` that follows the prefix in what `--version` printed. */
function readVersion(text: string, prefix: string): Version | undefined {
  if (!text.startsWith(prefix)) return undefined;
  const match = /^(\d+)\.(\d+)/.exec(text.slice(prefix.length));
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

/** Runs a program that has to succeed; what it printed is shown only when it does not. */
async function must(
  command: CommandLine,
  message: string,
  cwd = ROOT,
): Promise<void> {
  const { success, text } = await run(command, cwd);
  if (success) return;
  say(text.trimEnd());
  throw new SetupError(message);
}

/** Runs a program to its end; one that is not there counts as failed. */
async function run(
  [program, ...args]: CommandLine,
  cwd = ROOT,
): Promise<Outcome> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(program, {
      args,
      cwd,
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { success, text: decoder.decode(stdout) + decoder.decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return { success: false, text: error.message };
    }
    throw error;
  }
}

/** Sums up files, and what else the result depends on, in one line of text. */
async function fingerprint(
  files: readonly string[],
  context: string,
): Promise<string> {
  const texts = await Promise.all(
    files.map((file) => Deno.readTextFile(file)),
  );
  const bytes = new TextEncoder().encode([context, ...texts].join("\0"));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}

/** Reads a text file, or nothing when there is none. */
async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Joins the parts of a path with this system's separator. */
function join(...parts: string[]): string {
  return parts.join(WINDOWS ? "\\" : "/");
}

/** Writes one line for the person who runs the setup. */
function say(line: string): void {
  // deno-lint-ignore no-console
  console.error(line);
}

if (import.meta.main) {
  try {
    await setUp();
    say("The example is ready.");
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    Deno.exit(1);
  }
}
