/**
 * devsvc as one JavaScript file.
 *
 * Deno puts the modules together, a newer esbuild than Deno's makes them small:
 * the one in Deno 2.9.6 (0.25.5) drops `using` when it minifies, and then no
 * lock is ever given back (evanw/esbuild#4482, fixed in 0.28.1).
 *
 * @module
 */

import { stop, transform } from "esbuild";

const ROOT = new URL("../", import.meta.url);

/** Thrown with a sentence for the user. */
export class BuildError extends Error {
  /** The name of the class. */
  override name = "BuildError";
}

/**
 * Bundles devsvc.
 *
 * @param options Whether it is made small.
 * @returns The text of the file.
 * @throws {BuildError} When Deno could not bundle it.
 */
export async function bundle(
  { small = true }: { readonly small?: boolean } = {},
): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "devsvc-bundle-" });
  try {
    const file = `${folder}/devsvc.js`;
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "bundle",
        "--quiet",
        "--platform=deno",
        `--output=${file}`,
        "main.ts",
      ],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    if (!success) {
      const reason = new TextDecoder().decode(stderr).trim();
      throw new BuildError(`Cannot bundle main.ts: ${reason}`);
    }
    const code = await Deno.readTextFile(file);
    return small ? await minify(code) : code;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function minify(code: string): Promise<string> {
  try {
    const result = await transform(code, {
      format: "esm",
      target: "esnext",
      minify: true,
      // @stricli/core tells its errors apart by the names of their classes.
      keepNames: true,
      charset: "utf8",
      legalComments: "inline",
    });
    return result.code;
  } finally {
    await stop();
  }
}
