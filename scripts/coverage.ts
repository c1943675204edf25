/**
 * Reports which lines of devsvc the tests ran and fails below the thresholds of
 * deno.json: `deno task test` ends with it. How much of the benchmark and of the
 * tests themselves is run depends on the machine and proves nothing, so these
 * do not count.
 *
 * What the tests kill at any moment also dies while it writes its profile, and
 * one such profile would make the whole report fail: those are left out.
 *
 * @module
 */

const FOLDER = ".cov";

const ROOT = RegExp.escape(new URL("..", import.meta.url).href);

/** The files that do not count, by their addresses. */
const EXCLUDED = `^${ROOT}(bench|examples|tests)/|_test\\.ts$`;

/** The end of a whole profile: it is one JSON object. */
const LAST_BYTE = "}".charCodeAt(0);

function isWhole(path: string): boolean {
  using file = Deno.openSync(path);
  const { size } = file.statSync();
  if (size === 0) return false;
  file.seekSync(-1, Deno.SeekMode.End);
  const last = new Uint8Array(1);
  file.readSync(last);
  return last[0] === LAST_BYTE;
}

function removeCutShort(): number {
  let count = 0;
  for (const { name } of Deno.readDirSync(FOLDER)) {
    const path = `${FOLDER}/${name}`;
    if (!name.endsWith(".json") || isWhole(path)) continue;
    Deno.removeSync(path);
    count++;
  }
  return count;
}

const removed = removeCutShort();
if (removed > 0) {
  const text = `${removed} profiles of killed processes are left out\n`;
  await Deno.stderr.write(new TextEncoder().encode(text));
}
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["coverage", FOLDER, `--exclude=${EXCLUDED}`],
}).spawn().status;
Deno.exit(code);
