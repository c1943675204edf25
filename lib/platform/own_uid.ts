/**
 * The user that devsvc runs as. Deno tells it with a permission of its own
 * (`sys=uid`); a caller may have left that out, and then the tool `id` is asked.
 */

import { OS } from "./os.ts";

/** A name goes through PATH: some systems have no `/usr/bin`. */
const ID: readonly string[] = ["/usr/bin/id", "/bin/id", "id"];

/** It does not change while devsvc runs. */
let known: number | undefined;

/**
 * Returns the id of the user that devsvc runs as.
 *
 * @returns Undefined on Windows, which has no such ids, and where nothing gives
 * an answer.
 */
export function ownUid(): number | undefined {
  return known ??= readUid();
}

function readUid(): number | undefined {
  if (OS === "windows") return undefined;
  try {
    return Deno.uid() ?? undefined;
  } catch {
    const answer = askId(["-u"]) ?? "";
    return /^\d+$/.test(answer) ? Number(answer) : undefined;
  }
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
