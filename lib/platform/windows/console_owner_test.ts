import { strictEqual } from "node:assert/strict";
import { makeEntry, makeTable } from "../../../tests/kit/builders.ts";
import { ownsConsole } from "./console_owner.ts";

const SELF = 900;

/** A chain of processes, the oldest first; the last is devsvc itself. */
function chain(...names: readonly string[]): ReturnType<typeof makeTable> {
  const first = SELF - names.length + 1;
  return makeTable(
    ...names.map((name, index) =>
      makeEntry(first + index, {
        name,
        ppid: index === 0 ? 4 : first + index - 1,
      })
    ),
  );
}

const CASES: readonly (readonly [string, readonly string[], boolean])[] = [
  ["double-clicked", ["explorer.exe", "devsvc.exe"], true],
  ["double-clicked, in capitals", ["Explorer.EXE", "devsvc.exe"], true],
  [
    "double-clicked, and run by itself again",
    ["explorer.exe", "devsvc.exe", "devsvc.exe"],
    true,
  ],
  ["typed in cmd", ["explorer.exe", "cmd.exe", "devsvc.exe"], false],
  [
    "typed in Windows Terminal",
    ["explorer.exe", "WindowsTerminal.exe", "pwsh.exe", "devsvc.exe"],
    false,
  ],
  [
    "typed in VS Code",
    ["explorer.exe", "Code.exe", "Code.exe", "powershell.exe", "devsvc.exe"],
    false,
  ],
  ["called by a batch file", ["explorer.exe", "cmd.exe", "devsvc.exe"], false],
  [
    "started by a service",
    ["services.exe", "svchost.exe", "devsvc.exe"],
    false,
  ],
  ["started by a process that is gone", ["devsvc.exe"], false],
];

for (const [what, names, expected] of CASES) {
  Deno.test(`ownsConsole() of a devsvc ${what} is ${expected}`, () => {
    strictEqual(ownsConsole(SELF, chain(...names)), expected);
  });
}

Deno.test("ownsConsole() does not take a younger explorer for its parent", () => {
  const table = makeTable(
    makeEntry(700, { name: "explorer.exe", order: 5_000 }),
    makeEntry(SELF, { name: "devsvc.exe", ppid: 700 }),
  );
  strictEqual(ownsConsole(SELF, table), false);
});

Deno.test("ownsConsole() is false where devsvc is not in the table", () => {
  strictEqual(ownsConsole(SELF, makeTable()), false);
});
