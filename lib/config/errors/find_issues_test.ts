import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { details } from "../../report/messages/en_details.ts";
import type { ConfigError } from "./config_error.ts";
import {
  errorOf,
  type Folder,
  makeFolder,
  short,
} from "../../../tests/kit/config_folder.ts";
import { API, CASES as FIRST_CASES } from "../../../tests/kit/config_cases.ts";
import { TABLE_CASES } from "../../../tests/kit/config_table_cases.ts";

const CASES = [...FIRST_CASES, ...TABLE_CASES];

Deno.test("loadProject() finds issues at their places", async () => {
  await using folder = await makeFolder();
  for (const { name, text, found, detail } of CASES) {
    const { issues } = await errorOf(folder, text);
    deepStrictEqual(issues.map(short), found, name);
    const [first] = issues.map((issue) => Object.entries(issue));
    const fields = Object.fromEntries(first ?? []);
    for (const [key, value] of Object.entries(detail ?? {})) {
      deepStrictEqual(fields[key], value, `${name}: ${key}`);
    }
  }
});

Deno.test("every kind of issue has a case", () => {
  // What Windows must not look at has a test of its own.
  const elsewhere = ["windows-path"];
  const found = CASES.flatMap((one) => one.found)
    .map((text) => text.split(" ")[1]);
  deepStrictEqual(
    Object.keys(details.config.issue)
      .filter((code) => !found.concat(elsewhere).includes(code)),
    [],
  );
});

Deno.test("loadProject() finds all issues at once, in the order of the file", async () => {
  await using folder = await makeFolder();
  const error = await errorOf(
    folder,
    `langue = "fr"
language = "en"
[services.api]
command = 3
port = 99999
cwd = "nowhere"
depends_on = ["wbe"]
[services.web]
port = 80
depends_on = ["web"]
[services.db]
command = "x"
port = 80
`,
  );
  strictEqual(error.language, "en");
  deepStrictEqual(error.issues.map(short), [
    "1:1+6 unknown-key",
    "4:11+1 wrong-type",
    "5:8+5 out-of-range",
    "6:7+9 missing-folder",
    "7:15+5 unknown-dependency",
    "8:11+3 missing-key",
    "10:15+5 cycle",
    "13:8+2 duplicate-port",
  ]);
});

Deno.test("loadProject() finds the same places behind a BOM and with CRLF", async () => {
  await using folder = await makeFolder();
  for (const { name, text, found } of CASES) {
    if (typeof text !== "string") continue;
    const windows = "\ufeff" + text.replaceAll("\n", "\r\n");
    const { issues } = await errorOf(folder, windows);
    deepStrictEqual(issues.map(short), found, name);
    ok(issues.every(({ source }) => !/[\r\ufeff]/.test(source)), name);
  }
});

Deno.test("loadProject() says that it cannot read a file", async () => {
  await using folder = await makeFolder();
  const error = await errorOf(folder, API + 'env_file = "no.env"');
  const [issue] = error.issues;
  strictEqual(issue?.source, 'env_file = "no.env"');
  await Deno.remove(folder.file);
  await Deno.mkdir(folder.file);
  const { issues } = await errorOf({
    ...folder,
    write: () => Promise.resolve(),
  }, "");
  deepStrictEqual(issues.map(short), ["0:0+0 unreadable-file"]);
});

Deno.test("loadProject() survives any text", async () => {
  await using folder = await makeFolder();
  const pieces = fc.constantFrom(
    "[services.a]\n",
    "[[services]]\n",
    "services.",
    "a = 1\n",
    "port = ",
    "8000\n",
    '"é😀"',
    "= [",
    "]\n",
    "{ x = ",
    "}",
    "command",
    " = 'x'\n",
    "windows.",
    "ready.",
    "\r\n",
    "__proto__",
    "\0",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { maxLength: 12 }), async (parts) => {
      const text = parts.join("");
      const services = "[services.ok]\ncommand = 'x'\nbad = 1\n" + text;
      const { issues } = await errorOf(folder, services);
      ok(issues.length > 0);
      for (const { line, column, source, width } of issues) {
        if (line === 0) continue;
        strictEqual(services.split(/\r?\n/)[line - 1], source);
        ok(column >= 1 && column <= Array.from(source).length + 1);
        ok(width >= 1);
      }
    }),
  );
});

Deno.test("loadProject() is quick with 50,000 unknown keys and counts them", async () => {
  await using folder = await makeFolder();
  const keys = Array.from({ length: 50_000 }, (_, index) => `k${index} = 1\n`);
  const error = await quickErrorOf(folder, API + keys.join(""));
  strictEqual(error.issueCount, 50_000);
  deepStrictEqual(
    error.issues.map(({ line }) => line),
    Array.from({ length: 20 }, (_, index) => index + 3),
  );
});

Deno.test("loadProject() is quick with a key of 100,000 parts", async () => {
  await using folder = await makeFolder();
  const key = Array(100_000).fill("a").join(".");
  const texts = [`${API}${key} = 1\n`, `${API}[services.api.${key}]\nb = 1\n`];
  for (const text of texts) {
    const error = await quickErrorOf(folder, text);
    const [issue, ...others] = error.issues;
    deepStrictEqual(others, []);
    deepStrictEqual(issue?.path, ["services", "api", "a"]);
    deepStrictEqual(issue.line, 3);
    ok(issue.source.length <= 200);
  }
});

Deno.test("loadProject() is quick with services that all depend on each other", async () => {
  await using folder = await makeFolder();
  const names = Array.from({ length: 200 }, (_, index) => `s${index}`);
  const services = names.map((name) =>
    `[services.${name}]\ncommand = "x"\ndepends_on = ${
      JSON.stringify(names.filter((other) => other !== name))
    }\n`
  );
  const error = await quickErrorOf(folder, services.join(""));
  deepStrictEqual(error.issues.length, 20);
  deepStrictEqual(
    new Set(error.issues.map(({ code }) => code)),
    new Set(["cycle"]),
  );
  ok(error.issueCount >= 199, String(error.issueCount));
  ok(JSON.stringify(error.issues).length < 100_000);
});

Deno.test("loadProject() is quick with a ring of 10,000 services", async () => {
  await using folder = await makeFolder();
  const services = Array.from(
    { length: 10_000 },
    (_, index) =>
      `[services.s${index}]\ncommand = "x"\n` +
      `depends_on = ["s${(index + 1) % 10_000}", "gone"]\n`,
  );
  const error = await quickErrorOf(folder, services.join(""));
  strictEqual(error.issueCount, 10_001);
  ok(JSON.stringify(error.issues).length < 100_000);
});

const LOAD_URL = JSON.stringify(import.meta.resolve("../load.ts"));

/** In a process of its own: the processor time of this one is all tests'. */
const MEASURED = `
    const { loadProject } = await import(${LOAD_URL});
  const start = process.cpuUsage();
  const error = await loadProject(Deno.args[0]).catch((error) => error);
  const { user, system } = process.cpuUsage(start);
  const { issues, issueCount } = error;
  console.log(JSON.stringify({ issues, issueCount, microseconds: user + system }));
`;

async function quickErrorOf(
  folder: Folder,
  text: string,
): Promise<Pick<ConfigError, "issues" | "issueCount">> {
  await folder.write(text);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", MEASURED, folder.file],
  }).output();
  const decoder = new TextDecoder();
  ok(stdout.length > 0, decoder.decode(stderr));
  const { microseconds, ...error } = JSON.parse(decoder.decode(stdout));
  ok(microseconds < 2_000_000, `${microseconds} µs`);
  return error;
}
