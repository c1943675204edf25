/** The times that `--since` takes. */

const UNITS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
};

/** Ten years, in milliseconds: no log is older. */
const AGO_MAX = 10 * 366 * 86_400_000;

const AGO = /^(?:\d{1,9}d)?(?:\d{1,9}h)?(?:\d{1,9}m)?(?:\d{1,9}s)?$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const DAY =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * Reads a time: a duration before now (`10m`, `1h30m`, `2d`), a time of
 * today (`09:12`, `09:12:30`; of yesterday where it is still to come), a day
 * or a time of a day (`2026-11-21`, `2026-11-21 09:12`, ISO 8601), in local
 * time where it names no other.
 *
 * @param now The present, in milliseconds since 1970.
 * @returns The time in milliseconds since 1970; `undefined` where the text is
 * none.
 */
export function parseSince(text: string, now: number): number | undefined {
  return parseAgo(text, now) ?? parseClock(text, now) ?? parseDay(text);
}

function parseAgo(text: string, now: number): number | undefined {
  if (text === "" || !AGO.test(text)) return undefined;
  let ago = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([dhms])/g)) {
    ago += Number(count) * (UNITS[unit ?? ""] ?? 0);
  }
  return ago <= AGO_MAX ? now - ago : undefined;
}

function parseClock(text: string, now: number): number | undefined {
  const match = CLOCK.exec(text);
  if (!match) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1)
    .map((word) => Number(word ?? 0));
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const date = new Date(now);
  date.setHours(hours, minutes, seconds, 0);
  if (date.getTime() > now) date.setDate(date.getDate() - 1);
  return date.getTime();
}

function parseDay(text: string): number | undefined {
  const match = DAY.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] =
    match.slice(1, 7).map((word) => Number(word ?? 0));
  const date = new Date(year, month - 1, day, hours, minutes, seconds);
  // `Date` takes the 31st of a shorter month for a day of the next one.
  const isThere = date.getMonth() === month - 1 && date.getDate() === day &&
    hours < 24 && minutes < 60 && seconds < 60;
  if (!isThere) return undefined;
  if (match[7] === undefined) return date.getTime();
  const zoned = Date.parse(text.replace(" ", "T"));
  return Number.isNaN(zoned) ? undefined : zoned;
}
