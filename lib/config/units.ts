/** Durations and sizes as they are written in services.toml. */

const TIME_UNITS = [
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

const DURATION_PARTS = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** The form of a duration; {@linkcode parseDuration} wants the units in order too. */
export const DURATION_PATTERN: RegExp = /^([0-9]+(ms|s|m|h))+$/;

/**
 * The longest duration, in milliseconds: one day. A timer that is asked for
 * more than 24.8 days fires at once.
 */
export const MAX_DURATION = 86_400_000;

/**
 * Reads a duration: `500ms`, `10s`, `2m`, `1h`, or several units from the
 * longest to the shortest, as in `1m30s`.
 *
 * @returns Milliseconds, from 1 to {@linkcode MAX_DURATION}; undefined where
 * the text is no such duration.
 */
export function parseDuration(text: string): number | undefined {
  const match = DURATION_PARTS.exec(text);
  if (!match) return undefined;
  const total = TIME_UNITS.reduce(
    (sum, [, unit], index) => sum + Number(match[index + 1] ?? 0) * unit,
    0,
  );
  return total > 0 && total <= MAX_DURATION ? total : undefined;
}

/**
 * Writes a duration so that {@linkcode parseDuration} reads it back.
 *
 * @param milliseconds A whole number of milliseconds, at least 1.
 * @returns The shortest text, such as `1m30s`.
 */
export function formatDuration(milliseconds: number): string {
  let rest = milliseconds;
  let text = "";
  for (const [name, unit] of TIME_UNITS) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0) text += `${count}${name}`;
  }
  return text;
}

const SIZE_UNITS = [
  ["GB", 1_000_000_000],
  ["MB", 1_000_000],
  ["kB", 1_000],
] as const;

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
  const [, name] = SIZE_PATTERN.exec(text) ?? [];
  const [, unit = 0] = SIZE_UNITS.find(([known]) => known === name) ?? [];
  const bytes = Number.parseInt(text, 10) * unit;
  return bytes >= MIN_SIZE && bytes <= MAX_SIZE ? bytes : undefined;
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
  const unit = SIZE_UNITS.find(([name]) =>
    name.charAt(0).toLowerCase() === letter.toLowerCase()
  );
  const meant = unit ? `${Number(digits)}${unit[0]}` : "";
  return parseSize(meant) === undefined ? undefined : meant;
}
