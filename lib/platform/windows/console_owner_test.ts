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

const CASES: readonly (readonly [
  string,
  readonly string[],
  readonly number[],
  boolean,
])[] = [
  ["double-clicked", ["explorer.exe", "devsvc.exe"], [900], true],
  ["opened by another file manager", ["x.exe", "devsvc.exe"], [900], true],
  [
    "double-clicked, and run by itself again",
    ["explorer.exe", "devsvc.exe", "devsvc.exe"],
    [900, 899],
    true,
  ],
  ["typed in cmd", ["cmd.exe", "devsvc.exe"], [900, 899], false],
  [
    "typed in Windows Terminal",
    ["WindowsTerminal.exe", "pwsh.exe", "devsvc.exe"],
    [900, 899],
    false,
  ],
  [
    "called by npm",
    ["cmd.exe", "node.exe", "devsvc.exe"],
    [900, 899, 898],
    false,
  ],
  ["without a console", ["svchost.exe", "devsvc.exe"], [], false],
];

for (const [what, names, members, expected] of CASES) {
  Deno.test(`ownsConsole() of a devsvc ${what} is ${expected}`, () => {
    strictEqual(ownsConsole(SELF, members, chain(...names)), expected);
  });
}

Deno.test("ownsConsole() is true where the table does not show devsvc", () => {
  strictEqual(ownsConsole(SELF, [SELF], makeTable()), true);
  strictEqual(ownsConsole(SELF, [SELF, 5], makeTable()), false);
});
