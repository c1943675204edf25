/** Runs devsvc, or another program, at a terminal. */

import { spawn } from "@lydell/node-pty";
import { until } from "./test_process.ts";
import { devsvcCommand } from "./run_devsvc.ts";
import { drawScreen } from "./screen.ts";

const COLUMNS = 100;
const ROWS = 40;

/** A program at a terminal; it ends with the test. */
export interface TerminalRun extends AsyncDisposable {
  /** Its id. */
  readonly pid: number;
  /** All that it wrote, control sequences too. */
  output(): string;
  /** What the screen shows, line by line. */
  screen(): readonly string[];
  /** Waits until the screen shows a text. */
  waitFor(text: string | RegExp): Promise<void>;
  /** Whether it has not ended. */
  isOpen(): boolean;
  /** Types on the keyboard. */
  type(text: string): void;
  /** Waits for its end, at most three minutes, and returns the exit code. */
  exit(): Promise<number>;
}

/** How a program is started at a terminal. */
export interface TerminalOptions {
  /** The folder that it is called in. */
  readonly cwd: string;
  /** Set on top of the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** With no more than the permissions that users give devsvc. */
  readonly scoped?: boolean;
}

/** Starts devsvc at a terminal of 100 columns and 40 rows. */
export function openTerminalRun(
  args: readonly string[],
  options: TerminalOptions,
): TerminalRun {
  return openProgramRun([...devsvcCommand(options), ...args], options);
}

/** Starts a program at a terminal of 100 columns and 40 rows. */
export function openProgramRun(
  words: readonly string[],
  options: TerminalOptions,
): TerminalRun {
  const [program = "", ...args] = words;
  // It would go before LANG, even empty.
  const { LC_ALL: _, ...inherited } = Deno.env.toObject();
  const pty = spawn(program, args, {
    cols: COLUMNS,
    rows: ROWS,
    cwd: options.cwd,
    env: {
      ...inherited,
      LANG: "fr_FR.UTF-8",
      NO_COLOR: "",
      TERM: "xterm-256color",
      ...options.env,
    },
  });
  let output = "";
  let code: number | undefined;
  pty.onData((text) => output += text);
  const ended = new Promise<number>((resolve) =>
    pty.onExit(({ exitCode }) => {
      code = exitCode;
      resolve(exitCode);
    })
  );
  const screen = () => drawScreen(output, COLUMNS);
  const picture = () => screen().join("\n");
  return {
    pid: pty.pid,
    output: () => output,
    screen,
    waitFor: async (text) => {
      const isShown = () => {
        const shown = picture();
        return typeof text === "string"
          ? shown.includes(text)
          : text.test(shown);
      };
      await patiently(() => isShown() || code !== undefined);
      if (!isShown()) throw new Error(`Cannot see ${text}:\n${picture()}`);
    },
    isOpen: () => code === undefined,
    type: (text) => pty.write(text),
    exit: async () => {
      await patiently(() => code !== undefined);
      if (code === undefined) throw new Error(`Cannot end:\n${picture()}`);
      return code;
    },
    [Symbol.asyncDispose]: async () => {
      if (code === undefined) pty.kill("SIGKILL");
      await ended;
    },
  };
}

/** What is on the screen says more than that the time is up. */
async function patiently(condition: () => boolean): Promise<void> {
  await until(condition, { timeout: 180_000 }).catch(() => {});
}
