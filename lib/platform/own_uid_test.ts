import { strictEqual } from "node:assert/strict";
import { ON_POSIX } from "../../tests/kit/os_tags.ts";
import { ownUid, userName } from "./own_uid.ts";

Deno.test("ownUid() is the user of the process", () => {
  strictEqual(ownUid(), Deno.uid() ?? undefined);
});

Deno.test("userName() names a user that the system knows", ON_POSIX, () => {
  strictEqual(userName(0), "root");
  strictEqual(userName(4_000_000_000), undefined);
});
