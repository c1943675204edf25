/** Shell scripts for the tests to be run as programs. */

const WRITE =
  'mkdir -p "${1%/*}" && printf "%s\\n" "$2" >"$1" && chmod 755 "$1"';

/**
 * Writes a shell script that can be run at once, and its folders.
 *
 * Another process writes it and has ended then: what this one has open for
 * writing is open in its forks, too, for a moment, and the kernel runs no file
 * that is (ETXTBSY). Other tests start processes in this one all the time.
 *
 * @param path Its file, absolute.
 * @param script Its lines below `#!/bin/sh`.
 */
export function writeProgram(path: string, script: string): void {
  const { success } = new Deno.Command("/bin/sh", {
    args: ["-c", WRITE, "sh", path, `#!/bin/sh\n${script}`],
    stderr: "inherit",
  }).outputSync();
  if (!success) throw new Error(`Cannot write ${path}`);
}
