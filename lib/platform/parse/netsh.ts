/**
 * Reads `netsh interface ipv4 show excludedportrange protocol=tcp` of Windows.
 *
 * @module
 */

import type { Lookup } from "../../core/model.ts";
import type { PortRange } from "../platform.ts";
import { parsePort } from "./fields.ts";

/** A range that Windows has set aside. */
export interface ExcludedRange extends PortRange {
  /** Reserved by an administrator, marked with a star. */
  readonly administered: boolean;
}

/**
 * Reads the ranges: the lines of two numbers. The words around them are those
 * of the language of Windows, the rule of dashes above them is always there.
 *
 * @returns The ranges, none where the table is empty; not ok where there is
 * no table.
 */
export function parseNetsh(text: string): Lookup<readonly ExcludedRange[]> {
  const ranges: ExcludedRange[] = [];
  let understood = false;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*-{3,}\s+-{3,}\s*$/.test(line)) understood = true;
    const [, first = "", last = "", star] =
      /^\s*(\d+)\s+(\d+)\s*(\*?)\s*$/.exec(line) ?? [];
    const from = parsePort(first);
    const to = parsePort(last);
    if (from === undefined || to === undefined || from > to) continue;
    ranges.push({ from, to, administered: star === "*" });
  }
  return understood || ranges.length > 0
    ? { ok: true, value: ranges }
    : { ok: false, reason: "netsh printed nothing that is understood" };
}
