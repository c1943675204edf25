/** devsvc as one file: nothing that it does is lost on the way. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { bundle, ENTRY } from "../../scripts/_bundle.ts";
import { makeFolder } from "../kit/test_process.ts";
import { ENGLISH, type Run } from "../kit/run_devsvc.ts";
import { writeLauncher } from "../kit/launcher.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { makeProject, plainServers } from "../kit/test_project.ts";

Deno.test("a small bundle gives back all that a plain one does", async () => {
  const textOf = async (small: boolean) =>
    [...(await bundle({ small })).values()].join("");
  const [plain, small] = [await textOf(false), await textOf(true)];
  const count = (code: string) =>
    [...code.matchAll(/\b(?:await )?using [\w$]+ ?=/g)].length;
  ok(count(plain) > 0);
  // Two in a row become one statement.
  const pairs =
    [...plain.matchAll(/\b(await )?using [^;]+;\s*\1using /g)].length;
  strictEqual(count(small), count(plain) - pairs);
  ok(small.length < plain.length * 0.6);
});

for (const split of [false, true]) {
  const kind = split ? "in parts" : "in one file";
  Deno.test(
    `the bundle ${kind} runs a project's day, from below and beside it too`,
    ON_LINUX,
    async () => {
      await using folder = await makeFolder();
      for (const [name, code] of await bundle({ split })) {
        await Deno.writeTextFile(`${folder.path}/${name}`, code);
      }
      const file = `${folder.path}/${ENTRY}`;
      const launcher = writeLauncher(file, folder.path);
      await using project = makeProject(2, plainServers, {
        folder: "mes projets à moi",
      });
      const below = `${project.root}/src`;
      await Deno.mkdir(below);
      const run = async (cwd: string, ...args: string[]): Promise<Run> => {
        const output = await new Deno.Command(launcher, {
          args,
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
      const { root } = project;
      strictEqual((await run(root, "check")).code, 0);
      const start = await run(below, "start");
      strictEqual(start.code, 0, start.stdout + start.stderr);
      match((await run(root, "start")).stdout, /Already running: 2 services\./);
      const config = `${root}/services.toml`;
      const restart = await run(folder.path, "restart", "--config", config);
      strictEqual(restart.code, 0, restart.stdout + restart.stderr);
      strictEqual((await run(below, "stop")).code, 0);
      const wrong = await run(root, "start", "--forse");
      match(wrong.stderr, /There is no flag --forse: did you mean --force\?/);
      deepStrictEqual(wrong.code, 2);
    },
  );
}
