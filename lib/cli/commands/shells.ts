/**
 * The shells that devsvc can be completed in.
 *
 * @module
 */

/** The shells that `devsvc completions` has a script for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** One of {@linkcode SHELLS}. */
export type ShellName = typeof SHELLS[number];

/**
 * Tells whether there is a script for a shell.
 *
 * @param name The name of the shell.
 * @returns Whether it is one of {@linkcode SHELLS}.
 */
export function isShell(name: string): name is ShellName {
  return SHELLS.some((shell) => shell === name);
}
