/**
 * A console window of its own: where devsvc was double-clicked, it stays open
 * until its user has read what it says.
 *
 * @module
 */

import { locateConfig } from "../../config/locate.ts";
import { readServiceNames } from "../../config/service_outline.ts";
import type { Language } from "../../core/model.ts";
import { loadMessages } from "../../report/messages/mod.ts";
import type { CliContext } from "../cli_context.ts";
import type { Terminal } from "./terminal.ts";

/** Tells whether the console window closes with devsvc. */
export type OwnsConsole = () => Promise<boolean>;

/** Keeps the window open until Enter is pressed or the window is closed. */
export async function holdWindow(context: CliContext): Promise<void> {
  const { window } = await loadMessages(languageOf(context));
  // Asked first: Enter counts as soon as the words are seen.
  const pressed = enterPressed(context.terminal);
  context.terminal.write(`\n${window.pressEnter}`);
  // Ctrl-C ends the wait too, whatever it meant to the command before.
  const signal = context.interruptible();
  await Promise.race([pressed, aborted(signal)]);
  context.terminal.write("\n");
}

/** The language of what was said before. */
function languageOf(context: CliContext): Language {
  const found = locateConfig(context.cwd);
  const outline = "file" in found ? readServiceNames(found.file) : undefined;
  return context.language ?? outline?.language ?? context.textLanguage;
}

/** Nobody can press Enter any more at the end of the input. */
async function enterPressed({ readKeys }: Terminal): Promise<void> {
  while (true) {
    const keys = await readKeys();
    if (keys === undefined || /[\r\n]/.test(keys)) return;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}
