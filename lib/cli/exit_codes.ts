/**
 * The exit codes: a promise to scripts, so each has one place.
 *
 * @module
 */

/** What devsvc ends with. */
export const EXIT = {
  /** All is as it was asked for. */
  ok: 0,
  /** Something failed, or is not as it should be. */
  failed: 1,
  /** The call or services.toml is wrong: nothing was done. */
  usage: 2,
  /** A port is held and nobody decided what to do about it. */
  conflict: 3,
  /** The OS could not tell. */
  unknown: 4,
  /** The user gave up. */
  cancelled: 130,
} as const;
