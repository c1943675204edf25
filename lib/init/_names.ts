/**
 * Names of services: what services.toml takes, and no two the same.
 *
 * @module
 */

import { CONTROLS } from "../core/printable.ts";
import type { Candidate } from "./detect/candidate.ts";
import { DEVICE_NAME, RESERVED_NAMES } from "../config/values.ts";

/** What a service is called. */
export interface Names {
  /** The name in the file. */
  readonly name: string;
  /** The name for people. */
  readonly label: string;
}

/** A longer one would not fit into the table on the screen. */
const MAX_LENGTH = 32;

/**
 * Gives every candidate a name of its own: the one that it would like to have,
 * else that of its folder, else one with a number.
 *
 * @returns The names, in the same order.
 */
export function distinctNames(
  candidates: readonly Candidate[],
): readonly Names[] {
  const wished = candidates.map(({ name }) => toName(name));
  const taken = new Set<string>();
  return candidates.map(({ label, cwd }, index) => {
    const wish = wished[index] ?? "";
    const isShared = wished.filter((one) => one === wish).length > 1;
    const folder = isShared ? cwd.slice(cwd.lastIndexOf("/") + 1) : "";
    const base = folder === "" ? wish : toName(folder);
    let name = base;
    for (let count = 2; taken.has(name); count++) name = `${base}-${count}`;
    taken.add(name);
    const shown = toLabel(label) || name;
    return { name, label: folder === "" ? shown : `${shown} (${folder})` };
  });
}

/**
 * Makes a name that services.toml takes.
 *
 * @returns Lower case letters, digits and `-`; `service` where none is left.
 */
export function toName(text: string): string {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[^a-z0-9]+/g, "-").slice(0, MAX_LENGTH)
    .replace(/^-+|-+$/g, "");
  if (plain === "") return "service";
  const isTaken = DEVICE_NAME.test(plain) || RESERVED_NAMES.has(plain);
  return isTaken ? `${plain}-service` : plain;
}

function toLabel(text: string): string {
  return text.replace(CONTROLS, " ").replace(/\s+/g, " ")
    .trim();
}
