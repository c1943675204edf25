/**
 * The user that devsvc runs as. Deno tells it only with a permission of its own
 * (`sys`), and `/proc` only with all of them, so the tool `id` is asked.
 */

import { OS } from "./os.ts";

/** A name goes through PATH: some systems have no `/usr/bin`. */
const ID: readonly string[] = ["/usr/bin/id", "/bin/id", "id"];

/**
 * Returns the id of the user that devsvc acts as (the effective one); it takes
 * as long as a program takes to start, some milliseconds.
 *
 * @returns Undefined on Windows, which has no such ids, and where `id` gives no
 * answer.
 */
export function ownUid(): number | undefined {
  const answer = OS === "windows" ? undefined : askId(["-u"]);
  return answer !== undefined && /^\d+$/.test(answer)
    ? Number(answer)
    : undefined;
}

/** Returns the name of a user; undefined where the system knows none. */
export function userName(uid: number): string | undefined {
  return OS === "windows" ? undefined : askId(["-nu", String(uid)]);
}

function askId(args: readonly string[]): string | undefined {
  for (const program of ID) {
    try {
      const { success, stdout } = new Deno.Command(program, {
        args: [...args],
        env: { LC_ALL: "C" },
        stdin: "null",
        stderr: "null",
      }).outputSync();
      const answer = new TextDecoder().decode(stdout).trim();
      return success && answer !== "" ? answer : undefined;
    } catch {
      // There is no such program: the next one may be there.
    }
  }
  return undefined;
}
