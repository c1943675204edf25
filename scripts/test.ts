/**
 * Runs the tests, on Linux with a report of the lines of devsvc that they ran:
 * `deno task test`. Fails where a test does, or below the thresholds of
 * deno.json. Its arguments are files to run, without a report.
 *
 * How much of the benchmark and of the tests themselves is run depends on the
 * machine and proves nothing, so these do not count.
 */

const FOLDER = ".cov";

const ROOT = new URL("..", import.meta.url);

/** The files that count, by their addresses: packages do not. */
const INCLUDED = `^${RegExp.escape(ROOT.href)}(lib|scripts|demo|main\\.ts)`;

const EXCLUDED = "_test\\.ts$";

/** The files that take longest; the others follow in the order of their names. */
const LONGEST = [
  "tests/windows/unit_test.ts",
  "tests/faults/killed_start_test.ts",
  "tests/faults/ports_hanging_test.ts",
  "tests/faults/supervisor_killed_test.ts",
  "tests/compile/compile_test.ts",
  "tests/faults/cycles_test.ts",
  "tests/faults/run_record_lies_test.ts",
  "tests/windows/windows_console_test.ts",
  "tests/faults/random_worlds_test.ts",
];

/** The end of a complete profile: it is one JSON object. */
const LAST_BYTE = "}".charCodeAt(0);

function* testFiles(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    const path = `${folder}${name}`;
    if (path === "tests/fixtures") continue;
    if (isDirectory) yield* testFiles(`${path}/`);
    else if (name.endsWith("_test.ts")) yield path;
  }
}

/** Every file once: Deno runs a file that is named twice twice. */
function allFiles(): readonly string[] {
  const found = ["bench/", "lib/", "tests/"]
    .flatMap((folder) => [...testFiles(folder)]);
  return [...new Set([...LONGEST, ...found.toSorted()])];
}

async function deno(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env,
  });
  return (await command.spawn().status).code;
}

/** Most tests wait for other processes: two at a time would leave a core idle. */
function jobs(): string {
  return Deno.env.get("DENO_JOBS") || String(2 * navigator.hardwareConcurrency);
}

function isComplete(path: URL): boolean {
  using file = Deno.openSync(path);
  const { size } = file.statSync();
  if (size === 0) return false;
  file.seekSync(-1, Deno.SeekMode.End);
  const last = new Uint8Array(1);
  file.readSync(last);
  return last[0] === LAST_BYTE;
}

/**
 * Removes the profiles of processes that were killed while they wrote them: one
 * of them would make the whole report fail.
 */
function removeIncomplete(folder: URL): number {
  let count = 0;
  for (const { name } of Deno.readDirSync(folder)) {
    const path = new URL(name, folder);
    if (!name.endsWith(".json") || isComplete(path)) continue;
    Deno.removeSync(path);
    count++;
  }
  return count;
}

async function runWithCoverage(): Promise<number> {
  const folder = new URL(`${FOLDER}/`, ROOT);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  const code = await deno([
    ...["test", "-A", "--parallel"],
    ...[`--coverage=${FOLDER}`, "--coverage-raw-data-only"],
    ...allFiles(),
  ], { DENO_JOBS: jobs() });
  if (code !== 0) return code;
  const removed = removeIncomplete(folder);
  if (removed > 0) {
    const text = `${removed} profiles of killed processes are left out\n`;
    await Deno.stderr.write(new TextEncoder().encode(text));
  }
  return await deno([
    "coverage",
    FOLDER,
    `--include=${INCLUDED}`,
    `--exclude=${EXCLUDED}`,
  ]);
}

/** Runs files, or all of them, and measures nothing. */
function run(files: readonly string[]): Promise<number> {
  return deno(["test", "-A", "--parallel", ...files], { DENO_JOBS: jobs() });
}

if (Deno.args.length > 0) Deno.exit(await run(Deno.args));
// Elsewhere too many tests are ignored for a threshold to say anything.
const isMeasured = Deno.build.os === "linux";
Deno.exit(await (isMeasured ? runWithCoverage() : run(allFiles())));
