/**
 * Finds the listening sockets of Linux: by `ss`, and where that fails by the
 * other ways of `linux_fallback.ts`.
 *
 * @module
 */

import type { Listener, Lookup } from "../../core/model.ts";
import type { ListenerSources } from "./sources.ts";
import { parseSs } from "../parse/ss.ts";
import { explainTool, runFirst } from "../tool.ts";

/**
 * Finds every listening TCP socket.
 *
 * @returns The listeners, with no owner where none is shown; not ok where
 * neither a tool nor the kernel tells.
 */
export async function findListeners(
  sources: ListenerSources,
): Promise<Lookup<readonly Listener[]>> {
  const ss = await bySs(sources);
  if (ss.ok) return ss;
  const { findOtherwise } = await import("./fallback.ts");
  const found = await findOtherwise(sources);
  return found.ok
    ? found
    : { ok: false, reason: `${ss.reason}; ${found.reason}` };
}

async function bySs(
  sources: ListenerSources,
): Promise<Lookup<readonly Listener[]>> {
  const result = await runFirst(sources.ss, ["-ltnpH"], sources);
  return result.kind === "done" && result.code === 0
    ? parseSs(result.stdout)
    : { ok: false, reason: explainTool("ss", result) };
}
