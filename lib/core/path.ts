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

/** Why Windows must not look at a path. */
export type WindowsHazard =
  /** The name of the user and a proof of the password are sent to the host. */
  | "network"
  /** What is opened is no file. */
  | "device";

const DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9\xb9\xb2\xb3])$/i;

/**
 * Finds out whether Windows takes a path for a file of another host
 * (`\\\\host\\share`) or for a device (`\\\\.\\COM1`, `nul.txt`), without looking at
 * it: for a host, the look alone does harm
 * (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
 *
 * @param path As it was written; absolute or relative.
 */
export function windowsHazard(path: string): WindowsHazard | undefined {
  if (/^[\\/](?:[\\/][?.]|\?\?)(?:[\\/]|$)/.test(path)) return "device";
  if (/^[\\/]{2}/.test(path)) return "network";
  // What follows a dot or a colon does not count, nor do blanks before it.
  const names = path.replace(DRIVE, "").split(/[\\/]/)
    .map((name) => /^[^.:]*/.exec(name)?.[0].trim() ?? "");
  return names.some((name) => DEVICE.test(name)) ? "device" : undefined;
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

/** Lists a folder and all above it, nearest first. */
export function* foldersUpFrom(start: string): Generator<string, void> {
  let folder = join(start);
  while (true) {
    yield folder;
    const above = dirname(folder);
    if (above === folder) return;
    folder = above;
  }
}
