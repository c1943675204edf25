/**
 * Paths as text, for Windows and POSIX alike, without asking the machine.
 *
 * The style is that of the base path: `C:\…` and `\\server\…` are Windows
 * paths, `/…` is a POSIX path. `node:path` only knows the style of the system
 * that it runs on, and takes 5 ms to load.
 */

interface Split {
  readonly root: string;
  readonly rest: string;
}

const DRIVE = /^[A-Za-z]:/;
const SHARE = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)[\\/]*/;

function isWindows(path: string): boolean {
  return /^[A-Za-z]:[\\/]/.test(path) || path.startsWith("\\\\");
}

function split(path: string, windows: boolean): Split {
  if (!windows) {
    const rest = path.replace(/^\/+/, "");
    return { root: rest === path ? "" : "/", rest };
  }
  const share = SHARE.exec(path);
  if (share) {
    const [matched, server, name] = share;
    return {
      root: `\\\\${server}\\${name}\\`,
      rest: path.slice(matched.length),
    };
  }
  const drive = DRIVE.exec(path)?.[0] ?? "";
  const after = path.slice(drive.length);
  const rest = after.replace(/^[\\/]+/, "");
  return { root: drive + (rest === after ? "" : "\\"), rest };
}

function segments(rest: string, windows: boolean): string[] {
  const kept: string[] = [];
  for (const segment of rest.split(windows ? /[\\/]+/ : /\/+/)) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  return kept;
}

function build(root: string, rest: string, windows: boolean): string {
  return root + segments(rest, windows).join(windows ? "\\" : "/");
}

/**
 * Makes a path absolute, in the style of the absolute folder `base`, without
 * `.`, `..`, doubled or final separators.
 */
export function resolve(base: string, path: string): string {
  const windows = isWindows(base);
  const from = split(base, windows);
  const to = split(path, windows);
  if (!windows) {
    const rest = to.root === "" ? `${from.rest}/${to.rest}` : to.rest;
    return build("/", rest, false);
  }
  if (to.root.startsWith("\\\\")) return build(to.root, to.rest, true);
  if (to.root === "\\") return build(from.root, to.rest, true);
  const drive = to.root.slice(0, 2);
  const sameDrive = drive === "" ||
    drive.toLowerCase() === from.root.slice(0, 2).toLowerCase();
  if (to.root.length === 3 || !sameDrive) {
    // The current folder of another drive is unknown: `D:x` means `D:\x`.
    return build(`${drive}\\`, to.rest, true);
  }
  return build(from.root, `${from.rest}\\${to.rest}`, true);
}

/** Appends names to an absolute folder, in its style. */
export function join(base: string, ...names: readonly string[]): string {
  const windows = isWindows(base);
  const { root, rest } = split(base, windows);
  return build(root, [rest, ...names].join("/"), windows);
}

/** Returns the folder of an absolute path; a root is its own. */
export function dirname(path: string): string {
  return join(path, "..");
}

/** Returns the last name of an absolute path, empty for a root. */
export function basename(path: string): string {
  const windows = isWindows(path);
  return segments(split(path, windows).rest, windows).at(-1) ?? "";
}

/**
 * Tells whether an absolute path is a folder or somewhere below it; Windows
 * paths are compared without regard to case.
 */
export function isWithin(folder: string, path: string): boolean {
  const windows = isWindows(folder);
  if (windows !== isWindows(path)) return false;
  const parent = join(folder);
  const child = join(path);
  const prefix = /[\\/]$/.test(parent)
    ? parent
    : parent + (windows ? "\\" : "/");
  return windows
    ? `${child}\\`.toLowerCase().startsWith(prefix.toLowerCase())
    : `${child}/`.startsWith(prefix);
}
