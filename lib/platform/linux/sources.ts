/** Where the tools of Linux and `/proc` are found. */

import { TOOL_DEADLINE } from "../tool.ts";

/** Candidates for each tool, the best first; a name goes through PATH. */
export interface LinuxSources {
  /** `ss` of iproute2. */
  readonly ss: readonly string[];
  /** `lsof`. */
  readonly lsof: readonly string[];
  /** `fuser` of psmisc. */
  readonly fuser: readonly string[];
  /** `cat`. */
  readonly cat: readonly string[];
  /** GNU `stat`. */
  readonly stat: readonly string[];
  /** GNU `grep`. */
  readonly grep: readonly string[];
  /** `fallocate` of util-linux. */
  readonly fallocate: readonly string[];
  /** The folder of the proc file system. */
  readonly proc: string;
  /** How long each of at most four steps may take, in milliseconds. */
  readonly deadline: number;
}

/** What is elsewhere on one Linux. */
export type LinuxOptions = Partial<LinuxSources>;

/** `/usr/sbin` is not in the PATH of every user, nor of every service. */
export const LINUX_SOURCES: LinuxSources = {
  ss: ["ss", "/usr/bin/ss", "/usr/sbin/ss", "/sbin/ss"],
  lsof: ["lsof", "/usr/bin/lsof", "/usr/sbin/lsof"],
  fuser: ["fuser", "/usr/bin/fuser", "/usr/sbin/fuser"],
  cat: ["cat", "/bin/cat"],
  stat: ["stat", "/usr/bin/stat"],
  grep: ["grep", "/usr/bin/grep"],
  fallocate: ["fallocate", "/usr/bin/fallocate"],
  proc: "/proc",
  deadline: TOOL_DEADLINE,
};
