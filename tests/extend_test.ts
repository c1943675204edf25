/** A kind of readiness check is added in the three files that CONTRIBUTING names. */

import { match, strictEqual } from "node:assert/strict";
import { fromFileUrl } from "./kit/paths.ts";
import { makeProject } from "./kit/test_project.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url));

/** What is put before a line of each file: a check that a file exists. */
const EDITS: Readonly<Record<string, readonly (readonly [string, string])[]>> =
  {
    "lib/core/model.ts": [[
      '  | { readonly kind: "tcp" }\n',
      '  | { readonly kind: "file"; readonly path: string }\n',
    ]],
    "lib/config/schema.ts": [
      [
        "  timeout: {\n    rule: DURATION,\n    description:\n" +
        '      "How long the service may take to be ready',
        '  file: { rule: TEXT, description: "A file that must exist." },\n',
      ],
      [
        "  if (ready?.log !== undefined) {\n",
        "  if (ready?.file !== undefined) {\n" +
        '    checks.push({ kind: "file", path: ready.file });\n  }\n',
      ],
    ],
    "lib/runtime/start/probes.ts": [[
      '    case "command":\n',
      '    case "file":\n' +
      "      return host.fs.stat(`${target.cwd}/${check.path}`).then(\n" +
      "        () => PASSED,\n" +
      '        () => ({ ok: false, detail: "no such file" }),\n      );\n',
    ]],
  };

const SERVICE = `command = ${
  JSON.stringify([Deno.execPath(), "eval", "setInterval(() => {}, 60_000)"])
}`;

Deno.test("a readiness kind is added by touching three files", async () => {
  await using project = makeProject(0, () => `[services.here]\n${SERVICE}\n`);
  const copy = `${project.root}/copy`;
  copyTree(`${ROOT}lib`, `${copy}/lib`);
  for (const file of ["main.ts", "deno.json", "deno.lock"]) {
    await Deno.copyFile(ROOT + file, `${copy}/${file}`);
  }
  await Deno.symlink(`${ROOT}node_modules`, `${copy}/node_modules`, {
    type: "junction",
  });
  for (const [file, edits] of Object.entries(EDITS)) {
    for (const [before, text] of edits) insert(`${copy}/${file}`, before, text);
  }
  project.write(`language = "en"
[services.here]
${SERVICE}
ready = { file = "services.toml" }
[services.missing]
${SERVICE}
ready = { file = "nowhere", timeout = "1s" }
`);
  const devsvc = async (command: string) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--check", `${copy}/main.ts`, command],
      cwd: project.root,
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
  };
  const started = await devsvc("start");
  const stopped = await devsvc("stop");
  match(started.text, /\bhere: ready\b/);
  match(started.text, /ready\.file: no such file/);
  strictEqual(started.code, 1);
  strictEqual(stopped.code, 0, stopped.text);
});

function copyTree(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) copyTree(`${from}/${name}`, `${to}/${name}`);
    else Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}

function insert(file: string, before: string, text: string): void {
  const source = Deno.readTextFileSync(file);
  strictEqual(source.split(before).length, 2, `once in ${file}: ${before}`);
  Deno.writeTextFileSync(file, source.replace(before, () => text + before));
}
