import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import stringWidth from "fast-string-width";
import { makeService } from "../../../tests/kit/builders.ts";
import type { ServiceEvent } from "../../core/events.ts";
import { loadMessages } from "../../report/messages/load_messages.ts";
import type { View } from "../../report/view.ts";
import { type Display, openDisplay } from "./live.ts";

const API = makeService();
const PENDING = { kind: "port", port: 8000 } as const;
const STARTING: ServiceEvent = { kind: "starting", service: "api" };
const WAITING: ServiceEvent = {
  kind: "waiting",
  service: "api",
  pending: PENDING,
};
const READY: ServiceEvent = {
  kind: "ready",
  service: "api",
  pid: 100,
  elapsed: 20,
};

interface Screen {
  readonly display: Display;
  /** What was written, piece by piece. */
  readonly written: string[];
}

async function openOn(
  isScreen: boolean,
  options: { readonly columns?: number; readonly label?: string } = {},
): Promise<Screen> {
  const { columns = 80, label = "API" } = options;
  const style = { color: false, emoji: true };
  const messages = await loadMessages("en");
  const view: View = { messages, language: "en", style };
  const written: string[] = [];
  const display = openDisplay([{ ...API, label }], view, {
    write: (text) => void written.push(text),
    writeError: () => {},
    readKeys: () => Promise.resolve(undefined),
    isInteractive: isScreen,
    isScreen,
    style,
    columns: () => columns,
    rows: () => 24,
  });
  return { display, written };
}

/** What is left on a screen of endless width. */
function draw(written: readonly string[]): readonly string[] {
  const lines: string[] = [""];
  for (const text of written) {
    // deno-lint-ignore no-control-regex
    const [, up = "0", rest = ""] = /^(?:\r\x1b\[(\d+)A\x1b\[0J)?([^]*)$/
      .exec(text) ?? [];
    lines.splice(lines.length - 1 - Number(up), Number(up));
    ok(!rest.includes("\x1b"), JSON.stringify(text));
    const added = rest.split("\n");
    lines[lines.length - 1] += added[0] ?? "";
    lines.push(...added.slice(1));
  }
  return lines.slice(0, -1);
}

Deno.test("openDisplay() elsewhere than on a screen only writes lines that stay", async () => {
  const { display, written } = await openOn(false);
  using _ = display;
  for (const event of [STARTING, WAITING, WAITING, READY]) display.show(event);
  deepStrictEqual(written, [
    "✅ API: ready in 20 ms (PID 100)  http://localhost:8000\n",
  ]);
});

Deno.test("openDisplay() on a screen has one live line a service while it waits", async () => {
  const { display, written } = await openOn(true);
  using _ = display;
  display.show(STARTING);
  ok(draw(written)[0]?.startsWith("⏳ API  starting…"), draw(written).join());
  display.show(WAITING);
  display.show(WAITING);
  const waiting = draw(written);
  strictEqual(waiting.length, 1);
  ok(waiting[0]?.startsWith("⏳ API  waiting for port 8000…"), waiting.join());
  display.show(READY);
  deepStrictEqual(draw(written), [
    "✅ API: ready in 20 ms (PID 100)  http://localhost:8000",
  ]);
});

Deno.test("openDisplay() counts down on a screen what it says again elsewhere", async () => {
  const closing = { kind: "closing", service: "api", port: 8000 } as const;
  const events: readonly ServiceEvent[] = [
    { ...closing, left: 60_000 },
    { ...closing, left: 45_000, isRepeated: true },
  ];
  for (const isScreen of [true, false]) {
    const { display, written } = await openOn(isScreen);
    using _ = display;
    for (const event of events) display.show(event);
    const lines = isScreen ? draw(written) : written;
    strictEqual(lines.length, isScreen ? 1 : 2, lines.join());
    ok(lines.at(-1)?.includes("waiting 45.0 s at most"), lines.join());
  }
});

Deno.test("openDisplay() takes its live lines away at the end", async () => {
  const { display, written } = await openOn(true);
  display.show(WAITING);
  display[Symbol.dispose]();
  deepStrictEqual(draw(written), []);
});

Deno.test("openDisplay() says nothing of services that it does not know", async () => {
  for (const isScreen of [true, false]) {
    const { display, written } = await openOn(isScreen);
    using _ = display;
    display.show({ ...READY, service: "other" });
    deepStrictEqual(written, []);
  }
});

Deno.test("openDisplay() never draws a live line that the screen would wrap", async () => {
  const columns = 30;
  for (
    const label of [
      "API",
      "データベース・サービス",
      "A".repeat(50),
      "🔍🔍🔍🔍🔍🔍🔍🔍",
    ]
  ) {
    const { display, written } = await openOn(true, { columns, label });
    using _ = display;
    display.show(WAITING);
    for (const line of draw(written)) {
      ok(stringWidth(line) < columns, `${stringWidth(line)}: ${line}`);
    }
  }
});
