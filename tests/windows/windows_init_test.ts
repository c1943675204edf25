/** `devsvc init` as a Windows program, and the batch files that it leaves. */

import { match, ok, strictEqual } from "node:assert/strict";
import { copySample } from "../kit/samples.ts";
import {
  devsvcWords,
  LANE,
  laneFolder,
  spawnInLane,
  toWindows,
} from "./lane.ts";

Deno.test(
  "Windows: init reads the guide's start.bat and leaves one line that calls devsvc",
  LANE,
  async () => {
    await using sample = copySample("guide");
    const cwd = sample.root;
    const words = devsvcWords("init", "--batch", "--force");
    const run = await spawnInLane(words, { cwd }).ended();
    strictEqual(run.code, 0, run.stdout + run.stderr);
    const toml = sample.read("services.toml");
    match(toml, /^\[services\.react\]$/m);
    match(
      toml,
      /^windows\.command = "python manage\.py runserver 8001"$/m,
    );
    ok(sample.has("start.bat.old"));
    match(sample.read("start.bat"), /^@if exist [^\n]* start [^\n]*\r\n$/);
  },
);

Deno.test(
  "Windows: start.bat calls the devsvc beside it, else the one on PATH, from any folder",
  LANE,
  async () => {
    await using sample = copySample("guide");
    strictEqual((await sample.run("init", "--batch", "--force")).code, 0);
    const folder = `${sample.root}/a & (b)`;
    await Deno.mkdir(folder);
    for (const name of ["services.toml", "start.bat", "stop.bat"]) {
      await Deno.copyFile(`${sample.root}/${name}`, `${folder}/${name}`);
    }
    // Stands in for devsvc: it says what it was called with.
    sample.write("on path/devsvc.bat", "@echo on PATH: %*\r\n@exit /b 3\r\n");
    const onPathFolder = toWindows(`${sample.root}/on path`);
    const call = (name: string) => {
      const script = toWindows(`${folder}/${name}`);
      sample.write(
        "call.bat",
        `@set "PATH=${onPathFolder};%PATH%"\r\n@call "${script}" %*\r\n`,
      );
      const words = ["cmd.exe", "/d", "/c", "call.bat", "api", "--dry-run"];
      return spawnInLane(words, { cwd: sample.root }).ended();
    };
    const config = `--config "${toWindows(`${folder}/services.toml`)}"`;

    const onPath = await call("start.bat");
    strictEqual(
      onPath.stdout.trim(),
      `on PATH: start ${config} api --dry-run`,
      onPath.stderr,
    );
    strictEqual(onPath.code, 3);
    strictEqual(
      (await call("stop.bat")).stdout.trim(),
      `on PATH: stop ${config} api --dry-run`,
    );

    // A program that takes `start` for a file that it cannot find.
    const deno = `${laneFolder()}/prefix/drive_c/deno/deno.exe`;
    await Deno.symlink(deno, `${folder}/devsvc.exe`);
    const beside = await call("start.bat");
    ok(!beside.stdout.includes("on PATH"), beside.stdout);
    match(beside.stderr, /start/);
    ok(beside.code !== 0 && beside.code !== 3, String(beside.code));
  },
);
