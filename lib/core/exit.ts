/** How a process ended. */
export interface Exit {
  /** The exit code; 128 and the number where a signal ended it. */
  readonly code: number;
  /** The signal that ended it, where one did. */
  readonly signal: string | null;
}

/**
 * The signals that end programs, by their numbers where Linux and macOS agree
 * (`man 7 signal`, `man 3 signal`).
 */
const SIGNALS: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
};

/** Reads the code of a POSIX shell: 128 plus the number of a signal (`man 1 bash`). */
export function exitOfShell(code: number): Exit {
  return { code, signal: SIGNALS[code - 128] ?? null };
}
