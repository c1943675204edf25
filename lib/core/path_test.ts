import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { posix, win32 } from "node:path";
import fc from "fast-check";
import { basename, dirname, isWithin, join, resolve } from "./path.ts";

const RESOLVED: readonly (readonly [string, string, string])[] = [
  ["/srv/app", "backend", "/srv/app/backend"],
  ["/srv/app", ".", "/srv/app"],
  ["/srv/app", "", "/srv/app"],
  ["/srv/app", "../other/./x//y/", "/srv/other/x/y"],
  ["/srv/app", "/etc", "/etc"],
  ["/srv/app", "../../../..", "/"],
  ["/", "x", "/x"],
  ["/srv/app", "back\\end", "/srv/app/back\\end"],
  ["C:\\projets\\démo", "backend/api", "C:\\projets\\démo\\backend\\api"],
  ["C:\\projets", "..\\..\\..", "C:\\"],
  ["C:/projets", "x", "C:\\projets\\x"],
  ["C:\\projets", "D:\\x", "D:\\x"],
  ["C:\\projets", "c:x", "C:\\projets\\x"],
  ["C:\\projets", "D:x", "D:\\x"],
  ["C:\\projets", "\\x", "C:\\x"],
  ["C:\\projets", "/x", "C:\\x"],
  ["C:\\projets", "\\\\serveur\\partage\\x", "\\\\serveur\\partage\\x"],
  ["\\\\serveur\\partage\\a", "b", "\\\\serveur\\partage\\a\\b"],
  ["\\\\serveur\\partage\\a", "..\\..\\..", "\\\\serveur\\partage\\"],
  ["\\\\serveur\\partage\\a", "\\b", "\\\\serveur\\partage\\b"],
];

Deno.test("resolve() follows the style of the base", () => {
  for (const [base, path, expected] of RESOLVED) {
    strictEqual(resolve(base, path), expected, `${base} + ${path}`);
  }
});

Deno.test("dirname() stops at the root", () => {
  strictEqual(dirname("/srv/app/services.toml"), "/srv/app");
  strictEqual(dirname("/services.toml"), "/");
  strictEqual(dirname("/"), "/");
  strictEqual(dirname("C:\\app\\services.toml"), "C:\\app");
  strictEqual(dirname("C:\\"), "C:\\");
  strictEqual(dirname("\\\\s\\p\\x"), "\\\\s\\p\\");
  strictEqual(dirname("\\\\s\\p\\"), "\\\\s\\p\\");
});

Deno.test("basename() gives the last name", () => {
  deepStrictEqual(
    ["/a/b", "/a/b/", "/", "C:\\a/b", "C:\\"].map(basename),
    ["b", "b", "", "b", ""],
  );
});

Deno.test("isWithin() compares whole names", () => {
  ok(isWithin("/srv/app", "/srv/app"));
  ok(isWithin("/srv/app", "/srv/app/x"));
  ok(isWithin("/", "/srv"));
  ok(!isWithin("/srv/app", "/srv/app2"));
  ok(!isWithin("/srv/app", "/srv/app/../x"));
  ok(!isWithin("/srv/App", "/srv/app/x"));
  ok(isWithin("C:\\App", "c:/app/x"));
  ok(isWithin("C:\\", "C:\\x"));
  ok(!isWithin("C:\\app", "D:\\app"));
  ok(!isWithin("C:\\app", "/app"));
});

const name = fc.constantFrom("a", "b.c", "..", ".", "é", "x y", "", "...");
const relative = (separator: string): fc.Arbitrary<string> =>
  fc.array(name, { maxLength: 5 }).map((names) => names.join(separator));

Deno.test("resolve() agrees with node:path on POSIX paths", () => {
  fc.assert(fc.property(relative("/"), relative("/"), (base, path) => {
    strictEqual(resolve(`/r/${base}`, path), posix.resolve(`/r/${base}`, path));
  }));
});

Deno.test("resolve() and join() agree with node:path on Windows paths", () => {
  fc.assert(
    fc.property(relative("\\"), relative("/"), (base, path) => {
      const folder = `C:\\r\\${base}`;
      // A path of two leading separators could name a share.
      fc.pre(!/^[\\/]{2}/.test(path));
      strictEqual(resolve(folder, path), win32.resolve(folder, path));
      const joined = win32.join(folder, path);
      strictEqual(join(folder, path), joined.replace(/(.{3,})\\$/, "$1"));
    }),
  );
});

Deno.test("join() stays within its folder unless the names climb", () => {
  fc.assert(fc.property(
    fc.constantFrom("/srv/app", "C:\\srv\\app", "\\\\s\\p\\x"),
    fc.array(fc.constantFrom("a", "é", "x y"), { maxLength: 4 }),
    (base, names) => ok(isWithin(base, join(base, ...names))),
  ));
});
