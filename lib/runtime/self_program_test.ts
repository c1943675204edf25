import { deepStrictEqual, match, ok } from "node:assert/strict";
import { denoArgs, permissionFlags } from "./self_program.ts";

const ALWAYS = [
  "run",
  "--quiet",
  "--no-prompt",
  "--v8-flags=--no-lazy",
  ...permissionFlags(),
] as const;

Deno.test("a bundle runs again with every flag, and with no settings of the folders above", () => {
  const bundle = "file:///opt/tools/devsvc.js";
  deepStrictEqual(denoArgs(bundle), [...ALWAYS, "--no-config", bundle]);
});

Deno.test("main.ts runs again with the settings and the lock of its own checkout", async () => {
  const source = new URL("../../main.ts", import.meta.url).href;
  const args = denoArgs(source);
  deepStrictEqual(args.slice(0, ALWAYS.length), ALWAYS);
  const [config = "", modules, lock = "", last, ...more] = args.slice(
    ALWAYS.length,
  );
  match(config, /^--config=.*deno\.json$/);
  match(lock, /^--lock=.*run\.lock$/);
  deepStrictEqual([modules, last, more], [
    "--node-modules-dir=none",
    source,
    [],
  ]);
  for (const flag of [config, lock]) {
    ok(await Deno.stat(flag.replace(/^--\w+=/, "")), flag);
  }
});
