/**
 * A console window of its own: where devsvc was double-clicked, the window stays
 * open until Enter is pressed.
 */

import { locateConfig } from "../../config/locate.ts";
import { readServiceNames } from "../../config/service_outline.ts";
import type { Language } from "../../core/model.ts";
import { loadMessages } from "../../report/messages/load_messages.ts";
import type { CliContext } from "../cli_context.ts";
import type { Terminal } from "./terminal.ts";

/** Tells whether the console window closes with devsvc. */
export type OwnsConsole = () => Promise<boolean>;

/** Keeps the window open until Enter is pressed or the window is closed. */
export async function holdWindow(context: CliContext): Promise<void> {
  const { window } = await loadMessages(languageOf(context));
  // Read first: Enter counts as soon as the text is on the screen.
  const pressed = enterPressed(context.terminal);
  context.terminal.write(`\n${window.pressEnter}`);
  // Ctrl-C ends the wait too, whatever it meant to the command before.
  const signal = context.interruptible();
  await Promise.race([pressed, aborted(signal)]);
  context.terminal.write("\n");
}

/** The language of the command. */
function languageOf(context: CliContext): Language {
  const found = locateConfig(context.cwd);
  const outline = "file" in found ? readServiceNames(found.file) : undefined;
  return context.language ?? outline?.language ?? context.textLanguage;
}

/** Resolves at the end of the input, too: Enter cannot follow it. */
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
