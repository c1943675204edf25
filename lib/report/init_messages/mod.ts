/**
 * Loads the texts of `devsvc init`; no other command needs them.
 *
 * @module
 */

import type { Language } from "../../core/model.ts";
import type { InitMessages } from "./en.ts";

export type { InitMessages } from "./en.ts";

/** Loads the texts of a language; the others are not read. */
export async function loadInitMessages(
  language: Language,
): Promise<InitMessages> {
  switch (language) {
    case "fr":
      return (await import("./fr.ts")).fr;
    case "en":
      return (await import("./en.ts")).en;
  }
}
