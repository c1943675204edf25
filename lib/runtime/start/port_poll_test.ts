import { ok, strictEqual } from "node:assert/strict";
import { reservePorts } from "../../../tests/kit/ports.ts";
import { HAS_IPV6, until } from "../../../tests/kit/test_process.ts";
import { knockAt } from "./port_poll.ts";

Deno.test("knockAt() tells as soon as something answers", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  await using knocking = knockAt(port);
  strictEqual(knocking.answered.aborted, false);
  using _listener = Deno.listen({ hostname: "127.0.0.1", port });
  await until(() => knocking.answered.aborted);
});

Deno.test("knockAt() hears who answers on IPv6 alone", {
  ignore: !HAS_IPV6,
}, async () => {
  using listener = Deno.listen({ hostname: "::1", port: 0 });
  await using knocking = knockAt(listener.addr.port);
  await until(() => knocking.answered.aborted);
});

Deno.test("knockAt() knocks no more once it is disposed of", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  const knocking = knockAt(port);
  await knocking[Symbol.asyncDispose]();
  using _listener = Deno.listen({ hostname: "127.0.0.1", port });
  ok(!knocking.answered.aborted);
});
