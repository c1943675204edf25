import { type Clock, systemClock } from "./clock.ts";
import { type FileSystem, systemFileSystem } from "./file_system.ts";
import type { Platform } from "./platform.ts";

/** The machine that the runtime is handed, so that tests can replace it. */
export interface Host {
  /** Processes and ports. */
  readonly platform: Platform;
  /** Time and timers. */
  readonly clock: Clock;
  /** File operations. */
  readonly fs: FileSystem;
  /** Connects to a port. */
  readonly connect: (
    options: {
      readonly hostname: string;
      readonly port: number;
      readonly signal: AbortSignal;
    },
  ) => Promise<Deno.TcpConn>;
  /** Returns the SHA-256 of a text in hexadecimal. */
  readonly sha256: (text: string) => Promise<string>;
}

/** Returns the machine on which devsvc runs. */
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
