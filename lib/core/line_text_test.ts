import { strictEqual } from "node:assert/strict";
import { colorText, plainText, quotedText } from "./line_text.ts";

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
  ["c1\x9b31mred", "c1red", "c1red"],
  ["\x9d0;title\x9ctext", "text", "text"],
  ["text\x1b]0;title", "text", "text"],
  ["text\x1b]0;title\x1b", "text", "text"],
  ["text\x9d0;title", "text", "text"],
  ["text\x1bPdevice", "text", "text"],
  ["text\x1b[3", "text", "text"],
  ["text\x1b[38;5", "text", "text"],
  ["text\x9b", "text", "text"],
  ["text\r\x1b]0;title", "text", "text"],
  ["\x1b]0;cut\x1b[1mtext", "0;cuttext", "0;cut\x1b[1mtext\x1b[0m"],
  ["100%\r\x1b[0m", "100%", "100%"],
  ["old\x1b[2K\x1b[1Gnew", "new", "new"],
  ["done\x1b[2K", "done", "done"],
  ["|\b/\b-\bok", "ok", "ok"],
];

Deno.test("plainText() and colorText() show what a terminal shows in the end", () => {
  for (const [text, plain, colored] of TEXTS) {
    strictEqual(plainText(text), plain, JSON.stringify(text));
    strictEqual(colorText(text), colored, JSON.stringify(text));
  }
});

Deno.test("quotedText() has spaces for tabs", () => {
  strictEqual(
    quotedText("\t\x1b[33m/app/main.go:12 \x1b[0m+0x1d\r"),
    "    /app/main.go:12 +0x1d",
  );
});

Deno.test("quotedText() cuts a long line, but no character", () => {
  strictEqual(quotedText("x".repeat(500)), "x".repeat(500));
  strictEqual(
    quotedText("x".repeat(300_000)),
    `${"x".repeat(500)}… (+299500)`,
  );
  strictEqual(
    quotedText(`${"x".repeat(499)}🔍${"y".repeat(10)}`),
    `${"x".repeat(499)}… (+12)`,
  );
  strictEqual(
    quotedText(`${"x".repeat(498)}🔍y`),
    `${"x".repeat(498)}🔍… (+1)`,
  );
});

Deno.test("plainText() and colorText() take a long line in no time", () => {
  for (
    const part of [
      "\x1b[",
      "\x1b]0;",
      "\x1b[31m",
      "\r",
      "\x1b",
      "\x9d",
      "\x1b]0; ",
      "\x1b[0 ",
      "\b",
      "\x1b[2K",
    ]
  ) {
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
