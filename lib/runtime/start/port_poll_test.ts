import { ok, strictEqual } from "node:assert/strict";
import { reservePorts } from "../../../tests/kit/ports.ts";
import { HAS_IPV6, until } from "../../../tests/kit/test_process.ts";
import { makeHost, makeMachine } from "../../../tests/kit/builders.ts";
import { pollPort } from "./port_poll.ts";

const HOST = makeHost(makeMachine().platform);

Deno.test("pollPort() reports as soon as something answers", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  await using portPoll = pollPort(port, HOST);
  strictEqual(portPoll.answered.aborted, false);
  using _listener = Deno.listen({ hostname: "127.0.0.1", port });
  await until(() => portPoll.answered.aborted);
});

Deno.test("pollPort() notices an answer on IPv6 alone", {
  ignore: !HAS_IPV6,
}, async () => {
  using listener = Deno.listen({ hostname: "::1", port: 0 });
  await using portPoll = pollPort(listener.addr.port, HOST);
  await until(() => portPoll.answered.aborted);
});

Deno.test("pollPort() stops once it is disposed of", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  const portPoll = pollPort(port, HOST);
  await portPoll[Symbol.asyncDispose]();
  using _listener = Deno.listen({ hostname: "127.0.0.1", port });
  ok(!portPoll.answered.aborted);
});
