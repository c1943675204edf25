import type { LivingRun } from "../core/living_run.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type FileSystem, systemFileSystem } from "./file_system.ts";
import type { Platform, PlatformQueries } from "./platform.ts";
import type { runCommand, RunningCommand } from "./shell.ts";

/** An end of a connection. */
interface Target {
  readonly hostname: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

/**
 * The machine as the commands see it that only look: it can start no process,
 * signal none, and connect to nothing but a run that is proven to be the
 * user's own.
 */
export interface QueryHost {
  /** Processes and ports. */
  readonly platform: PlatformQueries;
  /** Time and timers. */
  readonly clock: Clock;
  /** File operations. */
  readonly fs: FileSystem;
  /** Returns the SHA-256 of a text in hexadecimal. */
  readonly sha256: (text: string) => Promise<string>;
  /**
   * Connects to the port of a run.
   *
   * @throws {Error} Where the run does not own its port.
   */
  readonly connectToRun: (
    run: LivingRun,
    target: Omit<Target, "port">,
  ) => Promise<Deno.TcpConn>;
}

/** The machine that the runtime is handed, so that tests can replace it. */
export interface Host extends QueryHost {
  /** Processes and ports. */
  readonly platform: Platform;
  /** Connects to a port. */
  readonly connect: (target: Target) => Promise<Deno.TcpConn>;
  /**
   * Runs a command of services.toml.
   *
   * @throws {Error} Where it cannot be started.
   */
  readonly runCommand: (
    ...call: Parameters<typeof runCommand>
  ) => Promise<RunningCommand>;
}

/** Returns the machine on which devsvc runs. */
export function systemHost(platform: Platform): Host {
  return {
    ...queryHost(platform),
    platform,
    connect: (target) => Deno.connect(target),
    runCommand: async (...call) =>
      (await import("./shell.ts")).runCommand(...call),
  };
}

/** Returns the machine on which devsvc runs, to be looked at only. */
export function queryHost(platform: PlatformQueries): QueryHost {
  return {
    platform: queriesOf(platform),
    clock: systemClock,
    fs: systemFileSystem,
    connectToRun: (run, target) =>
      Deno.connect({ ...target, port: run.ownPort() }),
    sha256: async (text) => {
      const bytes = new TextEncoder().encode(text);
      const digest = await crypto.subtle.digest("SHA-256", bytes);
      return new Uint8Array(digest).toHex();
    },
  };
}

/** Leaves out what changes anything, at run time as well as for the compiler. */
function queriesOf(platform: PlatformQueries): PlatformQueries {
  const { self, probesFirst, groups } = platform;
  return {
    self,
    probesFirst,
    groups,
    listeners: () => platform.listeners(),
    processTable: () => platform.processTable(),
    details: (pids) => platform.details(pids),
    identity: (pid) => platform.identity(pid),
    mayExist: (pid) => platform.mayExist(pid),
    environments: (pids) => platform.environments(pids),
    taggedProcesses: () => platform.taggedProcesses(),
    unidentifiedHolders: (ports) => platform.unidentifiedHolders(ports),
    probe: (port) => platform.probe(port),
    ownsConsole: () => platform.ownsConsole(),
  };
}
