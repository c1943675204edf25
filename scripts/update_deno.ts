/**
 * Sets the version of Deno, in .deno-version and in the README's commands:
 *
 *     deno run -A scripts/update_deno.ts 2.9.7
 */

const ROOT = new URL("../", import.meta.url);

/** The file that everything but the README reads. */
export const VERSION_URL = new URL(".deno-version", ROOT);

/** The README, whose commands are to be copied as they stand. */
export const README_URL = new URL("README.md", ROOT);

/** Matches each version of Deno that the README names. */
export const README_VERSION = /(?<=npx -y deno@)\d+\.\d+\.\d+/g;

if (import.meta.main) {
  const [version = ""] = Deno.args;
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    await Deno.stderr.write(new TextEncoder().encode(
      `Cannot set the version "${version}": expected one such as 2.9.6\n`,
    ));
    Deno.exit(2);
  }
  const readme = await Deno.readTextFile(README_URL);
  await Deno.writeTextFile(
    README_URL,
    readme.replaceAll(README_VERSION, version),
  );
  await Deno.writeTextFile(VERSION_URL, `${version}\n`);
}
