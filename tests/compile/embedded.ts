/**
 * What `deno compile` put into an executable.
 *
 * Found by experiment with Deno 2.9.6, and as its source has it
 * (cli/standalone/binary.rs): the magic word, the length of the metadata, the
 * metadata as JSON, four lists, the tree of files as JSON, the files, the magic
 * word. It lies in a note of an ELF file, and in a resource of a PE file.
 */

import { Buffer } from "node:buffer";
import { ok } from "node:assert/strict";

const MAGIC = "d3n0l4nd";

/** The permissions in an executable: `null` is none, an empty list is all. */
export type EmbeddedPermissions = Readonly<
  Record<string, readonly string[] | null | boolean>
>;

/** The metadata that the tests look at. */
export interface Metadata {
  /** The words before those of the command line. */
  readonly argv: readonly string[];
  /** The permissions. */
  readonly permissions: EmbeddedPermissions;
  /** The module that is run. */
  readonly "entrypoint_key": string;
  /** All else. */
  readonly [key: string]: unknown;
}

/** What is embedded. */
export interface Embedded {
  /** All of its bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How the program is run. */
  readonly metadata: Metadata;
  /** All but the files: no code of ours, so no word stands there by chance. */
  readonly head: string;
  /** The files, by name. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

interface Entry {
  readonly File?: {
    readonly n: string;
    readonly o: readonly [number, number];
  };
}

/**
 * Reads what is embedded in an executable.
 *
 * @param executable The bytes of the executable.
 */
export function readEmbedded(executable: Uint8Array<ArrayBuffer>): Embedded {
  const whole = Buffer.from(executable.buffer);
  const begin = whole.indexOf('{"argv"') - 8 - MAGIC.length;
  ok(begin > 0, "there is a section");
  ok(whole.toString("latin1", begin).startsWith(MAGIC));
  const length = Number(whole.readBigUInt64LE(begin + MAGIC.length));
  const json = begin + MAGIC.length + 8;
  const metadata: Metadata = JSON.parse(
    whole.toString("utf8", json, json + length),
  );
  const tree = whole.indexOf('[{"File"', json + length);
  const treeLength = Number(whole.readBigUInt64LE(tree - 8));
  const entries: readonly Entry[] = JSON.parse(
    whole.toString("utf8", tree, tree + treeLength),
  );
  const data = tree + treeLength + 8;
  const dataLength = Number(whole.readBigUInt64LE(tree + treeLength));
  const end = data + dataLength;
  ok(whole.toString("latin1", end, end + 8) === MAGIC, "the section ends");
  return {
    bytes: new Uint8Array(whole.subarray(begin, end + MAGIC.length)),
    metadata,
    head: whole.toString("utf8", begin, data),
    files: new Map(entries.map(({ File: file }) => {
      ok(file, "only files at the top");
      const from = data + file.o[0];
      return [file.n, new Uint8Array(whole.subarray(from, from + file.o[1]))];
    })),
  };
}

/** Makes the flags that give a script the permissions of an executable. */
export function flagsOf(permissions: EmbeddedPermissions): readonly string[] {
  return Object.entries(permissions).flatMap(([name, values]) => {
    if (!Array.isArray(values)) return [];
    const flag = `--${name.replace("_", "-")}`;
    return values.length === 0 ? [flag] : [`${flag}=${values}`];
  });
}
