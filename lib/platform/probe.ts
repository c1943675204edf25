/**
 * Finds out by listening whether a port can be listened on.
 *
 * @module
 */

import type { Probe } from "../core/model.ts";

/**
 * Tries to listen on each address in turn, and closes at once.
 *
 * One address is not enough: which ones a holder keeps others from differs
 * between systems (ports.md, B.2 to B.4). While it lasts, a probe is a real
 * listener, so a port that someone is seen to hold should not be probed.
 *
 * @param addresses The addresses, in the order in which they are tried.
 * @returns What the first address that could not be listened on told, `free`
 * if there was none. An address that the machine does not have tells nothing,
 * but `unknown` where it has none of them. What `denied` means is for each OS
 * to say.
 */
export function probePort(
  port: number,
  addresses: readonly string[],
): "free" | "used" | "denied" | "unknown" {
  let answer: "free" | "unknown" = "unknown";
  for (const hostname of addresses) {
    try {
      Deno.listen({ hostname, port }).close();
      answer = "free";
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) return "used";
      if (error instanceof Deno.errors.PermissionDenied) return "denied";
      if (!isAbsent(error)) return "unknown";
    }
  }
  return answer;
}

/** An address of a family that is switched off: EADDRNOTAVAIL, EAFNOSUPPORT. */
function isAbsent(error: unknown): boolean {
  return error instanceof Deno.errors.AddrNotAvailable ||
    error instanceof Error &&
      /\bos error (?:97|47|10047)\b|Address family not supported/i
        .test(error.message);
}

/**
 * Probes as POSIX means it: only ports below 1024 are denied to a user.
 *
 * @param addresses The addresses, in the order in which they are tried.
 */
export function probePosix(port: number, addresses: readonly string[]): Probe {
  const found = probePort(port, addresses);
  if (found !== "denied") return found;
  return port < 1024 ? "privileged" : "unknown";
}
