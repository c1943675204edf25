import type { SentSignal, SignalOutcome } from "./platform.ts";

/** How devsvc signals. */
export interface Signals {
  /** The process id of devsvc. */
  readonly self: number;
  /** Signals a process, or on POSIX the process group of a negative id. */
  readonly kill: (pid: number, signal: Deno.Signal) => void;
}

/**
 * The signals of this machine. `Deno.kill` is read where it is called: reading
 * it loads a part of Deno, which takes 2 ms (2.9.6).
 */
export const SYSTEM_SIGNALS: Signals = {
  self: Deno.pid,
  kill: (pid, signal) => Deno.kill(pid, signal),
};

/**
 * Sends a signal now, to a process, or on POSIX the group of a negative id. Only
 * the platforms call it, after they have read the identity again.
 */
export function sendSignal(
  pid: number,
  signal: SentSignal,
  kill: Signals["kill"],
): SignalOutcome {
  try {
    kill(pid, signal);
    return "sent";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "gone";
    // On Windows also where the process is about to end.
    if (error instanceof Deno.errors.PermissionDenied) return "denied";
    return "unknown";
  }
}

/**
 * Whether a process may exist: hidden (`hidepid`, `man 5 proc`), a zombie, or
 * another process with the same id. Signal 0 only asks (`man 2 kill`; on Windows
 * Deno opens the process).
 */
export function mayExist(pid: number): boolean {
  try {
    Deno.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}
