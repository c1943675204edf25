/**
 * What devsvc says about the completion of shells, in English.
 *
 * @module
 */

/** The English texts; the type of every other language. */
export const en = {
  noColor: "No colours",
  unknownShell: (
    name: string,
    known: readonly string[],
    suggestion: string | undefined,
  ) =>
    `There is no completion for "${name}"` +
    (suggestion ? `: did you mean ${suggestion}?` : ".") +
    ` Shells: ${known.join(", ")}`,
};

/** The texts about completion in one language. */
export type CompletionMessages = typeof en;
