/**
 * What devsvc says about the completion of shells, in French.
 *
 * @module
 */

import type { CompletionMessages } from "./en.ts";

/** The French texts. */
export const fr: CompletionMessages = {
  noColor: "Sans couleurs",
  unknownShell: (name, known, suggestion) =>
    `Pas de complétion pour « ${name} »` +
    (suggestion ? ` : vouliez-vous dire ${suggestion} ?` : ".") +
    ` Shells : ${known.join(", ")}`,
};
