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
    strictEqual(
      ownsConsole(SELF, members, chain(...names), new Map()),
      expected,
    );
  });
}

Deno.test("ownsConsole() is true where the table does not show devsvc", () => {
  strictEqual(ownsConsole(SELF, [SELF], makeTable(), new Map()), true);
  strictEqual(ownsConsole(SELF, [SELF, 5], makeTable(), new Map()), false);
});

Deno.test("ownsConsole() is true in a batch file that was double-clicked", () => {
  const table = chain("explorer.exe", "cmd.exe", "devsvc.exe");
  const owns = (...args: readonly string[]) =>
    ownsConsole(SELF, [900, 899], table, new Map([[899, { pid: 899, args }]]));
  strictEqual(owns("cmd.exe", "/c", '"C:\\a b\\start.bat" '), true);
  strictEqual(owns("cmd.exe"), false);
  strictEqual(owns("cmd.exe", "/k", "start.bat"), false);
});
