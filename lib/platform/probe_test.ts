import assert from "node:assert/strict";
import { reservePorts } from "../../tests/kit/ports.ts";
import {
  HAS_IPV6,
  startListener,
  until,
} from "../../tests/kit/test_process.ts";
import { currentPlatform } from "./current.ts";
import { probePort } from "./probe.ts";

for (const hostname of ["127.0.0.1", "0.0.0.0", "::1", "::"]) {
  const ignore = hostname.includes(":") && !HAS_IPV6;
  Deno.test(`probe() sees a holder on ${hostname}`, { ignore }, async () => {
    const platform = await currentPlatform();
    let port;
    {
      await using holder = await startListener(hostname);
      port = holder.port;
      assert.equal(await platform.probe(port), "used");
    }
    // Wine closes the sockets of a process a little after its end.
    await until(async () => await platform.probe(port) === "free");
  });
}

Deno.test("probe() leaves nothing behind", async () => {
  const platform = await currentPlatform();
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  for (let round = 0; round < 20; round++) {
    assert.equal(await platform.probe(port), "free");
  }
});

Deno.test("probePort() does without an address that is not there", () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  // 192.0.2.0/24 belongs to nobody (RFC 5737).
  assert.equal(probePort(port, ["192.0.2.1", "127.0.0.1"]), "used");
  listener.close();
  assert.equal(probePort(port, ["192.0.2.1", "127.0.0.1"]), "free");
  assert.equal(probePort(port, ["192.0.2.1"]), "unknown");
});
