/**
 * Sizes as they are written in services.toml.
 *
 * @module
 */

const UNITS = [["GB", 1_000_000_000], ["MB", 1_000_000], [
  "kB",
  1_000,
]] as const;

const FORM = /^([0-9]+)(kB|MB|GB)$/;

/** The form of a size. */
export const SIZE_PATTERN: RegExp = /^[0-9]+(kB|MB|GB)$/;

/** The smallest size, in bytes: less would be rotated all the time. */
export const MIN_SIZE = 64_000;

/** The largest size, in bytes. */
export const MAX_SIZE = 10_000_000_000;

/**
 * Reads a size: `500kB`, `10MB`, `1GB`; a kilobyte has 1000 bytes.
 *
 * @returns Bytes, from {@linkcode MIN_SIZE} to {@linkcode MAX_SIZE}; undefined
 * where the text is no such size.
 */
export function parseSize(text: string): number | undefined {
  const [, digits = "", name] = FORM.exec(text) ?? [];
  const [, unit = 0] = UNITS.find(([known]) => known === name) ?? [];
  const bytes = Number(digits) * unit;
  return bytes >= MIN_SIZE && bytes <= MAX_SIZE ? bytes : undefined;
}

/**
 * Writes a size so that {@linkcode parseSize} reads it back.
 *
 * @param bytes A whole number of kilobytes, as bytes.
 * @returns The shortest text, such as `10MB`.
 */
export function formatSize(bytes: number): string {
  const [name, unit] = UNITS.find(([, unit]) => bytes % unit === 0) ??
    ["kB", 1_000];
  return `${bytes / unit}${name}`;
}

/**
 * Finds the size that was probably meant: other tools write `10m`, `10 MB` or
 * `10MiB`.
 *
 * @returns The size as it is written here; undefined where none was meant.
 */
export function meantSize(text: string): string | undefined {
  const [, digits = "", letter = ""] =
    /^\s*([0-9]+)\s*([kmg])(?:i?b|o)?\s*$/i.exec(text) ?? [];
  const unit = UNITS.find(([name]) =>
    name.charAt(0).toLowerCase() === letter.toLowerCase()
  );
  const meant = unit ? `${Number(digits)}${unit[0]}` : "";
  return parseSize(meant) === undefined ? undefined : meant;
}
