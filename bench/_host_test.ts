import { match } from "node:assert/strict";
import { describeMachine } from "./_host.ts";

Deno.test("describeMachine() names processor, cores, memory and system", {
  ignore: Deno.build.os !== "linux",
}, () => {
  match(
    describeMachine(),
    /^\S.*, [1-9]\d* cores, \d+ GiB, Linux \d\S+; load at the end [\d.]+, [\d.]+, [\d.]+$/,
  );
});
