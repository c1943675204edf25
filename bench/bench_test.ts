import assert from "node:assert/strict";
import { fromFileUrl } from "../tests/kit/paths.ts";

const BENCH = fromFileUrl(new URL("./bench.ts", import.meta.url));

async function runBench(
  ...words: readonly string[]
): Promise<{ readonly code: number; readonly text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", BENCH, ...words],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("bench --quick prints what devsvc costs beside an empty script", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const { code, text } = await runBench("--quick", "--runs", "1");
  assert.strictEqual(code, 0, text);
  assert.match(text, /\*an empty Deno script\* +\| .* \| 1.00 ×/);
  assert.match(text, /check, 3 services, all free +\| \d/);
  assert.match(text, /check, 3 services, all ready +\| \d/);
});

Deno.test("bench says what it takes", async () => {
  const { code, text } = await runBench("--only", "z");
  assert.strictEqual(code, 2);
  assert.match(text, /^Usage: deno task bench .*--only/);
});
