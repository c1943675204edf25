/** The question what to do about ports that are held. It needs a terminal. */

import process from "node:process";
import { isCancel, text } from "@clack/prompts";
import { markOf } from "../../report/style.ts";
import type { View } from "../../report/view.ts";

/** What the user can choose, in the order of the numbers. */
export type Choice = "restart" | "stop" | "cancel" | "keep";

/** What a terminal is taken to have that does not say it. */
const DEFAULT_COLUMNS = 80;

const DEFAULT_ROWS = 24;

const RULE = "=".repeat(51);

/**
 * Asks what to do.
 *
 * @param signal Gives up: the window is closed, or devsvc is to end.
 * @returns The choice; Ctrl-C, Ctrl-D and the end of the input are `cancel`.
 */
export async function ask(
  choices: readonly Choice[],
  view: View,
  write: (text: string) => void,
  signal: AbortSignal,
): Promise<Choice> {
  const { question } = view.messages;
  const numbers = choices.map((_, index) => String(index + 1));
  const named = numbers.slice(0, -1).join(", ") +
    ` ${question.or} ${numbers.at(-1)}`;
  const lines = [
    "",
    RULE,
    "",
    `  ${markOf("warn", view.style)} ${question.title}`,
    "",
    `  ${question.ask}`,
    ...choices.map((choice, index) =>
      `  ${index + 1}. ${textOf(choice, question)}`
    ),
    "",
    RULE,
    "",
  ];
  write(lines.join("\n") + "\n");
  using end = watchEndOfInput();
  const answer = await text({
    message: question.prompt(named),
    signal: AbortSignal.any([signal, end.signal]),
    output: screen(),
    validate: (value) =>
      numbers.includes((value ?? "").trim())
        ? undefined
        : question.invalid(named),
  });
  if (isCancel(answer)) return "cancel";
  return choices[Number(answer.trim()) - 1] ?? "cancel";
}

/** The prompt itself never settles where its input ends. */
function watchEndOfInput(): Disposable & { readonly signal: AbortSignal } {
  const { stdin } = process;
  const ended = new AbortController();
  const abort = () => ended.abort();
  const onKeypress = (
    _text: string | undefined,
    key?: { readonly ctrl?: boolean; readonly name?: string },
  ) => {
    if (key?.ctrl && key.name === "d") abort();
  };
  stdin.on("keypress", onKeypress);
  stdin.on("end", abort);
  stdin.on("close", abort);
  return {
    signal: ended.signal,
    [Symbol.dispose]: () => {
      stdin.off("keypress", onKeypress);
      stdin.off("end", abort);
      stdin.off("close", abort);
    },
  };
}

/**
 * A terminal may have no size at all (`docker run -t`, expect): the question
 * would be drawn one letter a line.
 */
function screen(): typeof process.stdout {
  const { stdout } = process;
  return stdout.columns > 0 ? stdout : Object.create(stdout, {
    columns: { value: DEFAULT_COLUMNS },
    rows: { value: DEFAULT_ROWS },
  });
}

function textOf(
  choice: Choice,
  question: View["messages"]["question"],
): string {
  return choice === "stop" ? question.stopForeign : question[choice];
}
