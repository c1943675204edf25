/**
 * Prints the notes of a release, its section of CHANGELOG.md:
 *
 *     deno run -A scripts/release_notes.ts v0.1.0
 *
 * A tag that is not the version of deno.json, and a section that is missing or
 * says "to be released", end with exit code 1: nothing is released then.
 */

import config from "../deno.json" with { type: "json" };

/** Thrown with what is to be fixed before a release. */
export class ReleaseError extends Error {
  /** The name of the class. */
  override name = "ReleaseError";
}

/**
 * Finds the notes of a release.
 *
 * @param tag The tag, `v0.1.0`.
 * @returns The section without its title.
 * @throws {ReleaseError} When the three do not agree.
 */
export function releaseNotes(
  tag: string,
  version: string,
  changelog: string,
): string {
  if (tag !== `v${version}`) {
    throw new ReleaseError(
      `Cannot release ${tag}: deno.json has the version ${version}`,
    );
  }
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.split(/\s/, 1)[0] === version);
  if (section === undefined) {
    throw new ReleaseError(
      `Cannot release ${tag}: CHANGELOG.md has no section "## ${version}"`,
    );
  }
  const [title = "", ...lines] = section.split("\n");
  if (/to be released/i.test(title)) {
    throw new ReleaseError(
      `Cannot release ${tag}: CHANGELOG.md still says "${title}"; expected ` +
        `"${version} (YYYY-MM-DD)"`,
    );
  }
  return `${lines.join("\n").trim()}\n`;
}

if (import.meta.main) {
  const url = new URL("../CHANGELOG.md", import.meta.url);
  const [tag = ""] = Deno.args;
  try {
    const notes = releaseNotes(
      tag,
      config.version,
      await Deno.readTextFile(url),
    );
    await Deno.stdout.write(new TextEncoder().encode(notes));
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    await Deno.stderr.write(new TextEncoder().encode(`${error.message}\n`));
    Deno.exit(1);
  }
}
