/**
 * What devsvc asks of tools because its permission to write names the files in
 * `.devsvc`, not the folder itself: with that, Deno would follow any link that a
 * repository puts in it.
 */

import { OS } from "./os.ts";

/**
 * Removes a link, never its target.
 *
 * @param path The link, absolute.
 * @throws {Error} Where it cannot be removed.
 */
export function removeLink(path: string): void {
  if (OS === "windows") {
    // Removes a junction or a link to a folder, and no folder that is not empty.
    run("cmd", ["/d", "/c", "rmdir", path]);
  } else run("rm", ["-f", "--", path]);
}

/**
 * Takes from others what they may do with a folder. Windows has no modes.
 *
 * @param path The folder, absolute.
 * @throws {Error} Where it cannot be changed.
 */
export function makePrivate(path: string): void {
  if (OS !== "windows") run("chmod", ["go-rwx", path]);
}

function run(program: string, args: readonly string[]): void {
  const { success, stderr } = new Deno.Command(program, {
    args: [...args],
    env: { LC_ALL: "C" },
    stdin: "null",
    stdout: "null",
  }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}
