/**
 * What could be typed next: the answer to the scripts of `completions`, one
 * candidate a line, with its description behind a tab.
 *
 * It runs at each TAB, so it reads services.toml alone, and prints no errors:
 * they would land in the prompt of the user.
 */

import { proposeCompletions } from "@stricli/core";
import { locateConfig } from "../../config/locate.ts";
import {
  readServiceNames,
  type ServiceOutline,
} from "../../config/service_outline.ts";
import { resolve, windowsHazard } from "../../core/path.ts";
import { printable } from "../../core/printable.ts";
import { OS } from "../../platform/os.ts";
import {
  languageOfSystem,
  loadMessages,
} from "../../report/messages/load_messages.ts";
import { buildApp } from "../app.ts";
import type { CliContext } from "../cli_context.ts";
import { DEFAULT_COMMAND } from "../command_list.ts";

/** The answer where a file is wanted: shells complete those themselves. */
const FILES = ":files";

/** What could be typed, and what it is. */
interface Candidate {
  readonly word: string;
  readonly about: string;
}

/**
 * Answers a script of `completions`.
 *
 * @param words The word that is being typed, behind a `=` since PowerShell
 * passes no empty ones; then the words between `devsvc` and it.
 */
export async function complete(
  context: CliContext,
  words: readonly string[],
): Promise<void> {
  try {
    const [typed = "=", ...before] = words;
    const candidates = await propose(context, before, typed.slice(1));
    const lines = candidates.map(({ word, about }) =>
      about === "" || about === word ? `${word}\n` : `${word}\t${about}\n`
    );
    context.terminal.write(lines.join(""));
  } catch {
    // No errors in a prompt.
  }
}

async function propose(
  context: CliContext,
  before: readonly string[],
  typed: string,
): Promise<readonly Candidate[]> {
  const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(typed) ?? [];
  if (flag !== undefined && value !== undefined) {
    const values = await propose(context, [...before, flag], value);
    return values.map(({ word, about }) =>
      word === FILES ? { word, about } : { word: `${flag}=${word}`, about }
    );
  }
  if (before.at(-1) === "--config") return [{ word: FILES, about: "" }];
  const outline = outlineOf(before, context.cwd);
  const proposals = await openParser(context, outline, before);
  // A flag in place of the command means the default command.
  const isBare = before.length === 0 && typed.startsWith("-");
  const hasNoCommand = before[0]?.startsWith("-") ?? false;
  const found = hasNoCommand
    ? await proposals([DEFAULT_COMMAND, ...before], typed)
    : isBare
    ? [
      ...await proposals([DEFAULT_COMMAND], typed),
      ...await proposals([], typed),
    ]
    : await proposals(before, typed);
  const unique = new Map(found.map((candidate) => [candidate.word, candidate]));
  return [...unique.values()].filter(({ word }) => word.startsWith(typed));
}

function outlineOf(before: readonly string[], cwd: string): ServiceOutline {
  const named = valueOf("--config", before);
  if (named !== undefined) {
    // Windows must not even look at some paths.
    return OS === "windows" && windowsHazard(named) !== undefined
      ? { labels: new Map() }
      : readServiceNames(resolve(cwd, named));
  }
  const found = locateConfig(cwd);
  return "file" in found ? readServiceNames(found.file) : { labels: new Map() };
}

function valueOf(flag: string, words: readonly string[]): string | undefined {
  const joined = words.find((word) => word.startsWith(`${flag}=`));
  if (joined !== undefined) return joined.slice(flag.length + 1);
  const at = words.indexOf(flag);
  return at < 0 ? undefined : words[at + 1];
}

/** Proposes the words that may follow others. */
type Proposals = (
  before: readonly string[],
  typed: string,
) => Promise<readonly Candidate[]>;

/** Opens the command line library, which knows the commands and their flags. */
async function openParser(
  context: CliContext,
  { labels, language }: ServiceOutline,
  given: readonly string[],
): Promise<Proposals> {
  const shown = context.language ?? language ?? languageOfSystem();
  const services = [...labels.keys()].filter((name) => !given.includes(name));
  const messages = await loadMessages(shown);
  const noColor = { word: "--no-color", about: messages.cli.noColor };
  return async (before, typed) => {
    const app = await buildApp(messages, {
      language: shown,
      command: before[0],
      services,
    });
    const isFlag = typed.startsWith("-");
    // All flags: what is typed may begin `--no-color`, which is not proposed.
    const inputs = [...before, isFlag ? "--" : typed];
    const found = await proposeCompletions(app, inputs, context);
    return found
      .filter(({ kind }) => isFlag || kind !== "argument:flag")
      .map(({ kind, completion, brief }) => {
        if (completion === "--color") return noColor;
        const about = kind === "argument:value"
          ? labels.get(completion) ?? ""
          : brief;
        return { word: completion, about: printable(about) };
      });
  };
}
