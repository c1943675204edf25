import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { run } from "@stricli/core";
import { type Language, LANGUAGES } from "../core/model.ts";
import { loadMessages } from "../report/messages/load_messages.ts";
import { buildApp } from "./app.ts";
import type { CliContext } from "./cli_context.ts";
import { COMMAND_NAMES, COMMANDS } from "./command_list.ts";

interface Said {
  readonly out: string;
  readonly error: string;
  readonly code: CliContext["process"]["exitCode"];
}

/** Runs words that never come as far as a command. */
async function say(language: Language, ...words: string[]): Promise<Said> {
  const messages = await loadMessages(language);
  let out = "";
  let error = "";
  const process: CliContext["process"] = {
    stdout: { write: (text) => void (out += text) },
    stderr: { write: (text) => void (error += text) },
  };
  const refuse = () => {
    throw new Error("Cannot act: the words were wrong");
  };
  await run(await buildApp(messages, { language }), words, {
    args: words,
    process,
    messages,
    textLanguage: language,
    cwd: "/",
    interruptible: refuse,
    terminal: {
      write: refuse,
      writeError: refuse,
      readKeys: refuse,
      isInteractive: false,
      isScreen: false,
      style: { color: false, emoji: false },
      columns: () => 80,
      rows: () => 24,
    },
  });
  return { out, error, code: process.exitCode };
}

for (const language of LANGUAGES) {
  Deno.test(`buildApp() in ${language} helps with every command`, async () => {
    const { cli } = await loadMessages(language);
    const { out, error, code } = await say(language, "--help");
    strictEqual(code, 0);
    strictEqual(error, "");
    ok(out.includes(cli.description));
    for (const command of COMMAND_NAMES) {
      const { brief: { [language]: brief } } = await COMMANDS[command]();
      const line = out.split("\n").find((text) =>
        text.trim().startsWith(`${command} `)
      );
      ok(line?.endsWith(brief), `${command}: ${line}`);
    }
  });

  Deno.test(`buildApp() in ${language} helps with every flag of a command`, async () => {
    const { cli } = await loadMessages(language);
    const flags: Readonly<Record<string, string>> = {
      "--json": cli.json,
      "--config": cli.config,
      "--lang": cli.lang,
      "--no-color": cli.color,
      "--dry-run": cli.dryRun,
      "--force": cli.force,
      "--on-conflict": cli.onConflict,
    };
    for (const command of ["start", "stop", "restart"]) {
      const { out } = await say(language, command, "--help");
      for (const [flag, brief] of Object.entries(flags)) {
        const line = out.split("\n").find((text) => text.includes(brief));
        ok(line?.includes(flag), `${command} ${flag}: ${line}`);
      }
      ok(out.includes("ask|fail|restart|keep"), command);
    }
  });
}

Deno.test("buildApp() prints its version", async () => {
  for (const word of ["--version", "-v"]) {
    const { out, code } = await say("en", word);
    ok(/^\d+\.\d+\.\d+\n$/.test(out), out);
    strictEqual(code, 0);
  }
});

/** Wrong words, and what the answer must hold in English and in French. */
const WRONG: readonly (readonly [string, readonly string[]])[] = [
  ["strat", ['"strat"', "start"]],
  ["xyzzy", ['"xyzzy"', "devsvc --help"]],
  ["start --forse", ["--forse", "--force"]],
  ["start --dryrun", ["--dryrun", "--dry-run"]],
  ["start --bogus", ["--bogus", "--help"]],
  ["start -x", ["-x", "--help"]],
  ["check --force", ["--force"]],
  [
    "start --on-conflict maybe",
    ["--on-conflict", '"maybe"', "ask, fail, restart, keep"],
  ],
  ["check --lang de", ["--lang", '"de"', "fr, en"]],
  ["check --lang", ["--lang"]],
  ["check --json --json", ["--json"]],
  ["check --no-json=yes", ["--no-json"]],
  ["why", ["service"]],
  ["why api web", ['"web"']],
  ["completions", ["shell"]],
  ["completions bash zsh", ['"zsh"']],
  ["logs --lines 1e3", ["--lines", '"1e3"', "1000000"]],
  ["logs -n abc", ["--lines", '"abc"', "1000000"]],
  ["logs --lines -5", ["--lines"]],
  ["logs --lines 1000001", ["--lines", '"1000001"']],
  ["logs --grep (", ["--grep", '"("']],
];

for (const [line, parts] of WRONG) {
  Deno.test(`buildApp() explains what is wrong with: ${line}`, async () => {
    const english = await say("en", ...line.split(" "));
    const french = await say("fr", ...line.split(" "));
    for (const { code, out } of [english, french]) {
      ok(Number(code) !== 0, `exit code ${code}`);
      strictEqual(out, "");
    }
    ok(english.error.startsWith("devsvc: "), english.error);
    ok(french.error.startsWith("devsvc : "), french.error);
    for (const part of parts) {
      ok(english.error.includes(part), english.error);
      const quoted = part.replace(/^"(.*)"$/, "« $1 »");
      ok(french.error.includes(quoted), french.error);
    }
  });
}

Deno.test("buildApp() speaks French to the end when it speaks French", async () => {
  const said: string[] = [];
  for (const [line] of WRONG) {
    said.push((await say("fr", ...line.split(" "))).error);
  }
  for (const command of COMMAND_NAMES) {
    said.push((await say("fr", command, "--help")).out);
  }
  const english = /\b(the|too|many|cannot|expected|default =|print|with)\b/i;
  deepStrictEqual(said.filter((text) => english.test(text)), []);
});

Deno.test("buildApp() says what went wrong inside of a command, in one line", async () => {
  // The terminal of this test throws as soon as the command wants to write.
  const { error, code } = await say("en", "check", "--config", "/none.toml");
  ok(/^devsvc: .*\n$/.test(error) && !error.includes(" at "), error);
  ok(Number(code) !== 0);
});
