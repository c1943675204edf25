/**
 * devsvc as JavaScript: one file, or one for each part.
 *
 * Deno puts the modules together, a newer esbuild than Deno's makes them small:
 * the one in Deno 2.9.6 (0.25.5) drops `using` when it minifies, and then no
 * lock is ever given back (evanw/esbuild#4482, fixed in 0.28.1).
 */

const ROOT = new URL("../", import.meta.url);

/** Thrown with a sentence for the user. */
export class BuildError extends Error {
  /** The name of the class. */
  override name = "BuildError";
}

/** What is loaded first. */
export const ENTRY = "devsvc.js";

/**
 * A package that few calls need. In a single file it would be compiled by every
 * call, for a tenth of the time of `check`.
 */
const RARE = { name: "re2js", file: "node_modules/re2js/build/index.js" };

/** How devsvc is bundled. */
export interface BundleOptions {
  /** Whether it is made small, true by default. */
  readonly small?: boolean;
  /**
   * One file for each part that is loaded on demand, not one for all: in a
   * single file the `node:` modules of the question and of Windows are imported
   * at its top, for every command, and cost more than all the rest.
   */
  readonly split?: boolean;
}

/**
 * Bundles devsvc.
 *
 * @param options How, by default small and in one file.
 * @returns The text of each file by its name; `ENTRY` is loaded first.
 * @throws {BuildError} When Deno could not bundle it.
 */
export async function bundle(
  { small = true, split = false }: BundleOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const folder = await Deno.makeTempDir({ prefix: "devsvc-bundle-" });
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "bundle",
        "--quiet",
        "--platform=deno",
        ...split ? ["--code-splitting"] : ["--external", RARE.name],
        `--outdir=${folder}`,
        "main.ts",
      ],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    if (!success) {
      const reason = new TextDecoder().decode(stderr).trim();
      throw new BuildError(`Cannot bundle main.ts: ${reason}`);
    }
    const esbuild = small ? await loadEsbuild() : undefined;
    const rare = await Deno.readTextFile(new URL(RARE.file, ROOT));
    const rareCode = esbuild ? minify(rare, esbuild) : rare;
    const files = new Map<string, string>();
    const names = await Array.fromAsync(Deno.readDir(folder), (e) => e.name);
    for (const name of names.toSorted()) {
      const code = split
        ? await Deno.readTextFile(`${folder}/${name}`)
        : inlineRare(await Deno.readTextFile(`${folder}/${name}`), rareCode);
      // No part imports the entry, so it can be called otherwise.
      const target = name === "main.js" ? ENTRY : name;
      files.set(target, esbuild ? minify(code, esbuild) : code);
    }
    return files;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Puts the package into a single file as a text that is compiled when needed. */
function inlineRare(code: string, rare: string): string {
  const imported = `import("${RARE.name}")`;
  if (code.split(imported).length !== 2) {
    throw new BuildError(`Cannot find the one ${imported} of the bundle`);
  }
  const encoded = new TextEncoder().encode(rare).toBase64();
  const url = `data:text/javascript;base64,${encoded}`;
  return code.replace(imported, () => `import("${url}")`);
}

type Esbuild = typeof import("esbuild");

/**
 * With this variable esbuild runs a helper for each call and waits for its end:
 * the one that it keeps otherwise is only asked to end, and may outlive a bundle.
 */
async function loadEsbuild(): Promise<Esbuild> {
  Deno.env.set("ESBUILD_WORKER_THREADS", "0");
  return await import("esbuild");
}

function minify(code: string, { transformSync }: Esbuild): string {
  const result = transformSync(code, {
    format: "esm",
    target: "esnext",
    minify: true,
    // @stricli/core distinguishes its errors by the names of their classes.
    keepNames: code.includes("constructor.name"),
    charset: "utf8",
    legalComments: "inline",
  });
  return result.code;
}
