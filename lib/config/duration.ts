/**
 * Durations as they are written in services.toml.
 *
 * @module
 */

const UNITS = [["h", 3_600_000], ["m", 60_000], ["s", 1_000], [
  "ms",
  1,
]] as const;

const PARTS = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

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
  const match = PARTS.exec(text);
  if (!match) return undefined;
  const total = UNITS.reduce(
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
  for (const [name, unit] of UNITS) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0) text += `${count}${name}`;
  }
  return text;
}
