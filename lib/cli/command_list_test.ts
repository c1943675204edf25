import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { silentTerminal } from "../../tests/kit/silent_terminal.ts";
import { type Language, LANGUAGES } from "../core/model.ts";
import { loadMessages } from "../report/messages/load_messages.ts";
import type { CliContext } from "./cli_context.ts";
import { COMMAND_NAMES, COMMANDS } from "./command_list.ts";
import { complete } from "./commands/complete.ts";

/** What could be typed behind `devsvc`, with its description. */
async function candidates(
  language: Language,
): Promise<ReadonlyMap<string, string>> {
  let text = "";
  const write = (more: string) => void (text += more);
  const context: CliContext = {
    args: [],
    process: { stdout: { write }, stderr: { write } },
    messages: await loadMessages(language),
    textLanguage: language,
    language,
    cwd: "/",
    interruptible: () => new AbortController().signal,
    terminal: silentTerminal(write),
  };
  await complete(context, ["="]);
  return new Map(
    text.trimEnd().split("\n").map((line) => {
      const [word = "", about = ""] = line.split("\t");
      return [word, about] as const;
    }),
  );
}

for (const language of LANGUAGES) {
  Deno.test(`each command has its brief and is completed in ${language}`, async () => {
    const found = await candidates(language);
    for (const name of COMMAND_NAMES) {
      const { brief } = await COMMANDS[name]();
      ok(brief[language].length > 0, name);
      strictEqual(found.get(name), brief[language]);
    }
  });
}

Deno.test("each command has a brief of its own in each language", async () => {
  const commands = await Promise.all(
    COMMAND_NAMES.map((name) => COMMANDS[name]()),
  );
  const briefs = commands.flatMap(({ brief }) => Object.values(brief));
  strictEqual(
    new Set(briefs).size,
    COMMAND_NAMES.length * LANGUAGES.length,
  );
});

/** The part of `deno info --json` that is read here. */
interface ModuleGraph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly Dependency[];
  }[];
}

interface Dependency {
  readonly isDynamic?: boolean;
  readonly code?: { readonly specifier?: string };
}

Deno.test("a plain call loads no command line library", async () => {
  const check = new URL("./commands/check.ts", import.meta.url).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", check],
  }).output();
  const { modules }: ModuleGraph = JSON.parse(new TextDecoder().decode(stdout));
  const dependencies = new Map(
    modules.map((module) => [module.specifier, module.dependencies ?? []]),
  );
  const loaded = new Set([check]);
  for (const name of loaded) {
    for (const { isDynamic, code } of dependencies.get(name) ?? []) {
      if (!isDynamic && code?.specifier) loaded.add(code.specifier);
    }
  }
  ok(loaded.size > 1);
  deepStrictEqual([...loaded].filter((name) => name.startsWith("npm:")), []);
});
