import { deepStrictEqual } from "node:assert/strict";
import { commandFirst } from "./main.ts";

Deno.test("commandFirst() puts a command before the flags in front of it", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["--lang en stop", "stop --lang en"],
    ["--config stop status", "status --config stop"],
    ["--config=a.toml --json check api", "check --config=a.toml --json api"],
    ["--json", "--json"],
    ["--json api", "--json api"],
    ["--lang en", "--lang en"],
    ["start --lang en stop", "start --lang en stop"],
    ["-- stop", "-- stop"],
    ["", ""],
  ];
  for (const [words, expected] of cases) {
    const split = (text: string) => text.split(" ").filter((word) => word);
    deepStrictEqual(commandFirst(split(words)), split(expected), words);
  }
});
