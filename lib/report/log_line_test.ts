import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  type LineFormat,
  logLineJson,
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
