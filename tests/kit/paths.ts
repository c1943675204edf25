/** Paths of the files of the tests. */

/** Turns a `file:` URL into a path of this OS. */
export function fromFileUrl(url: URL): string {
  const path = decodeURIComponent(url.pathname);
  return Deno.build.os === "windows"
    ? path.replace(/^\//, "").replaceAll("/", "\\")
    : path;
}

/**
 * The path of a file in `tests/fixtures`.
 *
 * @returns The path, absolute.
 */
export function fixture(name: string): string {
  return fromFileUrl(new URL(`../fixtures/${name}`, import.meta.url));
}
