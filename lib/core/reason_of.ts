/** The reason of an error, in the words of whoever threw it. */

/** Returns the message of an error; of anything else that was thrown, its text. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
