import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  colorText,
  type LineFormat,
  logLineJson,
  plainText,
  renderLogLine,
  type ShownLine,
} from "./log_line.ts";

const NOW = new Date(2026, 10, 22, 14, 5, 6).getTime();

const FORMAT: LineFormat = {
  style: { color: false, emoji: false },
  hasPrefix: true,
  width: 6,
  colors: new Map([["api", 36]]),
  now: NOW,
};

function line(text: string, fields: Partial<ShownLine> = {}): ShownLine {
  return { service: "api", text, at: NOW, isApproximate: false, ...fields };
}

Deno.test("renderLogLine() begins with the time and the name", () => {
  const cases: readonly (readonly [Partial<ShownLine>, string])[] = [
    [{}, "14:05:06 api    | up"],
    [{ isApproximate: true }, "~14:05:06 api    | up"],
    [
      { at: new Date(2026, 10, 21, 9, 7, 3).getTime() },
      "11-21 09:07:03 api    | up",
    ],
    [
      { at: new Date(2026, 0, 2, 9, 7, 3).getTime(), isApproximate: true },
      "~01-02 09:07:03 api    | up",
    ],
    [{ isRest: true }, "14:05:06 api    | … up"],
  ];
  for (const [fields, expected] of cases) {
    strictEqual(renderLogLine(line("up", fields), FORMAT), expected);
  }
  strictEqual(renderLogLine(line("up"), { ...FORMAT, hasPrefix: false }), "up");
});

Deno.test("renderLogLine() colours the prefix and no more than that", () => {
  const format = { ...FORMAT, style: { color: true, emoji: false } };
  strictEqual(
    renderLogLine(line("\x1b[31mred"), format),
    "\x1b[2m14:05:06\x1b[0m \x1b[36mapi    |\x1b[0m \x1b[31mred\x1b[0m",
  );
  strictEqual(
    renderLogLine(line("plain"), format),
    "\x1b[2m14:05:06\x1b[0m \x1b[36mapi    |\x1b[0m plain",
  );
});

/** What is written, what is shown without colours, and with them. */
const TEXTS: readonly (readonly [string, string, string])[] = [
  ["plain é🔍\tx", "plain é🔍\tx", "plain é🔍\tx"],
  ["windows\r", "windows", "windows"],
  ["10%\r50%\r100%", "100%", "100%"],
  ["10%\r50%\r100%\r\r", "100%", "100%"],
  ["\x1b[32mok\x1b[0m", "ok", "\x1b[32mok\x1b[0m\x1b[0m"],
  ["\x1b[2J\x1b[Hclear", "clear", "clear"],
  ["a\x1b[38;5;208mb", "ab", "a\x1b[38;5;208mb\x1b[0m"],
  ["\x1b]0;title\x07text", "text", "text"],
  ["\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link", "link"],
  ["\x1b(Bcharset", "charset", "charset"],
  ["lone \x1b", "lone ", "lone "],
  ["bell\x07 nul\0 back\b", "bell nul back", "bell nul back"],
  ["evil\u202etxt", "eviltxt", "eviltxt"],
  ["c1\x9b31m", "c131m", "c131m"],
];

Deno.test("plainText() and colorText() show what a terminal shows in the end", () => {
  for (const [text, plain, colored] of TEXTS) {
    strictEqual(plainText(text), plain, JSON.stringify(text));
    strictEqual(colorText(text), colored, JSON.stringify(text));
  }
});

Deno.test("plainText() and colorText() take a long line in no time", () => {
  for (const part of ["\x1b[", "\x1b]0;", "\x1b[31m", "\r", "\x1b"]) {
    const text = part.repeat(1_000_000 / part.length);
    const begun = performance.now();
    plainText(text);
    colorText(text);
    const elapsed = performance.now() - begun;
    strictEqual(
      elapsed < 20_000,
      true,
      `${JSON.stringify(part)}: ${elapsed} ms`,
    );
  }
});

Deno.test("logLineJson() is one document, whatever the line holds", () => {
  const text = 'say "hi"\t\x1b[31mü\x1b[0m � \ud800';
  deepStrictEqual(JSON.parse(logLineJson(line(text))), {
    version: 1,
    service: "api",
    time: new Date(NOW).toISOString(),
    line: 'say "hi"\tü � \ud800',
  });
  const value = JSON.parse(logLineJson(line("", { isApproximate: true })));
  strictEqual(value.approximate, true);
});
