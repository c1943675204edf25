/**
 * What could be typed next: the answer to the scripts of `completions`, one
 * candidate a line with what it is behind a tab.
 *
 * It is asked at each TAB, so it only reads services.toml, and whatever goes
 * wrong it says nothing: the prompt of the user is no place for errors.
 *
 * @module
 */

import { proposeCompletions } from "@stricli/core";
import { locateConfig } from "../../config/locate.ts";
import {
  readServiceNames,
  type ServiceOutline,
} from "../../config/service_outline.ts";
import { resolve } from "../../core/path.ts";
import { printable } from "../../core/printable.ts";
import { languageOfSystem, loadMessages } from "../../report/messages/mod.ts";
import { buildApp } from "../app.ts";
import { type CliContext, DEFAULT_COMMAND } from "../cli_context.ts";

/** Said alone where the name of a file is wanted: shells know those best. */
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
    // See above.
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
  const ask = await asker(context, outline, before);
  // A flag in place of the command means the command that goes unsaid.
  const isBare = before.length === 0 && typed.startsWith("-");
  const hasNoCommand = before[0]?.startsWith("-") ?? false;
  const found = hasNoCommand
    ? await ask([DEFAULT_COMMAND, ...before], typed)
    : isBare
    ? [...await ask([DEFAULT_COMMAND], typed), ...await ask([], typed)]
    : await ask(before, typed);
  const unique = new Map(found.map((candidate) => [candidate.word, candidate]));
  return [...unique.values()].filter(({ word }) => word.startsWith(typed));
}

function outlineOf(before: readonly string[], cwd: string): ServiceOutline {
  const named = valueOf("--config", before);
  if (named !== undefined) return readServiceNames(resolve(cwd, named));
  const found = locateConfig(cwd);
  return "file" in found ? readServiceNames(found.file) : { labels: new Map() };
}

function valueOf(flag: string, words: readonly string[]): string | undefined {
  const joined = words.find((word) => word.startsWith(`${flag}=`));
  if (joined !== undefined) return joined.slice(flag.length + 1);
  const at = words.indexOf(flag);
  return at < 0 ? undefined : words[at + 1];
}

type Ask = (
  before: readonly string[],
  typed: string,
) => Promise<readonly Candidate[]>;

/** Asks the command line library, which knows the commands and their flags. */
async function asker(
  context: CliContext,
  { labels, language }: ServiceOutline,
  given: readonly string[],
): Promise<Ask> {
  const spoken = context.language ?? language ?? languageOfSystem();
  const services = [...labels.keys()].filter((name) => !given.includes(name));
  const messages = await loadMessages(spoken);
  const app = buildApp(messages, services);
  const noColor = { word: "--no-color", about: messages.cli.noColor };
  return async (before, typed) => {
    const isFlag = typed.startsWith("-");
    // All flags: one that is on by default is called by another name below.
    const inputs = [...before, isFlag ? "--" : typed];
    const proposals = await proposeCompletions(app, inputs, context);
    return proposals
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
