import {
  deepStrictEqual,
  doesNotMatch,
  match,
  ok,
  strictEqual,
} from "node:assert/strict";
import { errorOf, makeFolder } from "../../tests/kit/config_folder.ts";
import { ConfigError } from "../config/errors/config_error.ts";
import { loadProject } from "../config/load.ts";
import { LANGUAGES } from "../core/model.ts";
import {
  EXAMPLE_CONFIG,
  renderConfigError,
  renderNoConfig,
} from "./config_report.ts";

const PLAIN = { color: false, emoji: false };

const WRONG = `[services.api]
command = "x"
prot = 1
port = 99999
`;

Deno.test("renderConfigError() reads like a compiler, in English", async () => {
  await using folder = await makeFolder();
  const error = await errorOf(folder, WRONG);
  strictEqual(
    await renderConfigError(error, "en", PLAIN),
    `services.toml:3:1  unknown key "prot"
    3 | prot = 1
      | ^^^^
      = did you mean "port"?

services.toml:4:8  port 99999 is out of range: expected an integer from 1 to 65535
    4 | port = 99999
      |        ^^^^^

2 mistakes in services.toml: nothing was started.`,
  );
});

Deno.test("renderConfigError() reads like a compiler, in French", async () => {
  await using folder = await makeFolder();
  const error = await errorOf(folder, WRONG);
  strictEqual(
    await renderConfigError(error, "fr", PLAIN),
    `services.toml:3:1  clé inconnue « prot »
    3 | prot = 1
      | ^^^^
      = vouliez-vous dire « port » ?

services.toml:4:8  port 99999 est hors limites : un entier de 1 à 65535 est attendu
    4 | port = 99999
      |        ^^^^^

2 erreurs dans services.toml : rien n'a été démarré.`,
  );
});

Deno.test("renderConfigError() puts the carets under what is seen", async () => {
  await using folder = await makeFolder();
  const error = await errorOf(
    folder,
    '[services.api]\ncommand = "x"\n\tenv = { "é漢😀" = 1, B = "é", "漢" = 2 }\n',
  );
  const lines = (await renderConfigError(error, "en", PLAIN)).split("\n");
  deepStrictEqual(lines.slice(1, 3), [
    '    3 | \tenv = { "é漢😀" = 1, B = "é", "漢" = 2 }',
    "      | \t                  ^",
  ]);
  deepStrictEqual(lines.slice(6, 8), [
    '    3 | \tenv = { "é漢😀" = 1, B = "é", "漢" = 2 }',
    "      | \t                                     ^",
  ]);
});

Deno.test("renderConfigError() marks wide letters over their whole width", async () => {
  await using folder = await makeFolder();
  const error = await errorOf(folder, '[services."漢字"]\ncommand = "x"\n');
  match(await renderConfigError(error, "en", PLAIN), /\| {11}\^{6}\n/);
});

Deno.test("renderConfigError() colours only where it is asked to", async () => {
  await using folder = await makeFolder();
  const error = await errorOf(folder, WRONG);
  const plain = await renderConfigError(error, "en", PLAIN);
  const painted = await renderConfigError(error, "en", {
    ...PLAIN,
    color: true,
  });
  ok(!plain.includes("\x1b"));
  strictEqual(painted.replaceAll(/\p{Cc}\[\d+m/gu, ""), plain);
  ok(painted.includes("\x1b[31m^^^^^\x1b[0m"));
});

Deno.test("renderConfigError() lets no part of a file steer the terminal", async () => {
  await using folder = await makeFolder();
  const texts = [
    'label = "\x1b[2J"\n',
    `${WRONG}# \u202e\n"\\u001b[2J\\u009b\\u202e" = 1\n`,
    `${WRONG}stop.signal = "\\u001b[2J"\n`,
  ];
  for (const text of texts) {
    const rendered = await renderConfigError(
      await errorOf(folder, text),
      "en",
      PLAIN,
    );
    // deno-lint-ignore no-control-regex
    doesNotMatch(rendered, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  }
});

Deno.test("renderConfigError() shows no line for an issue of the whole file", async () => {
  await using folder = await makeFolder();
  strictEqual(
    await renderConfigError(await errorOf(folder, ""), "fr", PLAIN),
    `services.toml  il n'y a aucun service dans ce fichier
      = ajoutez une table comme [services.api] avec une command

1 erreur dans services.toml : rien n'a été démarré.`,
  );
  const missing = `${folder.root}/other.toml`;
  const error = await loadProject(missing).catch((thrown) => thrown);
  ok(error instanceof ConfigError);
  strictEqual(
    await renderConfigError(error, "en", PLAIN),
    `other.toml  cannot read "${missing}": it does not exist

1 mistake in other.toml: nothing was started.`,
  );
});

Deno.test("renderConfigError() cuts a very long value", async () => {
  await using folder = await makeFolder();
  const error = await errorOf(folder, `${"a".repeat(500)} = 1\n`);
  const [head] = (await renderConfigError(error, "en", PLAIN)).split("\n");
  strictEqual(head, `services.toml  there is no service in this file`);
  const rendered = await renderConfigError(error, "en", PLAIN);
  match(rendered, /unknown key "a{59}…"/);
});

Deno.test("renderConfigError() shows the first 20 issues and counts the others", async () => {
  await using folder = await makeFolder();
  const keys = Array.from({ length: 50_000 }, (_, index) => `k${index} = 1\n`);
  const error = await errorOf(
    folder,
    '[services.api]\ncommand = "x"\n' + keys.join(""),
  );
  const english = await renderConfigError(error, "en", PLAIN);
  strictEqual(english.match(/unknown key/g)?.length, 20);
  ok(english.endsWith(
    "\n\nand 49,980 more\n\n50,000 mistakes in services.toml: nothing was started.",
  ));
  const french = await renderConfigError(error, "fr", PLAIN);
  ok(french.endsWith(
    "\n\net 49 980 autres\n\n50 000 erreurs dans services.toml : rien n'a été démarré.",
  ));
});

Deno.test("renderConfigError() shows the part of a long line that is meant", async () => {
  await using folder = await makeFolder();
  const env = Array.from({ length: 500 }, (_, index) => `E${index} = "é"`);
  const text = `[services.api]\ncommand = "x"\nenv = { ${env.join(", ")}, `;
  const error = await errorOf(folder, `${text}LAST = 1 }\n`);
  const [, source = "", marks = ""] =
    (await renderConfigError(error, "en", PLAIN))
      .split("\n");
  ok(source.length < 220);
  strictEqual(source.slice(marks.indexOf("^")), "1 }");
});

Deno.test("renderNoConfig() shows an example that is valid", async () => {
  await using folder = await makeFolder();
  await folder.write(EXAMPLE_CONFIG);
  const { services } = await loadProject(folder.file);
  deepStrictEqual(services.map(({ name }) => name), ["api", "web"]);
  for (const language of LANGUAGES) {
    const text = await renderNoConfig(["/a/b", "/a", "/"], language);
    match(text, /services\.toml/);
    match(text, /\n {2}\/a\/b\n {2}\/a\n {2}\/\n/);
    for (const line of EXAMPLE_CONFIG.trimEnd().split("\n")) {
      ok(text.includes(line));
    }
  }
});
