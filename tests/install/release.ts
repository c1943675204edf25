/** A release for the tests of the install scripts. */

import { checksums, makeArchive } from "../../scripts/_archive.ts";
import {
  archiveName,
  executableName,
  packageName,
  TARGETS,
} from "../../scripts/_targets.ts";

/** A release on a server; it ends with the test. */
export interface Release extends AsyncDisposable {
  /** What `DEVSVC_DOWNLOAD_BASE` is set to. */
  readonly base: string;
  /** What was asked for. */
  readonly asked: readonly string[];
}

/** A stand-in for devsvc: it tells its version and does nothing else. */
export function standIn(version: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`#!/bin/sh\necho ${version}\n`);
}

/**
 * Serves a release as GitHub does, as the newest and by its version.
 *
 * @param options What is wrong with it, and the executable, by default a
 * stand-in.
 */
export async function release(
  version: string,
  options: {
    /** What is wrong with it. */
    readonly spoil?: "archive" | "checksum" | "platform";
    readonly executable?: Uint8Array<ArrayBuffer> | undefined;
    /** The version at whose address it lies, by default its own. */
    readonly servedAs?: string;
  } = {},
): Promise<Release> {
  const executable = options.executable ?? standIn(version);
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const target of TARGETS) {
    if (options.spoil === "platform" && target.os !== "windows") continue;
    const path = `${packageName(version, target)}/${executableName(target)}`;
    const bytes = await makeArchive(
      target.os === "windows" ? "zip" : "tar.gz",
      [{ path, bytes: executable, executable: true }],
      new Date("2026-01-02T03:04:06Z"),
    );
    files.set(archiveName(version, target), bytes);
  }
  const names = [...files.keys()];
  const sums = new TextEncoder().encode(
    options.spoil === "checksum"
      ? names.map((name) => `${"0".repeat(64)}  ${name}\n`).join("")
      : await checksums(files),
  );
  const served = new Map([...files, ["SHA256SUMS", sums]]);
  if (options.spoil === "archive") {
    for (const [name, bytes] of files) served.set(name, bytes.slice(0, -1));
  }
  const place = options.servedAs ?? version;
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ url }) => {
      const { pathname } = new URL(url);
      asked.push(pathname);
      const at = /^\/(?:download\/v([^/]+)|latest\/download)\/(.+)$/
        .exec(pathname);
      const known = at && (at[1] === undefined || at[1] === place);
      const bytes = known ? served.get(at[2] ?? "") : undefined;
      return bytes
        ? new Response(bytes)
        : new Response("Not Found", { status: 404 });
    },
  );
  return {
    base: `http://127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
