/**
 * One million lines through rotation, with `kill -9` of who rotates: all are
 * there, once, in order, for every kind of reader.
 */

import { ok, strictEqual } from "node:assert/strict";
import { startProcess, until } from "../kit/test_process.ts";
import { viewLog } from "../../lib/runtime/log/log_files.ts";
import { stateDirOf } from "../../lib/runtime/state/state_dir.ts";
import {
  makeLogs,
  readRaw,
  silentServices,
  startLogSupervisor,
} from "../kit/test_logs.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { makeProject } from "../kit/test_project.ts";

const LINES = 1_000_000;

/** In parts, for else it would be done before anybody could rotate. */
const PARTS = 100;

const LIMITS = { size: 400_000, keep: 1000 };

/** So many parts are written for each kill at the most. */
const PARTS_PER_KILL = 20;

/**
 * Each part is written by a process of its own; the writer waits for kills, so
 * that it is not done before there were enough.
 */
const WRITER = `i=0; while [ $i -lt ${PARTS} ]; do
  while [ ! -e "$2.$((i / ${PARTS_PER_KILL}))" ]; do sleep 0.05; done
  seq $((i * ${LINES / PARTS} + 1)) $(((i + 1) * ${LINES / PARTS}))
  sleep 0.05
  i=$((i + 1))
done >>"$1"; echo done`;

Deno.test(
  "a million lines are there once and in order, although the supervisor was killed",
  ON_LINUX,
  async () => {
    await using project = makeProject(0, () => silentServices("api"));
    const folder = makeLogs(project);
    let expected = "";
    for (let line = 1; line <= LINES; line++) expected += `${line}\n`;

    // It reads while lines are rotated and heads are given back.
    const follower = project.spawn([
      "logs",
      "-f",
      "--no-prefix",
      "-n",
      String(LINES),
    ]);
    const errors = new Response(follower.stderr).text();
    await using _end = endingWith(follower);
    let followed = "";
    const following = follower.stdout.pipeThrough(new TextDecoderStream())
      .pipeTo(new WritableStream({ write: (text) => void (followed += text) }));

    await using writer = startProcess("/bin/sh", [
      "-c",
      WRITER,
      "writer",
      `${folder}/api.log`,
      `${project.root}/kills`,
    ]);
    let isDone = false;
    const done = writer.line().then(() => isDone = true);
    let kills = 0;
    while (!isDone) {
      await Deno.writeTextFile(`${project.root}/kills.${kills}`, "");
      const supervisor = await startLogSupervisor(project.root, LIMITS, "api");
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 700));
      supervisor.kill();
      await supervisor[Symbol.asyncDispose]();
      kills++;
    }
    await done;
    ok(kills >= 4, `killed ${kills} times`);

    await using _supervisor = await startLogSupervisor(
      project.root,
      LIMITS,
      "api",
    );
    await until(() => {
      const { end, archived, base, isStored } = viewLog(
        stateDirOf(project.root),
        "api",
      );
      return isStored && archived > base && end - archived <= LIMITS.size;
    });
    // The head of the file is given back after the archive has its name.
    const raw = await until(async () => {
      const { used, text, archives } = await readRaw(folder, "api");
      const isPortReleased = used < 2 * LIMITS.size &&
        text.length <= expected.length;
      return isPortReleased && { text, archives };
    });
    ok(raw.archives.length >= 10, raw.archives.join());
    same(raw.text, expected, "the files");

    const all = ["logs", "-n", String(LINES), "--no-prefix"];
    same((await project.run(all)).stdout, expected, "logs");

    // Of a writer that stands still within a line the rest is told later.
    const joined = () => followed.replaceAll("\n… ", "");
    await until(() => joined().length >= expected.length);
    follower.kill("SIGINT");
    await following;
    await follower.status;
    strictEqual(await errors, "");
    same(joined(), expected, "logs -f");
  },
);

/** However the test ends, the reader does not outlive it. */
function endingWith(child: Deno.ChildProcess): AsyncDisposable {
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  return {
    [Symbol.asyncDispose]: async () => {
      if (!hasEnded) child.kill("SIGKILL");
      await child.status;
    },
  };
}

/** As `strictEqual`, which would print a million lines. */
function same(text: string, expected: string, what: string): void {
  if (text === expected) return;
  const lines = text.split("\n");
  const at = lines.findIndex((line, index) => line !== `${index + 1}`);
  const found = lines.slice(Math.max(at - 2, 0), at + 3).join(", ");
  throw new Error(
    `Cannot find all in ${what}: ${lines.length - 1} lines, line ${
      at + 1
    }: ${found}`,
  );
}
