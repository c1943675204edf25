/**
 * Loads the messages of one language.
 *
 * To add a message: `en.ts`, `fr.ts` and where it is used.
 */

import { type Language, LANGUAGES } from "../../core/model.ts";
import type { Messages } from "./en.ts";
import type { Details } from "./en_details.ts";

export type { Details, Messages };

/** Loads the messages that most runs need. */
export async function loadMessages(language: Language): Promise<Messages> {
  switch (language) {
    case "fr":
      return (await import("./fr.ts")).fr;
    case "en":
      return (await import("./en.ts")).en;
  }
}

/** Loads the rest, which would cost every `check` 0.8 ms if it were in the same file. */
export async function loadDetails(language: Language): Promise<Details> {
  switch (language) {
    case "fr":
      return (await import("./fr_details.ts")).details;
    case "en":
      return (await import("./en_details.ts")).details;
  }
}

/** Returns the language of the OS; English where devsvc does not speak it. */
export function languageOfSystem(): Language {
  const [code] = navigator.language.toLowerCase().split("-");
  return LANGUAGES.find((language) => language === code) ?? "en";
}
