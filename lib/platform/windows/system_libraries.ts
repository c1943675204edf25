/** The two libraries of Windows that devsvc calls, and nothing else. */

/** Where Windows lies, if nothing else is known. */
export const USUAL_ROOT = "C:\\Windows";

/** The full paths of the two libraries; `ffi` is allowed for exactly these. */
export interface SystemLibraries {
  /** `kernel32.dll`. */
  readonly kernel32: string;
  /** `ntdll.dll`. */
  readonly ntdll: string;
}

/** The folder of Windows; the usual one without a permission for the name. */
export function systemRoot(): string {
  try {
    return Deno.env.get("SystemRoot") ?? USUAL_ROOT;
  } catch {
    return USUAL_ROOT;
  }
}

/**
 * Names the two libraries by their full path: a file of the same name may lie in
 * the folder of a project.
 *
 * @param root The folder of Windows.
 */
export function systemLibraries(root: string): SystemLibraries {
  const folder = `${root}\\System32`;
  return {
    kernel32: `${folder}\\kernel32.dll`,
    ntdll: `${folder}\\ntdll.dll`,
  };
}
