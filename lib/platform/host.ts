/**
 * The machine that devsvc runs on, as the runtime is handed it.
 *
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";
import { type FileSystem, systemFileSystem } from "./file_system.ts";
import type { Platform } from "./platform.ts";

/** What the runtime is handed; tests hand in a machine of their own. */
export interface Host {
  /** The operating system. */
  readonly platform: Platform;
  /** The time. */
  readonly clock: Clock;
  /** The disk. */
  readonly fs: FileSystem;
  /** Connects to a port of this machine. */
  readonly connect: (
    options: {
      readonly hostname: string;
      readonly port: number;
      readonly signal: AbortSignal;
    },
  ) => Promise<Deno.TcpConn>;
  /** Digests a text: SHA-256 in hexadecimal. */
  readonly sha256: (text: string) => Promise<string>;
}

/** This machine. */
export function systemHost(platform: Platform): Host {
  return {
    platform,
    clock: systemClock,
    fs: systemFileSystem,
    connect: (options) => Deno.connect(options),
    sha256: async (text) => {
      const bytes = new TextEncoder().encode(text);
      const digest = await crypto.subtle.digest("SHA-256", bytes);
      return new Uint8Array(digest).toHex();
    },
  };
}
