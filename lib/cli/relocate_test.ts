import { deepStrictEqual } from "node:assert/strict";
import { withConfig } from "./relocate.ts";

const FILE = "/mes projets/été/services.toml";

Deno.test("withConfig() makes the path of --config absolute", () => {
  for (
    const [words, expected] of [
      [["start", "--config", "../x.toml", "a"], [
        "start",
        `--config=${FILE}`,
        "a",
      ]],
      [["stop", "--config=x.toml", "--force"], [
        "stop",
        `--config=${FILE}`,
        "--force",
      ]],
      [["--config", "x.toml"], [`--config=${FILE}`]],
    ] as const
  ) {
    deepStrictEqual(withConfig(words, FILE), expected);
  }
});

Deno.test("withConfig() leaves alone what is no flag", () => {
  for (const words of [[], ["start", "a"], ["start", "--", "--config", "x"]]) {
    deepStrictEqual(withConfig(words, FILE), words);
  }
});
