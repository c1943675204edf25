import { strictEqual } from "node:assert/strict";
import { makeEntry, makeTable, ROOT, SELF } from "../../tests/kit/builders.ts";
import type { ProcessDetail } from "./model.ts";
import { rootOf } from "./service_root.ts";

/** A chain of processes, the oldest first: `name`, folder, first argument. */
type Link = readonly [name: string, cwd?: string, firstArgument?: string];

function rootOfChain(...links: readonly Link[]): string {
  const details = new Map<number, ProcessDetail>();
  const entries = links.map(([name, cwd, argument], index) => {
    const pid = 100 + index;
    details.set(pid, {
      pid,
      args: [name, ...argument === undefined ? [] : [argument]],
      ...cwd === undefined ? {} : { cwd },
    });
    const ppid = index === 0 ? 1 : pid - 1;
    return makeEntry(pid, { name, ppid, group: 100 });
  });
  const holder = entries.at(-1) ?? makeEntry(99);
  const table = makeTable(...entries, makeEntry(SELF));
  return rootOf(holder, table, details, { root: ROOT, self: SELF }).name;
}

const HERE = `${ROOT}/web`;

Deno.test("rootOf() climbs to the supervisor, not to where somebody sits", () => {
  const cases: readonly (readonly [string, readonly Link[], string])[] = [
    ["no parent", [["holder", HERE]], "holder"],
    ["a supervisor", [["nodemon", HERE], ["holder", HERE]], "nodemon"],
    [
      "a supervisor of a supervisor",
      [["make", ROOT], ["nodemon", HERE], ["holder", HERE]],
      "make",
    ],
    [
      "a shell that runs one command",
      [["npm", HERE], ["sh", HERE, "-c"], ["holder", HERE]],
      "npm",
    ],
    [
      "cmd that runs one command",
      [["npm", HERE], ["cmd.exe", HERE, "/C"], ["holder", HERE]],
      "npm",
    ],
    ["bash", [["bash", HERE], ["holder", HERE]], "holder"],
    ["a login shell", [["-zsh", HERE], ["holder", HERE]], "holder"],
    [
      "a script in a shell",
      [["sh", HERE, "dev.sh"], ["holder", HERE]],
      "holder",
    ],
    ["PowerShell", [["pwsh.exe", HERE], ["holder", HERE]], "holder"],
    ["VS Code", [["Code.exe", HERE], ["holder", HERE]], "holder"],
    ["PyCharm", [["pycharm64.exe", HERE], ["holder", HERE]], "holder"],
    ["tmux", [["tmux: server", HERE], ["holder", HERE]], "holder"],
    ["the system", [["systemd", HERE], ["holder", HERE]], "holder"],
    [
      "a supervisor below a shell",
      [["fish", HERE], ["nodemon", HERE], ["holder", HERE]],
      "nodemon",
    ],
    [
      "a supervisor of another project",
      [["pm2", "/srv"], ["holder", HERE]],
      "holder",
    ],
    [
      "a folder that only begins alike",
      [["pm2", `${ROOT}-old`], ["holder", HERE]],
      "holder",
    ],
    [
      "a parent whose folder is not told",
      [["nodemon"], ["holder", HERE]],
      "holder",
    ],
    [
      "nothing beyond one that does not belong",
      [["make", ROOT], ["bash", HERE], ["holder", HERE]],
      "holder",
    ],
  ];
  for (const [name, links, expected] of cases) {
    strictEqual(rootOfChain(...links), expected, name);
  }
});

Deno.test("rootOf() stays in the process group: beyond it somebody may sit", () => {
  const editor = makeEntry(100, { name: "emacs" });
  const npm = makeEntry(110, { name: "npm", ppid: 100 });
  const holder = makeEntry(120, { ppid: 110, group: 110 });
  const details = new Map([100, 110].map((pid) => [
    pid,
    { pid, args: ["x"], cwd: ROOT },
  ]));
  const table = makeTable(editor, npm, holder, makeEntry(SELF));
  const root = rootOf(holder, table, details, { root: ROOT, self: SELF });
  strictEqual(root.pid, 110);
});

Deno.test("rootOf() never climbs to a parent of devsvc itself", () => {
  const runner = makeEntry(100, { name: "runner" });
  const holder = makeEntry(110, { ppid: 100, group: 100 });
  const table = makeTable(runner, holder, makeEntry(SELF, { ppid: 100 }));
  const details = new Map([
    [100, { pid: 100, args: ["runner"], cwd: ROOT }],
  ]);
  const root = rootOf(holder, table, details, { root: ROOT, self: SELF });
  strictEqual(root.pid, 110);
});
