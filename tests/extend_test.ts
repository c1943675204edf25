// A new readiness kind takes three files: its type, its rule and its probe. A
// copy of this checkout is given `ready.file`, which passes when a file exists.

import { match, strictEqual } from "node:assert/strict";
import { fromFileUrl } from "./kit/paths.ts";
import { ENGLISH, type Run } from "./kit/run_devsvc.ts";
import { makeFolder, type TestFolder } from "./kit/test_process.ts";
import { makeProject } from "./kit/test_project.ts";

/** A text of a file, and what is inserted before it. */
type Insertion = readonly [before: string, text: string];

const INSERTIONS: Readonly<Record<string, readonly Insertion[]>> = {
  "lib/core/model.ts": [[
    `  | { readonly kind: "command"; readonly command: Command };`,
    `  | { readonly kind: "file"; readonly path: string }\n`,
  ]],
  "lib/config/schema.ts": [
    [
      `  timeout: {\n    rule: DURATION,\n    description:\n      "How long the service may take to be ready`,
      `  file: { rule: VISIBLE_TEXT, description: "A file that must exist." },\n`,
    ],
    [
      `  if (command !== undefined) checks.push(`,
      `  if (file !== undefined) checks.push({ kind: "file", path: file });\n`,
    ],
    [`command }: ValueOf<typeof READY_TABLE>,`, `file, `],
  ],
  "lib/runtime/start/probes.ts": [
    [
      `    case "command":\n`,
      `    case "file":\n      return checkFile(check.path, target);\n`,
    ],
    [
      `async function checkLog(`,
      `function checkFile(
  path: string,
  { cwd }: CheckTarget,
): Promise<CheckResult> {
  const exists = statOrUndefined(systemFileSystem, resolve(cwd, path)) !== undefined;
  return Promise.resolve(
    exists ? PASSED : { ok: false, detail: "no such file" },
  );
}

`,
    ],
    [
      `import type { Host, QueryHost } from`,
      `import { resolve } from "../../core/path.ts";
import { statOrUndefined, systemFileSystem } from "../../platform/file_system.ts";
`,
    ],
  ],
};

/** Copies what `main.ts` needs, and inserts the new kind. */
async function copyExtended(): Promise<TestFolder> {
  const folder = await makeFolder();
  const from = fromFileUrl(new URL("..", import.meta.url));
  for (const name of ["main.ts", "deno.json", "deno.lock"]) {
    await Deno.copyFile(`${from}/${name}`, `${folder.path}/${name}`);
  }
  await copyFolder(`${from}/lib`, `${folder.path}/lib`);
  await Deno.symlink(`${from}/node_modules`, `${folder.path}/node_modules`, {
    type: "junction",
  });
  for (const [name, insertions] of Object.entries(INSERTIONS)) {
    const file = `${folder.path}/${name}`;
    let text = await Deno.readTextFile(file);
    for (const [before, inserted] of insertions) {
      strictEqual(text.split(before).length, 2, `once in ${name}: ${before}`);
      text = text.replace(before, () => inserted + before);
    }
    await Deno.writeTextFile(file, text);
  }
  return folder;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

async function runDeno(args: readonly string[], cwd: string): Promise<Run> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { ...ENGLISH, NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const [out, err] = [decoder.decode(stdout), decoder.decode(stderr)];
  return { code, stdout: out, stderr: err };
}

/** A service that runs until it is stopped. */
function serviceOf(ready = ""): string {
  const command = [Deno.execPath(), "eval", "setInterval(() => {}, 1000)"];
  return `[services.worker]\ncommand = ${JSON.stringify(command)}\n${ready}`;
}

Deno.test("a readiness kind is added in three files", async () => {
  strictEqual(Object.keys(INSERTIONS).length, 3);
  await using copy = await copyExtended();
  const checked = await runDeno(["check", "main.ts"], copy.path);
  strictEqual(checked.code, 0, checked.stderr);
  const config = ["--config", `${copy.path}/deno.json`];
  const devsvc = ["run", "--quiet", "-A", ...config, `${copy.path}/main.ts`];
  // The checkout, which stops the service at the end, does not know the kind.
  await using project = makeProject(0, () => serviceOf());
  const ready = 'ready = { file = "up", timeout = "1s" }\n';
  project.write(serviceOf(ready));
  const late = await runDeno([...devsvc, "start"], project.root);
  strictEqual(late.code, 1, late.stdout + late.stderr);
  match(late.stdout + late.stderr, /waiting for file up: no such file/);
  await Deno.writeTextFile(`${project.root}/up`, "");
  const again = await runDeno([...devsvc, "restart"], project.root);
  strictEqual(again.code, 0, again.stdout + again.stderr);
  const status = await runDeno([...devsvc, "status"], project.root);
  match(status.stdout, /worker.*ready/);
});
