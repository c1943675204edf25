import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { silentTerminal } from "../../tests/kit/silent_terminal.ts";
import { makeFolder } from "../../tests/kit/test_process.ts";
import { loadMessages } from "../report/messages/load_messages.ts";
import { runParsed } from "./app.ts";
import type { CliContext } from "./cli_context.ts";
import { loadPlainCall } from "./fast_path.ts";

const PLAIN = ["check", "status", "start", "stop", "restart"];

/** What a command prints in a folder, and its exit code. */
async function capture(
  cwd: string,
  run: (context: CliContext) => Promise<number>,
): Promise<readonly [text: string, code: number]> {
  let text = "";
  const write = (more: string) => void (text += more);
  const process: CliContext["process"] = {
    stdout: { write },
    stderr: { write },
  };
  const code = await run({
    args: [],
    process,
    messages: await loadMessages("en"),
    textLanguage: "en",
    cwd,
    interruptible: () => new AbortController().signal,
    terminal: silentTerminal(write),
  });
  return [text, code];
}

Deno.test("loadPlainCall() does what the parser would do", async () => {
  await using folder = await makeFolder();
  const cwd = folder.path;
  const toml = '[services.api]\ncommand = "exit"\n';
  await Deno.writeTextFile(`${cwd}/services.toml`, toml);
  for (const command of PLAIN) {
    for (const names of [[], ["apii"]]) {
      // A wrong name stops every command at once; `check` changes nothing.
      if (names.length === 0 && command !== "check") continue;
      const words = [command, ...names];
      const plain = await capture(cwd, async (context) => {
        const call = await loadPlainCall(words);
        ok(call, command);
        return await call(context);
      });
      const parsed = await capture(cwd, (context) => runParsed(words, context));
      deepStrictEqual(plain, parsed, command);
    }
  }
});

Deno.test("loadPlainCall() leaves all that is not plain to the parser", async () => {
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
  ) strictEqual(await loadPlainCall(words), undefined, words.join(" "));
});

Deno.test("loadPlainCall() reports an unexpected error in one line", async () => {
  const call = await loadPlainCall(["check"]);
  ok(call);
  const [text, code] = await capture("/", (context) =>
    call({
      ...context,
      get cwd(): string {
        throw new Error("no folder");
      },
    }));
  deepStrictEqual([text, code], ["devsvc: Unexpected error: no folder\n", 1]);
});
