/**
 * Whether `/proc` is that of the pid namespace of devsvc: after `unshare --pid`
 * without a mount, or where a container has the `/proc` of its host, each number
 * there is that of another process.
 */

import { FOREIGN_PROC } from "../../core/pid_namespace.ts";
import { runTool, type ToolResult } from "../tool.ts";
import { LINUX_SOURCES, type LinuxSources } from "./sources.ts";

const FOREIGN_CODE = 99;

/**
 * The beginning of a script: ends it with {@linkcode FOREIGN_CODE} unless the
 * shell finds itself in `$1`, the proc file system. A folder that only stands for
 * one, as in tests, needs no `self`.
 */
export const REQUIRE_OWN_PROC: string = "devsvc_own=; " +
  '{ read -r devsvc_own devsvc_rest <"$1"/self/stat; } 2>/dev/null; ' +
  'case "$devsvc_own" in "$$") ;; ' +
  `"") [ "$1" != ${LINUX_SOURCES.proc} ] || exit ${FOREIGN_CODE};; ` +
  `*) exit ${FOREIGN_CODE};; esac; `;

/** Tells whether a script that begins with the check ended by it. */
export function isForeign(result: ToolResult): boolean {
  return result.kind === "done" && result.code === FOREIGN_CODE;
}

/** An answer that is not ok, because `/proc` is not that of devsvc. */
export const FOREIGN = { ok: false, reason: FOREIGN_PROC } as const;

/**
 * Checks it once; a script that began with the check spares the next.
 *
 * A check that could not be made counts as passed: the tools that read `/proc`
 * fail for the same reason, and say so.
 */
export class OwnProc {
  readonly #sources: LinuxSources;
  #isOwn: Promise<boolean> | undefined;

  /** Checks nothing yet. */
  constructor(sources: LinuxSources) {
    this.#sources = sources;
  }

  /** Takes over what a script found out. */
  learn(result: ToolResult): void {
    if (result.kind === "done") {
      this.#isOwn = Promise.resolve(!isForeign(result));
    }
  }

  /** Tells whether `/proc` is that of devsvc. */
  isOwn(): Promise<boolean> {
    return this.#isOwn ??= this.#check();
  }

  async #check(): Promise<boolean> {
    const args = ["-c", REQUIRE_OWN_PROC, "devsvc", this.#sources.proc];
    return !isForeign(await runTool("/bin/sh", args, this.#sources));
  }
}
