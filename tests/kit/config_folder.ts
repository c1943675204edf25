/** A folder with a services.toml in it, for the tests of this folder. */

import { join } from "../../lib/core/path.ts";
import type { ConfigIssue } from "../../lib/config/errors/config_issue.ts";
import { ConfigError } from "../../lib/config/errors/config_error.ts";
import { loadProject } from "../../lib/config/load.ts";
import type { Os } from "../../lib/platform/os.ts";

/** A folder that is gone at the end of the test. */
export interface Folder extends AsyncDisposable {
  /** The folder, absolute. */
  readonly root: string;
  /** Its services.toml, absolute. */
  readonly file: string;
  /** Writes services.toml. */
  readonly write: (text: string | Uint8Array) => Promise<void>;
}

/**
 * Makes a folder with the folders `app` and `é漢` and the files `good.env` and
 * `bad.env`.
 */
export async function makeFolder(): Promise<Folder> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  const file = join(root, "services.toml");
  await Deno.mkdir(join(root, "app"));
  await Deno.mkdir(join(root, "é漢"));
  await Deno.writeTextFile(join(root, "good.env"), "A=1\n");
  await Deno.writeTextFile(join(root, "bad.env"), "A=1\nB\n\nC='\n");
  return {
    root,
    file,
    write: (text) =>
      typeof text === "string"
        ? Deno.writeTextFile(file, text)
        : Deno.writeFile(file, text),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

/**
 * Loads a text that has issues.
 *
 * @param text The text or bytes of services.toml.
 * @throws {Error} Where the text is fine.
 */
export async function errorOf(
  folder: Folder,
  text: string | Uint8Array,
  os: Os = "linux",
): Promise<ConfigError> {
  await folder.write(text);
  try {
    await loadProject(folder.file, os);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`Cannot find an issue in:\n${text}`);
}

/** Writes an issue as `line:column+width code`. */
export function short(issue: ConfigIssue): string {
  return `${issue.line}:${issue.column}+${issue.width} ${issue.code}`;
}
