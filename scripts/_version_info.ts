/**
 * What Windows shows of an executable under Properties, Details. `deno
 * compile` 2.9.6 sets the icon only, so this is written into the file after.
 */

import { NtExecutable, NtExecutableResource, Resource } from "resedit";

/** What Windows shows. */
export interface VersionInfo {
  /** The version, `1.2.3`. */
  readonly version: string;
  /** The name of the program. */
  readonly name: string;
  /** What it is, in a few words: the task manager shows it. */
  readonly description: string;
  /** Whose it is. */
  readonly copyright: string;
}

/** English of the United States, in Unicode: what every Windows falls back to. */
const LANGUAGE = { lang: 1033, codepage: 1200 } as const;

/**
 * Writes the version into an executable of Windows.
 *
 * @param executable The bytes of the file.
 * @returns The bytes of the new file.
 */
export function withVersionInfo(
  executable: Uint8Array<ArrayBuffer>,
  info: VersionInfo,
): Uint8Array<ArrayBuffer> {
  const file = NtExecutable.from(executable, { ignoreCert: true });
  const resources = NtExecutableResource.from(file);
  const version = Resource.VersionInfo.createEmpty();
  const [major = 0, minor = 0, patch = 0] = info.version.split(/[.+-]/)
    .map(Number);
  version.setFileVersion(major, minor, patch, 0, LANGUAGE.lang);
  version.setProductVersion(major, minor, patch, 0, LANGUAGE.lang);
  version.setStringValues(LANGUAGE, {
    ProductName: info.name,
    InternalName: info.name,
    OriginalFilename: `${info.name}.exe`,
    FileDescription: info.description,
    FileVersion: info.version,
    ProductVersion: info.version,
    LegalCopyright: info.copyright,
  });
  version.outputToResourceEntries(resources.entries);
  resources.outputResource(file);
  return new Uint8Array(file.generate());
}
