import { deepStrictEqual } from "node:assert/strict";
import { changedNames } from "./environment.ts";

Deno.test("changedNames() names what was added, taken away and changed", () => {
  deepStrictEqual(
    changedNames(
      { SAME: "1", URL: "a", GONE: "x" },
      { SAME: "1", URL: "b", NEW: "" },
    ),
    ["GONE", "NEW", "URL"],
  );
});

Deno.test("changedNames() passes over what another terminal has", () => {
  deepStrictEqual(
    changedNames(
      { PWD: "/a", SHLVL: "1", TERM: "xterm", DEVSVC_RUN: "1", _: "/bin/x" },
      { PWD: "/b", SHLVL: "2", SSH_TTY: "/dev/pts/1", npm_command: "exec" },
    ),
    [],
  );
});
