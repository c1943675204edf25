import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Language } from "../../core/model.ts";
import { loadMessages } from "../../report/messages/load_messages.ts";
import type { CliContext } from "../cli_context.ts";
import { holdWindow } from "./window.ts";

/** A window, and the keys typed in it; without any, no input ever comes. */
interface Window {
  readonly keys: readonly (string | undefined)[];
  readonly toml?: string;
  readonly flag?: Language;
  readonly interrupted?: boolean;
}

/** Holds a window; returns what it showed, and how many keys it took. */
async function hold(
  { keys, toml, flag, interrupted }: Window,
): Promise<readonly [string, number]> {
  const cwd = await Deno.makeTempDir();
  if (toml !== undefined) {
    await Deno.writeTextFile(`${cwd}/services.toml`, toml);
  }
  let shown = "";
  let taken = 0;
  const controller = new AbortController();
  const write = (text: string) => void (shown += text);
  const readKeys = () => {
    if (taken < keys.length) return Promise.resolve(keys[taken++]);
    if (interrupted) controller.abort();
    return new Promise<undefined>(() => {});
  };
  const context: CliContext = {
    process: { stdout: { write }, stderr: { write } },
    messages: await loadMessages("en"),
    textLanguage: "en",
    args: [],
    cwd,
    interruptible: () => controller.signal,
    ...(flag ? { language: flag } : {}),
    terminal: {
      write,
      writeError: write,
      readKeys,
      isInteractive: true,
      isScreen: true,
      style: { color: false, emoji: false },
      columns: () => 80,
      rows: () => 24,
    },
  };
  try {
    await holdWindow(context);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
  return [shown, taken];
}

const ENGLISH = "\nPress Enter to close\n";
const FRENCH = "\nAppuyez sur Entrée pour fermer\n";

Deno.test("holdWindow() waits for Enter, of Windows or not", async () => {
  for (const enter of ["\n", "\r\n"]) {
    const keys = ["a", " ", `word${enter}`, "more"];
    deepStrictEqual(await hold({ keys }), [ENGLISH, 3]);
  }
});

Deno.test("holdWindow() ends at the end of the input", async () => {
  deepStrictEqual(await hold({ keys: [undefined] }), [ENGLISH, 1]);
});

Deno.test("holdWindow() ends at Ctrl-C", async () => {
  deepStrictEqual(await hold({ keys: ["x"], interrupted: true }), [ENGLISH, 1]);
});

Deno.test("holdWindow() speaks as the command before it did", async () => {
  const cases: readonly (readonly [Omit<Window, "keys">, string])[] = [
    [{ toml: 'language = "fr"\n' }, FRENCH],
    [{ toml: 'language = "fr"\nbogus = 1\n' }, FRENCH],
    [{ toml: 'language = "fr"\n', flag: "en" }, ENGLISH],
    [{ toml: "not TOML" }, ENGLISH],
    [{ flag: "fr" }, FRENCH],
  ];
  for (const [window, expected] of cases) {
    strictEqual((await hold({ ...window, keys: ["\n"] }))[0], expected);
  }
});
