/**
 * Writes devsvc as one JavaScript file for a Deno that is there already:
 * `deno task bundle`.
 *
 * @module
 */

import { BuildError, bundle } from "./_bundle.ts";

/** Where the file goes. */
const OUTPUT = new URL("../dist/devsvc.js", import.meta.url);

try {
  const code = await bundle();
  await Deno.mkdir(new URL("./", OUTPUT), { recursive: true });
  await Deno.writeTextFile(OUTPUT, code);
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  await Deno.stderr.write(new TextEncoder().encode(`${error.message}\n`));
  Deno.exit(1);
}
