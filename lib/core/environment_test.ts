import { deepStrictEqual } from "node:assert/strict";
import { changedNames, withoutNodeShim } from "./environment.ts";

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

Deno.test("withoutNodeShim() takes out the node of Deno, and nothing else", () => {
  const shim = "/root/.cache/deno/node_compat_bin";
  deepStrictEqual(
    withoutNodeShim({
      DENO_NODE_SHIM_ACTIVE: "1",
      PATH: `${shim}:/usr/bin::/bin:${shim}`,
      A: shim,
    }, ":"),
    { PATH: "/usr/bin::/bin", A: shim },
  );
  deepStrictEqual(
    withoutNodeShim({
      DENO_NODE_SHIM_ACTIVE: "1",
      Path: "C:\\Users\\x\\deno\\node_compat_bin;C:\\Windows",
    }, ";"),
    { Path: "C:\\Windows" },
  );
  const plain = { PATH: `${shim}:/usr/bin` };
  deepStrictEqual(withoutNodeShim(plain, ":"), plain);
});
