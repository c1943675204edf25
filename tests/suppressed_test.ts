/** What a failed test says whose project cannot be disposed of either. */

import { deepStrictEqual, ok } from "node:assert/strict";
import "./kit/suppressed.ts";

Deno.test("both errors are told where one hides the other", async () => {
  const failed = new Error("the test");
  const left = new Error("the disposal");
  const caught = await (async () => {
    await using _project = {
      [Symbol.asyncDispose]: () => Promise.reject(left),
    };
    throw failed;
  })().catch((error: unknown) => error);
  ok(caught instanceof SuppressedError);
  ok(caught.cause instanceof AggregateError);
  deepStrictEqual(caught.cause.errors, [failed, left]);
});
