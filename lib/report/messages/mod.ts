/**
 * Which language devsvc speaks, and its catalogue.
 *
 * @module
 */

import { type Language, LANGUAGES } from "../../core/model.ts";
import type { Messages } from "./en.ts";

export type { Messages } from "./en.ts";

/** Loads the texts of a language; the others are not read. */
export async function loadMessages(language: Language): Promise<Messages> {
  switch (language) {
    case "fr":
      return (await import("./fr.ts")).fr;
    case "en":
      return (await import("./en.ts")).en;
  }
}

/**
 * Tells the language of the OS, as far as devsvc speaks it.
 *
 * @returns The language; English where devsvc does not speak it.
 */
export function languageOfSystem(): Language {
  const [code] = navigator.language.toLowerCase().split("-");
  return LANGUAGES.find((language) => language === code) ?? "en";
}
