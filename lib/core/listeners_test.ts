import { deepStrictEqual } from "node:assert/strict";
import { makeEntry, makeListener } from "../../tests/kit/builders.ts";
import { mismatchedPortsOf } from "./listeners.ts";

const NPM = makeEntry(100, { name: "npm" });
const VITE = makeEntry(110, { ppid: 100, group: 100, session: 100 });

Deno.test("mismatchedPortsOf() lists the ports that a tree took instead of its own", () => {
  const elsewhere = [makeListener(8002, [110]), makeListener(8001, [110])];
  deepStrictEqual(mismatchedPortsOf(8000, [NPM, VITE], elsewhere), [
    8001,
    8002,
  ]);
  deepStrictEqual(
    mismatchedPortsOf(8000, [NPM, VITE], [
      ...elsewhere,
      makeListener(8000, [100], "::1"),
    ]),
    [],
  );
  deepStrictEqual(mismatchedPortsOf(8000, [NPM], elsewhere), []);
  deepStrictEqual(mismatchedPortsOf(8000, [], []), []);
});
