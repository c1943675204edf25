import { strictEqual } from "node:assert/strict";
import { drawsEmoji, type Os } from "./os.ts";

const CASES: readonly (readonly [
  Os,
  Readonly<Record<string, string>>,
  boolean,
])[] = [
  ["windows", {}, false],
  ["windows", { TERM: "xterm-256color" }, false],
  ["windows", { WT_SESSION: "0d6c4f2e-3b7c" }, true],
  ["linux", { TERM: "linux" }, false],
  ["linux", { TERM: "xterm-256color" }, true],
  ["linux", {}, true],
  ["darwin", { TERM: "xterm-256color" }, true],
];

for (const [os, env, expected] of CASES) {
  const set = Object.entries(env).map((entry) => entry.join("=")).join();
  Deno.test(`drawsEmoji() on ${os} with ${set || "nothing"} is ${expected}`, () => {
    strictEqual(drawsEmoji((name) => env[name], os), expected);
  });
}
