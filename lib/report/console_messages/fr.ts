/**
 * What devsvc says in a console window of its own, in French.
 *
 * @module
 */

import type { ConsoleMessages } from "./en.ts";

/** The French texts. */
export const fr: ConsoleMessages = {
  pressEnter: "Appuyez sur Entrée pour fermer",
};
