/**
 * Compiles devsvc into one executable for this machine: `deno task compile`.
 *
 * `deno compile` downloads its runtime once; where it cannot, `DENORT_BIN`
 * names a runtime that is there already.
 *
 * @module
 */

import { permissionFlags } from "../lib/runtime/self.ts";

const OUTPUT = Deno.build.os === "windows" ? "dist/devsvc.exe" : "dist/devsvc";

async function compile(): Promise<number> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      "--bundle",
      "--minify",
      "--no-prompt",
      ...permissionFlags(),
      "--output",
      OUTPUT,
      "main.ts",
    ],
  }).output();
  if (!output.success) await Deno.stderr.write(output.stderr);
  return output.code;
}

const code = await compile();
if (code !== 0) {
  await Deno.stderr.write(new TextEncoder().encode(
    "Cannot compile: deno needs its runtime (denort), which it downloads once; " +
      "where it cannot, set DENORT_BIN to one that is here\n",
  ));
}
Deno.exit(code);
