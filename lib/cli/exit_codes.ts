/** The exit codes. Scripts rely on them. */

/** The exit code of devsvc, by its meaning. */
export const EXIT = {
  /** Everything is as requested. */
  ok: 0,
  /** Something failed, or is not as requested. */
  failed: 1,
  /** The call or services.toml is wrong: nothing was done. */
  usage: 2,
  /** A port is held, and neither a flag nor an answer decides about it. */
  conflict: 3,
  /** The OS gave no answer. */
  unknown: 4,
  /** The user cancelled. */
  cancelled: 130,
} as const;
