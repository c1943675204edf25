/** What devsvc is compiled for. */

/** One platform that devsvc is compiled for. */
export interface Target {
  /** As `deno compile --target` calls it. */
  readonly triple: string;
  /** As the archives call its OS. */
  readonly os: "linux" | "windows" | "macos";
  /** As the archives call its processor. */
  readonly arch: "x86_64" | "aarch64";
}

/** All that Deno 2.9.6 compiles for. */
export const TARGETS: readonly Target[] = [
  { triple: "x86_64-unknown-linux-gnu", os: "linux", arch: "x86_64" },
  { triple: "aarch64-unknown-linux-gnu", os: "linux", arch: "aarch64" },
  { triple: "x86_64-pc-windows-msvc", os: "windows", arch: "x86_64" },
  { triple: "aarch64-pc-windows-msvc", os: "windows", arch: "aarch64" },
  { triple: "x86_64-apple-darwin", os: "macos", arch: "x86_64" },
  { triple: "aarch64-apple-darwin", os: "macos", arch: "aarch64" },
];

/** Names the executable. */
export function executableName({ os }: Target): string {
  return os === "windows" ? "devsvc.exe" : "devsvc";
}

/** Names the folder inside an archive, and the archive without its ending. */
export function packageName(version: string, { os, arch }: Target): string {
  return `devsvc-${version}-${os}-${arch}`;
}

/** Names an archive: each OS opens its kind without any other program. */
export function archiveName(version: string, target: Target): string {
  const ending = target.os === "windows" ? "zip" : "tar.gz";
  return `${packageName(version, target)}.${ending}`;
}

/**
 * Returns the flags of `deno compile` for the code cache. The runtime keeps it
 * in the folder for temporary files and believes what it finds there. On Linux
 * all users share that folder, and each could plant one; on macOS and Windows
 * each user has an own one (docs/decisions/0007).
 */
export function codeCacheFlags({ os }: Target): readonly string[] {
  return os === "linux" ? ["--no-code-cache"] : [];
}
