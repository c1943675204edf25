/** The documents and schemas that are made from the code are current. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { permissionFlags } from "../lib/runtime/self_program.ts";
import { buildDoc, DOC_URL } from "../scripts/generate_docs.ts";
import {
  buildReportSchema,
  REPORT_SCHEMA_URL,
} from "../scripts/generate_schema.ts";

Deno.test("docs/services.md is current", async () => {
  strictEqual(
    await Deno.readTextFile(DOC_URL),
    buildDoc(),
    "Run deno task schema",
  );
});

Deno.test("report.schema.json is current", async () => {
  const committed = await Deno.readTextFile(REPORT_SCHEMA_URL);
  strictEqual(committed, buildReportSchema(), "Run deno task schema");
});

Deno.test("the README names every command and the two ways to try it", async () => {
  const url = new URL("../README.md", import.meta.url);
  const text = await Deno.readTextFile(url);
  for (
    const command of ["check", "start", "stop", "restart", "status", "logs"]
  ) {
    ok(text.includes(`\`${command} [svc…]\``), command);
  }
  ok(text.includes("`why SVC`") && text.includes("`completions SHELL`"));
  match(text, /^npx -y deno@[\d.]+ task start/m);
  match(text, /^npx -y deno@[\d.]+ task test/m);
});

Deno.test("docs/install.md gives the permissions that devsvc has", async () => {
  const url = new URL("../docs/install.md", import.meta.url);
  const text = (await Deno.readTextFile(url)).replaceAll("'", "");
  const [command = ""] = /deno install [^]*?devsvc\.js$/m.exec(text) ?? [];
  deepStrictEqual(
    new Set(command.match(/--(?:allow|ignore|deny)-\S+/g)),
    new Set(permissionFlags()),
  );
});

Deno.test("docs/faults.md names a test for every fault, and each is there", async () => {
  const text = await Deno.readTextFile(
    new URL("../docs/faults.md", import.meta.url),
  );
  const rows = text.split("\n").filter((line) => line.startsWith("|")).slice(2);
  ok(rows.length >= 26, `${rows.length} rows`);
  for (const row of rows) {
    const [, fault = "", tests = ""] = row.split("|");
    ok(testsIn(tests).length > 0, `a test for ${fault.trim()}`);
  }
  const missing: string[] = [];
  for (const path of new Set(testsIn(text))) {
    const url = new URL(path, import.meta.url);
    if (!await Deno.stat(url).catch(() => undefined)) missing.push(path);
  }
  deepStrictEqual(missing, []);
});

Deno.test("docs/security.md names a test for everything that holds, and each is there", async () => {
  const url = new URL("../docs/security.md", import.meta.url);
  const text = await Deno.readTextFile(url);
  const [, part = ""] =
    /^## Who attacks([^]*?)^### What does not hold$/m.exec(text) ?? [];
  const rows = part.split("\n")
    .filter((line) => /^\|(?! attack | -)/.test(line))
    .map((line) => line.split(" | "));
  ok(rows.length >= 20, `${rows.length} rows`);
  const names = new Set<string>();
  for (const folder of ["lib", "tests"]) {
    for await (const name of testFilesBelow(`../${folder}/`)) names.add(name);
  }
  const missing: string[] = [];
  for (const [attack = "", , tests = ""] of rows) {
    const named = [...tests.matchAll(/`(\w+_test\.ts)`/g)]
      .map(([, name = ""]) => name);
    if (named.length === 0) missing.push(`a test for ${attack.trim()}`);
    missing.push(...named.filter((name) => !names.has(name)));
  }
  deepStrictEqual(missing, []);
});

async function* testFilesBelow(folder: string): AsyncGenerator<string> {
  for await (
    const { name, isDirectory } of Deno.readDir(
      new URL(folder, import.meta.url),
    )
  ) {
    if (isDirectory) yield* testFilesBelow(`${folder}${name}/`);
    else if (name.endsWith("_test.ts")) yield name;
  }
}

/** The tests that a text names. */
function testsIn(text: string): readonly string[] {
  return [...text.matchAll(/`(\w+\/\w+_test\.ts)`/g)]
    .flatMap(([, path]) => path === undefined ? [] : [path]);
}
