/**
 * Writes what package managers read, for one release, from its checksums:
 *
 *     deno run -A scripts/manifests.ts dist/SHA256SUMS dist
 *
 * `devsvc.json` is for Scoop, `devsvc.rb` for Homebrew.
 */

import config from "../deno.json" with { type: "json" };
import { archiveName, packageName, type Target, TARGETS } from "./_targets.ts";

const REPOSITORY = "https://github.com/devsvc/devsvc";
const DESCRIPTION = "The services of a project in development: started once, " +
  "checked, stopped";

/** Thrown when a release lacks an archive. */
export class ManifestError extends Error {
  /** The name of the class. */
  override name = "ManifestError";
}

/** The checksum of each file of a release. */
export type Checksums = ReadonlyMap<string, string>;

/** Reads a list of checksums. */
export function readChecksums(text: string): Checksums {
  const lines = text.matchAll(/^([0-9a-f]{64}) [ *](\S+)$/gm);
  return new Map([...lines].map(([, sum = "", name = ""]) => [name, sum]));
}

/** One archive, as a package manager needs it. */
interface Download {
  readonly url: string;
  readonly sum: string;
  readonly folder: string;
}

function downloadOf(
  version: string,
  sums: Checksums,
  os: Target["os"],
  arch: Target["arch"],
): Download {
  const target = TARGETS.find((one) => one.os === os && one.arch === arch);
  const name = target && archiveName(version, target);
  const sum = name && sums.get(name);
  if (!sum) {
    throw new ManifestError(
      `Cannot write manifests: no checksum of devsvc ${version} for ${os}-${arch}`,
    );
  }
  return {
    url: `${REPOSITORY}/releases/download/v${version}/${name}`,
    sum,
    folder: packageName(version, target),
  };
}

/**
 * Makes the manifest for Scoop.
 *
 * @returns The text of `devsvc.json`.
 * @throws {ManifestError} When an archive is missing.
 */
export function scoopManifest(version: string, sums: Checksums): string {
  const entry = (arch: Target["arch"]) => {
    const { url, sum, folder } = downloadOf(version, sums, "windows", arch);
    return { url, hash: sum, extract_dir: folder };
  };
  const following = (arch: Target["arch"]) => ({
    url: `${REPOSITORY}/releases/download/v$version/` +
      `devsvc-$version-windows-${arch}.zip`,
    extract_dir: `devsvc-$version-windows-${arch}`,
  });
  const manifest = {
    version,
    description: DESCRIPTION,
    homepage: REPOSITORY,
    license: "MIT",
    architecture: {
      "64bit": entry("x86_64"),
      arm64: entry("aarch64"),
    },
    bin: "devsvc.exe",
    checkver: { github: REPOSITORY },
    autoupdate: {
      architecture: {
        "64bit": following("x86_64"),
        arm64: following("aarch64"),
      },
      hash: { url: "$baseurl/SHA256SUMS" },
    },
  };
  return JSON.stringify(manifest, null, 2) + "\n";
}

/**
 * Makes the formula for Homebrew.
 *
 * @returns The text of `devsvc.rb`.
 * @throws {ManifestError} When an archive is missing.
 */
export function homebrewFormula(version: string, sums: Checksums): string {
  const archive = (os: Target["os"], arch: Target["arch"]) => {
    const { url, sum } = downloadOf(version, sums, os, arch);
    const word = arch === "aarch64" ? "arm" : "intel";
    return `    on_${word} do
      url "${url}"
      sha256 "${sum}"
    end
`;
  };
  const system = (name: string, os: Target["os"]) =>
    `  on_${name} do
${archive(os, "aarch64")}${archive(os, "x86_64")}  end
`;
  return `class Devsvc < Formula
  desc "${DESCRIPTION}"
  homepage "${REPOSITORY}"
  version "${version}"
  license "MIT"

${system("macos", "macos")}
${system("linux", "linux")}
  def install
    bin.install "devsvc"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/devsvc --version")
  end
end
`;
}

if (import.meta.main) {
  const [from = "dist/SHA256SUMS", to = "dist"] = Deno.args;
  const { version } = config;
  try {
    const sums = readChecksums(await Deno.readTextFile(from));
    const texts = [
      ["devsvc.json", scoopManifest(version, sums)],
      ["devsvc.rb", homebrewFormula(version, sums)],
    ] as const;
    for (const [name, text] of texts) {
      await Deno.writeTextFile(`${to}/${name}`, text);
    }
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    await Deno.stderr.write(new TextEncoder().encode(`${error.message}\n`));
    Deno.exit(1);
  }
}
