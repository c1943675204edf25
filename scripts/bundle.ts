/**
 * Bundles devsvc for a Deno that is there already: `deno task bundle [FOLDER]`
 * writes `main.js` and what it loads on demand.
 *
 * One file for each part that is loaded on demand, not one for all: in a single
 * file the `node:` modules of the question and of Windows are imported at its
 * top, for every command, and cost more than all the rest (docs/decisions/0005).
 *
 * @module
 */

const [folder = "dist"] = Deno.args;

const { code, stderr } = await new Deno.Command(Deno.execPath(), {
  args: [
    "bundle",
    "--quiet",
    "--minify",
    "--code-splitting",
    "--outdir",
    folder,
    new URL("../main.ts", import.meta.url).href,
  ],
  cwd: new URL("..", import.meta.url),
}).output();
if (code !== 0) await Deno.stderr.write(stderr);
Deno.exit(code);
