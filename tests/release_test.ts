/** The notes and the manifests of a release. */

import {
  deepStrictEqual,
  match,
  strictEqual,
  throws,
} from "node:assert/strict";
import { checksums } from "../scripts/_archive.ts";
import { archiveName, TARGETS } from "../scripts/_targets.ts";
import {
  homebrewFormula,
  ManifestError,
  readChecksums,
  scoopManifest,
} from "../scripts/manifests.ts";
import { ReleaseError, releaseNotes } from "../scripts/release_notes.ts";

const CHANGELOG = `# Changelog

## 1.2.0 (to be released)

- Not yet.

## 1.1.0 (2026-11-22)

- One thing.
- Another.

## 1.0.0 (2026-01-01)

- The first.
`;

Deno.test("releaseNotes() finds the section of the tag", () => {
  strictEqual(
    releaseNotes("v1.1.0", "1.1.0", CHANGELOG),
    "- One thing.\n- Another.\n",
  );
  strictEqual(releaseNotes("v1.0.0", "1.0.0", CHANGELOG), "- The first.\n");
});

Deno.test("releaseNotes() refuses what is not ready", () => {
  for (
    const [tag, version, words] of [
      ["v1.1.0", "1.2.0", /deno\.json has the version 1\.2\.0/],
      ["1.1.0", "1.1.0", /^Cannot release 1\.1\.0/],
      ["v1.2.0", "1.2.0", /still says "1\.2\.0 \(to be released\)"/],
      ["v1.3.0", "1.3.0", /has no section "## 1\.3\.0"/],
    ] as const
  ) {
    throws(
      () => releaseNotes(tag, version, CHANGELOG),
      (error) => error instanceof ReleaseError && words.test(error.message),
    );
  }
});

async function releaseSums(): Promise<ReturnType<typeof readChecksums>> {
  const files = TARGETS.map((target, index) =>
    [archiveName("1.2.3", target), new Uint8Array([index])] as const
  );
  return readChecksums(await checksums(new Map(files)));
}

Deno.test("scoopManifest() names what was released, with its checksum", async () => {
  const sums = await releaseSums();
  const manifest = JSON.parse(scoopManifest("1.2.3", sums));
  const name = "devsvc-1.2.3-windows-x86_64";
  deepStrictEqual(manifest.architecture["64bit"], {
    url:
      `https://github.com/devsvc/devsvc/releases/download/v1.2.3/${name}.zip`,
    hash: sums.get(`${name}.zip`),
    extract_dir: name,
  });
  strictEqual(
    manifest.architecture.arm64.hash,
    sums.get("devsvc-1.2.3-windows-aarch64.zip"),
  );
  strictEqual(manifest.version, "1.2.3");
});

Deno.test("homebrewFormula() names what was released, with its checksum", async () => {
  const sums = await releaseSums();
  const formula = homebrewFormula("1.2.3", sums);
  const found = [...formula.matchAll(/url ".*\/(.*)"\n +sha256 "(.*)"/g)]
    .map(([, name = "", sum = ""]) => [name, sum]);
  deepStrictEqual(
    new Map(found.map(([name = "", sum = ""]) => [name, sum])),
    new Map([...sums].filter(([name]) => /linux|macos/.test(name))),
  );
  match(formula, /^class Devsvc < Formula\n/);
});

Deno.test("a manifest without a checksum is refused", () => {
  throws(() => scoopManifest("1.2.3", new Map()), ManifestError);
  throws(() => homebrewFormula("1.2.3", new Map()), ManifestError);
});
