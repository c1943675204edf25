/**
 * The texts about the completion of shells, by language.
 *
 * @module
 */

import type { Language } from "../../core/model.ts";
import type { CompletionMessages } from "./en.ts";

export type { CompletionMessages } from "./en.ts";

/** Loads the texts of a language; the others are not read. */
export async function loadCompletionMessages(
  language: Language,
): Promise<CompletionMessages> {
  switch (language) {
    case "fr":
      return (await import("./fr.ts")).fr;
    case "en":
      return (await import("./en.ts")).en;
  }
}
