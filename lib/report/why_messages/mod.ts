/**
 * The texts of `why`, by language.
 *
 * @module
 */

import type { Language } from "../../core/model.ts";
import type { WhyMessages } from "./en.ts";

export type { WhyMessages } from "./en.ts";

/** Loads the texts of a language; the others are not read. */
export async function loadWhyMessages(
  language: Language,
): Promise<WhyMessages> {
  switch (language) {
    case "fr":
      return (await import("./fr.ts")).fr;
    case "en":
      return (await import("./en.ts")).en;
  }
}
