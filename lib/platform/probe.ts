import type { Probe } from "../core/model.ts";

/**
 * Tries to listen on each address in turn, and closes at once: which addresses
 * a holder blocks differs between systems. A probe is a real listener while it
 * lasts, so a port with a known holder should not be probed.
 *
 * @returns The answer of the first address that could not be listened on, or
 * `free`; addresses that the machine does not have are skipped. What `denied`
 * means differs between systems.
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
      if (!isMissingAddress(error)) return "unknown";
    }
  }
  return answer;
}

/** EADDRNOTAVAIL or EAFNOSUPPORT: IPv6, for one, may be switched off. */
function isMissingAddress(error: unknown): boolean {
  return error instanceof Deno.errors.AddrNotAvailable ||
    error instanceof Error &&
      /\bos error (?:97|47|10047)\b|Address family not supported/i
        .test(error.message);
}

/** Probes a port on POSIX, where only ports below 1024 are denied to a user. */
export function probePosix(port: number, addresses: readonly string[]): Probe {
  const found = probePort(port, addresses);
  if (found !== "denied") return found;
  return port < 1024 ? "privileged" : "unknown";
}
