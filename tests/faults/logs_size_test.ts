/** The files of a log stay small, by every way to count their bytes. */

import { ok, strictEqual } from "node:assert/strict";
import { currentPlatform } from "../../lib/platform/current.ts";
import { viewLog } from "../../lib/runtime/log/log_files.ts";
import { canCollapseHead } from "../../lib/runtime/log/rotation.ts";
import { stateDirOf } from "../../lib/runtime/state/state_dir.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import {
  makeLogs,
  readRaw,
  silentServices,
  startLogSupervisor,
} from "../kit/test_logs.ts";
import { makeProject } from "../kit/test_project.ts";
import { startProcess, until } from "../kit/test_process.ts";

const LIMITS = { size: 1_000_000, keep: 3 };

/** As docs/logs.md says it. */
const BOUND = LIMITS.size * (LIMITS.keep + 6) + 1_000_000;

const PARTS = 400;

const LINES_PER_PART = 20_000;

/** Writes 60 MB in bursts, with a pause after each. */
const WRITER = `i=0; while [ $i -lt ${PARTS} ]; do
  seq $((i * ${LINES_PER_PART} + 1)) $(((i + 1) * ${LINES_PER_PART}))
  [ $((i % 4)) -gt 0 ] || sleep 0.05
  i=$((i + 1))
done >>"$1"; echo done`;

/** The size of a copy by a program that knows no holes, in bytes. */
function copiedSize(folder: string): number {
  let size = 0;
  for (const { name } of Deno.readDirSync(folder)) {
    try {
      size += Deno.statSync(`${folder}/${name}`).size;
    } catch {
      // It was replaced or removed meanwhile.
    }
  }
  return size;
}

Deno.test(
  "a copy of the logs is not larger than their bound, although the supervisor is killed",
  ON_LINUX,
  async () => {
    await using project = makeProject(0, () => silentServices("api"));
    const folder = makeLogs(project);
    const { collapseHead } = await currentPlatform();
    // Not on btrfs and tmpfs.
    const dir = stateDirOf(project.root);
    if (!await canCollapseHead(dir, collapseHead)) return;
    await using writer = startProcess("/bin/sh", [
      "-c",
      WRITER,
      "writer",
      `${folder}/api.log`,
    ]);
    let isDone = false;
    const done = writer.line().then(() => isDone = true);
    let largest = 0;
    while (!isDone) {
      const supervisor = await startLogSupervisor(project.root, LIMITS, "api");
      const end = Date.now() + Math.random() * 1500;
      await until(() => {
        largest = Math.max(largest, copiedSize(folder));
        return isDone || Date.now() > end;
      });
      supervisor.kill();
      await supervisor[Symbol.asyncDispose]();
    }
    await done;
    // The bursts while no supervisor was at work stand there for a moment.
    ok(largest < 2 * BOUND, `${largest} bytes`);

    await using _supervisor = await startLogSupervisor(
      project.root,
      LIMITS,
      "api",
    );
    await until(() => {
      const { archived, archives, end } = viewLog(dir, "api");
      return end - archived <= LIMITS.size && archives.length <= LIMITS.keep &&
        copiedSize(folder) <= BOUND;
    });
    const lines = await until(async () => {
      const raw = await readRaw(folder, "api");
      const found = raw.text.slice(0, -1).split("\n");
      return Number(found[1]) + found.length - 2 === Number(found.at(-1)) &&
        found;
    });
    strictEqual(lines.at(-1), String(PARTS * LINES_PER_PART));
    const { stdout } = await project.run([
      "logs",
      "--no-prefix",
      "-n",
      String(lines.length - 1),
    ]);
    const shown = stdout.trimEnd().split("\n");
    strictEqual(shown.length, lines.length - 1);
    strictEqual(shown.findIndex((line, at) => line !== lines[at + 1]), -1);
  },
);
