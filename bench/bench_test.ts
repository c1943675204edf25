import assert from "node:assert/strict";
import { fromFileUrl } from "../tests/kit/paths.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url));
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
  assert.match(text, /check of 3 free ports +\| \d/);
  assert.match(text, /start of 3 +\| \d/);
});

Deno.test("bench --quick --vs measures another checkout in the same rounds", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const { code, text } = await runBench("--quick", "--runs", "1", "--vs", ROOT);
  assert.strictEqual(code, 0, text);
  const ratio = /\| \d+\.\d\d × +/.source;
  for (const row of ["check of 3 held ports", "start of 3", "stop of 3"]) {
    assert.match(
      text,
      new RegExp(`${row} +\\| .*${ratio}\\| .*${ratio}${ratio}\\|`),
    );
  }
});

Deno.test("bench says what it takes", async () => {
  const { code, text } = await runBench("--only", "z");
  assert.strictEqual(code, 2);
  assert.match(text, /^Usage: deno task bench .*--only/);
});
