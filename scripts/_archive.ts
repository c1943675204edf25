/** Archives and checksums, the same bytes for the same files on every OS. */

import { zipSync } from "fflate";
import { packTar } from "modern-tar";

/** A file in an archive. */
export interface ArchiveFile {
  /** Its path there, with `/`. */
  readonly path: string;
  /** What is in it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** It can be run. */
  readonly executable?: boolean;
}

/** A regular file, in the upper half of a zip's external attributes. */
const REGULAR_FILE = 0o100000;
const MADE_ON_UNIX = 3;

/**
 * Makes an archive.
 *
 * @param kind The kind: `.tar.gz` or `.zip`.
 * @returns The bytes of the archive.
 */
export async function makeArchive(
  kind: "tar.gz" | "zip",
  files: readonly ArchiveFile[],
  modified: Date,
): Promise<Uint8Array<ArrayBuffer>> {
  return kind === "zip" ? zip(files, modified) : await tar(files, modified);
}

function modeOf({ executable }: ArchiveFile): number {
  return executable ? 0o755 : 0o644;
}

function zip(
  files: readonly ArchiveFile[],
  modified: Date,
): Uint8Array<ArrayBuffer> {
  // A zip has no time zone, and the library takes that of this machine.
  const minutes = modified.getTimezoneOffset();
  const mtime = new Date(modified.getTime() + minutes * 60_000);
  return zipSync(Object.fromEntries(files.map((file) => [
    file.path,
    [file.bytes, {
      mtime,
      os: MADE_ON_UNIX,
      attrs: (REGULAR_FILE | modeOf(file)) << 16,
    }],
  ])));
}

async function tar(
  files: readonly ArchiveFile[],
  modified: Date,
): Promise<Uint8Array<ArrayBuffer>> {
  const packed = await packTar(files.map((file) => ({
    header: {
      name: file.path,
      type: "file",
      size: file.bytes.length,
      mode: modeOf(file),
      mtime: modified,
    },
    body: file.bytes,
  })));
  const gzip = new Blob([packed]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return await new Response(gzip).bytes();
}

/**
 * Makes a list of checksums as `sha256sum -c` reads it.
 *
 * @returns The text, sorted by name.
 */
export async function checksums(
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Promise<string> {
  const lines = await Promise.all(
    [...files].map(async ([name, bytes]) => {
      const digest = await crypto.subtle.digest("SHA-256", bytes);
      return { name, line: `${new Uint8Array(digest).toHex()}  ${name}\n` };
    }),
  );
  return lines.toSorted((a, b) => a.name < b.name ? -1 : 1)
    .map(({ line }) => line).join("");
}
