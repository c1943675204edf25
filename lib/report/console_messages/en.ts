/**
 * What devsvc says in a console window of its own, in English.
 *
 * @module
 */

/** The English texts; the type of every other language. */
export const en = {
  pressEnter: "Press Enter to close",
};

/** The texts of a console window in one language. */
export type ConsoleMessages = typeof en;
