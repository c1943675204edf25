/** The screen and the keyboard, as far as devsvc uses them. */

import { drawsEmoji } from "../../platform/os.ts";
import type { Style } from "../../report/style.ts";
import { reasonOf } from "../../core/reason_of.ts";

/** Where devsvc writes and reads. */
export interface Terminal {
  /** Writes to standard output. */
  write(text: string): void;
  /** Writes to standard error. */
  writeError(text: string): void;
  /** Whether a write failed because standard output has no reader any more. */
  isGone?(): boolean;
  /** Why something was not written: a full disk, but not a reader that is gone. */
  outputFailure?(): string | undefined;
  /** Waits for the next keys; `undefined` at the end of the input. */
  readKeys(): Promise<string | undefined>;
  /** Standard input and standard output are a terminal. */
  readonly isInteractive: boolean;
  /** Standard output is a screen: lines can be drawn again. */
  readonly isScreen: boolean;
  /** What the screen can show. */
  readonly style: Style;
  /** The width of the screen in columns. */
  columns(): number;
  /** The height of the screen in lines. */
  rows(): number;
}

/** Opens the terminal of this process. */
export function openTerminal(wantsColor: boolean): Terminal {
  let isGone = false;
  let failure: string | undefined;
  const isScreen = Deno.stdout.isTerminal() && env("TERM") !== "dumb";
  return {
    write: (text) => {
      const error = writeWhole(Deno.stdout, text);
      if (error === undefined) return;
      isGone = true;
      if (!hasNoReader(error)) failure ??= reasonOf(error);
    },
    writeError: (text) => void writeWhole(Deno.stderr, text),
    isGone: () => isGone,
    outputFailure: () => failure,
    readKeys,
    isInteractive: isScreen && Deno.stdin.isTerminal(),
    isScreen,
    style: {
      color: wantsColor && isScreen && !Deno.noColor,
      emoji: drawsEmoji(env),
    },
    columns: () => sizeOfScreen().columns || 80,
    rows: () => sizeOfScreen().rows || 24,
  };
}

function sizeOfScreen(): { readonly columns: number; readonly rows: number } {
  try {
    return Deno.consoleSize();
  } catch {
    return { columns: 0, rows: 0 };
  }
}

/** Not being allowed to read a name is the same as its not being set. */
function env(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined;
  }
}

const KEYS_MAX = 256;

async function readKeys(): Promise<string | undefined> {
  const buffer = new Uint8Array(KEYS_MAX);
  const length = await Deno.stdin.read(buffer);
  return length === null
    ? undefined
    : new TextDecoder().decode(buffer.subarray(0, length));
}

const encoder = new TextEncoder();

/**
 * Writes all of a text. What a command does is not undone by a reader that is
 * gone (`devsvc logs | head`), a full disk or a closed stream: the work goes on.
 *
 * @returns The error, where it could not be written.
 */
function writeWhole(
  stream: { writeSync(bytes: Uint8Array): number },
  text: string,
): unknown {
  const bytes = encoder.encode(text);
  try {
    for (let sent = 0; sent < bytes.length;) {
      sent += stream.writeSync(bytes.subarray(sent));
    }
    return undefined;
  } catch (error) {
    return error ?? new Error("unknown");
  }
}

/** A terminal whose window was closed fails with EIO. */
function hasNoReader(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe ||
    (error instanceof Error && "code" in error && error.code === "EIO");
}
