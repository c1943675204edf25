/** The documents and schemas that are made from the code are current. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { permissionFlags } from "../lib/runtime/self.ts";
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
