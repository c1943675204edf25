import type { Lookup } from "../../core/model.ts";
import { parsePort } from "./fields.ts";

/** A range of ports that Windows has set aside. */
export interface PortRange {
  /** The first port. */
  readonly from: number;
  /** The last port. */
  readonly to: number;
}

/**
 * Reads `netsh interface ipv4 show excludedportrange protocol=tcp`: lines of two
 * numbers, with a star where an administrator set them. The words around them
 * are in the language of Windows, the line of dashes above is always there.
 */
export function parseNetsh(text: string): Lookup<readonly PortRange[]> {
  const ranges: PortRange[] = [];
  let understood = false;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*-{3,}\s+-{3,}\s*$/.test(line)) understood = true;
    const [, first = "", last = ""] =
      /^\s*(\d+)\s+(\d+)\s*\*?\s*$/.exec(line) ?? [];
    const from = parsePort(first);
    const to = parsePort(last);
    if (from === undefined || to === undefined || from > to) continue;
    ranges.push({ from, to });
  }
  return understood || ranges.length > 0
    ? { ok: true, value: ranges }
    : { ok: false, reason: "netsh printed nothing that is understood" };
}
