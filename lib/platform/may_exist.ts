/**
 * Whether a process may exist: the quickest question there is, and one that
 * only a "no" answers.
 *
 * @module
 */

/**
 * Tells whether a process may exist: it may not be shown, as with `hidepid`
 * (`man 5 proc`), be a zombie, or have a number that was given away anew.
 *
 * Signal 0 only asks (`man 2 kill`; on Windows Deno opens the process).
 *
 * @returns `false` only where the OS says that there is none.
 */
export function mayExist(pid: number): boolean {
  try {
    Deno.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}
