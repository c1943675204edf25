/** Where PATH has no Node, Deno puts a `node` of its own there, for itself alone. */

import {
  deepStrictEqual,
  doesNotMatch,
  match,
  strictEqual,
} from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { devsvcCommand } from "../kit/run_devsvc.ts";
import { makeProject } from "../kit/test_project.ts";

/** Fills a folder with the tools of the system, but for Node. */
async function linkTools(folder: string): Promise<void> {
  await Deno.mkdir(folder);
  for (const place of ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]) {
    for await (const { name } of Deno.readDir(place)) {
      if (name.startsWith("node")) continue;
      await Deno.symlink(`${place}/${name}`, `${folder}/${name}`)
        .catch(() => {});
    }
  }
}

Deno.test(
  "under a task of Deno no service gets the node of Deno",
  ON_LINUX,
  async () => {
    await using project = makeProject(0, () =>
      `[services.web]
command = 'command -v node || echo "no node"; echo "$PATH"; exec sleep 1000'
ready = { log = "tools" }
`);
    const { root } = project;
    const path = `${root}/tools`;
    await linkTools(path);
    const words = devsvcCommand().map((word) => `'${word}'`).join(" ");
    const tasks = { dev: `${words} start`, state: `${words} status` };
    await Deno.writeTextFile(`${root}/deno.json`, JSON.stringify({ tasks }));
    const runTask = async (task: string): Promise<string> => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["task", "--quiet", task],
        cwd: root,
        clearEnv: true,
        env: { PATH: path, HOME: Deno.env.get("HOME") ?? root, LANG: "C" },
      }).output();
      const decoder = new TextDecoder();
      const text = decoder.decode(stdout) + decoder.decode(stderr);
      strictEqual(code, 0, text);
      return text;
    };
    await runTask("dev");
    const log = project.read(".devsvc/logs/web.log").trim().split("\n");
    deepStrictEqual(log.slice(-2), ["no node", path]);
    const status = await runTask("state");
    match(status, /^web +ready /m);
    doesNotMatch(status, /\bPATH\b/);
    const direct = await project.run(["status"], { env: { PATH: path } });
    doesNotMatch(direct.stdout, /\bPATH\b/);
  },
);
