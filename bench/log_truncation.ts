/**
 * How many lines are lost where a log is read to its end and then truncated, while
 * its service writes as fast as it can: `log_truncation.ts [FOLDER] [ROUNDS]`.
 *
 * `read` truncates after the last read, `compared` only if the size is still the one
 * that was read, `quiet` only if it was the same for 30 ms (the service then writes
 * 20 times a second).
 */

// deno-lint-ignore-file no-console

const WRITER = `
const [file, pause] = Deno.args;
const log = Deno.openSync(file, { append: true, create: true });
const encoder = new TextEncoder();
for (let line = 0;; line++) {
  log.writeSync(encoder.encode(String(line).padStart(7, "0") + "\\n"));
  if (Number(pause) > 0) {
    const wait = -Number(pause) * Math.log(1 - Math.random());
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}`;

const LINE = 8;

type Way = "read" | "compared" | "quiet";

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function measure(folder: string, way: Way, rounds: number) {
  const file = `${folder}/truncated.${way}.log`;
  const code = `${folder}/writer.ts`;
  await Deno.writeTextFile(code, WRITER);
  await Deno.writeTextFile(file, "");
  const writer = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-config",
      code,
      file,
      way === "quiet" ? "50" : "0",
    ],
    stdout: "null",
  }).spawn();
  using log = await Deno.open(file, { read: true, write: true });
  const block = new Uint8Array(1024 * LINE * 128);
  let next = 0;
  let lost = 0;
  let end = 0;
  let window = 0;
  const read = () => {
    for (;;) {
      log.seekSync(end, Deno.SeekMode.Start);
      const size = log.readSync(block);
      if (size === null) return;
      end += size;
      const numbers = new TextDecoder().decode(block.subarray(0, size))
        .trimEnd().split("\n").map(Number);
      for (const number of numbers) {
        lost += number - next;
        next = number + 1;
      }
    }
  };
  for (let round = 0; round < rounds;) {
    await pause(way === "quiet" ? 30 : 2);
    const before = end;
    read();
    if (end === 0 || (way === "quiet" && end !== before)) continue;
    const begun = performance.now();
    if (way !== "read" && log.statSync().size !== end) continue;
    log.truncateSync(0);
    window = Math.max(window, performance.now() - begun);
    end = 0;
    round++;
  }
  writer.kill("SIGKILL");
  await writer.status;
  read();
  console.log(
    `${way}: ${lost} of ${next} lines lost in ${rounds} truncations, ` +
      `at most ${window.toFixed(2)} ms from the last look to the truncation`,
  );
}

if (import.meta.main) {
  const [folder = await Deno.makeTempDir(), rounds = "200"] = Deno.args;
  for (const way of ["read", "compared", "quiet"] as const) {
    await measure(folder, way, Number(rounds));
  }
}
