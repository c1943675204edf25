/**
 * Settings of Deno and npm that happen to lie above devsvc.js, or in the
 * project: devsvc reads none of them, when it runs itself again neither.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { bundle, ENTRY } from "../../scripts/_bundle.ts";
import { denoArgs } from "../../lib/runtime/self_program.ts";
import { writeLauncher } from "../kit/launcher.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { instancesIn } from "../kit/processes.ts";
import { ENGLISH, type Run } from "../kit/run_devsvc.ts";
import { makeFolder } from "../kit/test_process.ts";
import { untilSupervised } from "../kit/test_supervisor.ts";
import { makeProject, plainServers } from "../kit/test_project.ts";

/** What lies there: none of them can be read by Deno or npm. */
const BROKEN = {
  "deno.json": "{ this is no JSON",
  "deno.lock": "{ nor this",
  "package.json": "{ nor this",
  ".npmrc": "= = =",
  "tsconfig.json": "{ nor this",
} as const;

async function breakSettings(folder: string): Promise<void> {
  for (const [name, text] of Object.entries(BROKEN)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
}

Deno.test(
  "broken settings above devsvc.js and in the project change nothing",
  ON_LINUX,
  async () => {
    await using home = await makeFolder();
    await breakSettings(home.path);
    const folder = `${home.path}/tools/devsvc`;
    await Deno.mkdir(folder, { recursive: true });
    const code = (await bundle()).get(ENTRY) ?? "";
    await Deno.writeTextFile(`${folder}/${ENTRY}`, code);
    const devsvc = writeLauncher(`${folder}/${ENTRY}`, `${home.path}/bin`);

    await using project = makeProject(1, plainServers);
    await breakSettings(project.root);
    const cwd = `${project.root}/src/deep`;
    await Deno.mkdir(cwd, { recursive: true });
    await breakSettings(cwd);
    const run = async (...args: readonly string[]): Promise<Run> => {
      const output = await new Deno.Command(devsvc, {
        args: [...args],
        cwd,
        env: { ...ENGLISH, NO_COLOR: "1" },
      }).output();
      const decoder = new TextDecoder();
      return {
        code: output.code,
        stdout: decoder.decode(output.stdout),
        stderr: decoder.decode(output.stderr),
      };
    };

    const start = await run("start");
    strictEqual(start.code, 0, start.stdout + start.stderr);
    match(start.stdout, /1 service is ready/);
    // The supervisor is devsvc, too, and was started with the same flags.
    const supervisor = await untilSupervised(project);
    const words = (await Deno.readTextFile(`/proc/${supervisor}/cmdline`))
      .split("\0");
    for (const word of denoArgs(`file://${folder}/${ENTRY}`)) {
      ok(words.includes(word), word);
    }

    const status = await run("status");
    deepStrictEqual([status.code, status.stderr], [0, ""]);
    match((await run("start")).stdout, /Already running: 1 service\./);
    const stop = await run("stop");
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    match(stop.stdout, /1 service stopped/);
    deepStrictEqual([...instancesIn(project.root)], []);
  },
);
