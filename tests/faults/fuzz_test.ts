/** Any file is read or refused: at once, in little memory, by no other error. */

import { ok, strictEqual } from "node:assert/strict";
import { fixture } from "../kit/paths.ts";

/** How many files of each kind are read; 30,000 in the gate. */
const RUNS = Number(Deno.env.get("DEVSVC_FUZZ_RUNS") ?? 1000);

/** What one file may take at most, in milliseconds of processor time. */
const MAX_TIME = 100;

/** What the process may have on its heap, in MB; it fails beyond. */
const MAX_HEAP = 64;

for (const kind of ["toml", "env", "record", "status"]) {
  Deno.test(`no ${kind} file hangs, throws or fills the memory`, async () => {
    const seed = Math.floor(Math.random() * 1e9);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        `--v8-flags=--max-old-space-size=${MAX_HEAP}`,
        fixture("fuzz_files.ts"),
        kind,
        String(RUNS),
        String(seed),
      ],
    }).output();
    const decoder = new TextDecoder();
    strictEqual(code, 0, `seed ${seed}: ${decoder.decode(stderr)}`);
    const { right, slowest, seedOfSlowest } = JSON.parse(
      decoder.decode(stdout),
    );
    ok(slowest < MAX_TIME, `${slowest} ms at seed ${seedOfSlowest}`);
    // Some are right, or the rest would never be reached.
    ok(right > 0 || RUNS < 1000);
  });
}
