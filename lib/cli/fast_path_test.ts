import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { makeFolder } from "../../tests/kit/test_process.ts";
import { loadMessages } from "../report/messages/mod.ts";
import { runParsed } from "./app.ts";
import type { CliContext } from "./cli_context.ts";
import { readFastPath } from "./fast_path.ts";

const PLAIN = ["check", "status", "start", "stop", "restart"];

/** What a command says in a folder, and the exit code it leaves. */
async function listen(
  cwd: string,
  run: (context: CliContext) => Promise<void>,
): Promise<readonly [text: string, code: unknown]> {
  let text = "";
  const write = (more: string) => void (text += more);
  const process: CliContext["process"] = {
    stdout: { write },
    stderr: { write },
  };
  await run({
    args: [],
    process,
    messages: await loadMessages("en"),
    textLanguage: "en",
    cwd,
    interruptible: () => new AbortController().signal,
    terminal: {
      write,
      writeError: write,
      readKeys: () => Promise.resolve(undefined),
      isInteractive: false,
      isScreen: false,
      style: { color: false, emoji: false },
      columns: () => 80,
      rows: () => 24,
    },
  });
  return [text, process.exitCode];
}

Deno.test("readPlainly() does what the parser would do", async () => {
  await using folder = await makeFolder();
  const cwd = folder.path;
  const toml = '[services.api]\ncommand = "exit"\n';
  await Deno.writeTextFile(`${cwd}/services.toml`, toml);
  for (const command of PLAIN) {
    for (const names of [[], ["apii"]]) {
      // Nothing of it is carried out where a name is wrong; the rest only looks.
      if (names.length === 0 && command !== "check") continue;
      const words = [command, ...names];
      const plain = await listen(cwd, async (context) => {
        const call = readFastPath(words);
        ok(call, command);
        await (await call)(context);
      });
      const parsed = await listen(cwd, (it) => runParsed(words, it));
      deepStrictEqual(plain, parsed, command);
    }
  }
});

Deno.test("readPlainly() leaves all that is not plain to the parser", () => {
  for (
    const words of [
      ["check", "--json"],
      ["status", "api", "-h"],
      ["start", "--"],
      ["--help"],
      ["--lang", "fr"],
      ["logs"],
      ["why", "api"],
      ["chekc"],
      ["toString"],
      [""],
    ]
  ) strictEqual(readFastPath(words), undefined, words.join(" "));
});

Deno.test("readPlainly() tells a surprise in one line", async () => {
  const call = await readFastPath(["check"]);
  ok(call);
  const [text, code] = await listen("/", (context) =>
    call({
      ...context,
      get cwd(): string {
        throw new Error("no folder");
      },
    }));
  deepStrictEqual([text, code], ["devsvc: Unexpected error: no folder\n", 1]);
});
