/**
 * The shells that devsvc can be completed in.
 *
 * @module
 */

/** The shells that `devsvc completions` has a script for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** One of {@linkcode SHELLS}. */
export type ShellName = typeof SHELLS[number];

/** Tells whether there is a script for a shell. */
export function isShell(name: string): name is ShellName {
  return SHELLS.some((shell) => shell === name);
}
