/**
 * Writes devsvc as JavaScript for a Deno that is there already:
 * `deno task bundle` writes `dist/devsvc.js`, one file that stands alone;
 * `deno task bundle FOLDER` writes what an executable holds, in many parts.
 */

import { BuildError, bundle } from "./_bundle.ts";

const [parts] = Deno.args;
const folder = parts ?? new URL("../dist", import.meta.url).pathname;

try {
  const files = await bundle({ split: parts !== undefined });
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, code] of files) {
    await Deno.writeTextFile(`${folder}/${name}`, code);
  }
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  await Deno.stderr.write(new TextEncoder().encode(`${error.message}\n`));
  Deno.exit(1);
}
