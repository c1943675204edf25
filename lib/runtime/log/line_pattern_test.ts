import { ok, rejects, strictEqual, throws } from "node:assert/strict";
import { linePattern, PatternError } from "./line_pattern.ts";

/** An expression, and a line that it matches or not. */
const LINES: readonly (readonly [string, string, boolean])[] = [
  ["(a+)+$", "a".repeat(50_000) + "!", false],
  ["(a+)+$", "!" + "a".repeat(50_000), true],
  ["(a|a)+$", "a".repeat(50_000) + "!", false],
  ["a.*b", "a".repeat(200_000), false],
  ["a.*b.*c", "ab".repeat(50_000), false],
  ["^(?:\\s*\\w+\\s*)+;$", "word ".repeat(20_000), false],
  ["a?".repeat(30) + "a".repeat(30), "a".repeat(30), true],
  ["(?<level>ERROR|WARN).*?(\\d+)ms", "ERROR in 12ms", true],
  ["^prêt à (servir|écouter)+$", "prêt à servir", true],
  ["(\\u00e9|[à-ü])+!", "été!", true],
  ["ready", "the server is ready", true],
];

Deno.test("linePattern() answers at once, whatever the expression and the line", async () => {
  for (const [source, line, matches] of LINES) {
    const before = performance.now();
    const pattern = linePattern(source);
    await pattern.prepare(line.length);
    strictEqual(pattern.test(line), matches, source);
    ok(performance.now() - before < 5000, source);
  }
});

Deno.test("linePattern() refuses what no engine answers in a bounded time", async () => {
  for (const source of ["a(?=b)", "(a*)\\1", "(?<!x)y"]) {
    throws(() => linePattern(source), PatternError);
  }
  throws(() => linePattern("("), SyntaxError);
  await rejects(async () => {
    await linePattern("(a{900}b?){900}").prepare(1_000_000);
  }, PatternError);
});
