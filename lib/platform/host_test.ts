import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import {
  makeDiagnosis,
  makeEntry,
  makeHolder,
  makeMachine,
  makeRunRecord,
  makeService,
} from "../../tests/kit/builders.ts";
import { reservePorts } from "../../tests/kit/ports.ts";
import { LivingRun } from "../core/living_run.ts";
import { type Host, queryHost } from "./host.ts";
import type { Platform, PlatformQueries } from "./platform.ts";

const WRAPPER = makeEntry(100);
const SIGNAL = new AbortController().signal;

Deno.test("queryHost() has nothing that acts, for the compiler nor at run time", () => {
  const host = queryHost(makeMachine().platform);
  // Only the names that the type does not have compile here.
  const acting: readonly Exclude<keyof Platform, keyof PlatformQueries>[] = [
    "punchHole",
    "signal",
    "spawnBackground",
    "spawnSuspended",
  ];
  for (const name of acting) strictEqual(name in host.platform, false, name);
  const beyond: readonly Exclude<keyof Host, keyof typeof host>[] = [
    "connect",
    "runCommand",
  ];
  for (const name of beyond) strictEqual(name in host, false, name);
});

Deno.test("queryHost() connects to the port of a run, and to no other", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  using listener = Deno.listen({ hostname: "127.0.0.1", port });
  const host = queryHost(makeMachine().platform);
  const own = makeDiagnosis({
    service: makeService({ port }),
    record: makeRunRecord(WRAPPER),
    tree: [WRAPPER],
    holders: [makeHolder(100)],
  });
  const run = LivingRun.find(own);
  ok(run?.ownsPort);
  const target = { hostname: "127.0.0.1", signal: SIGNAL };
  const [accepted, connection] = await Promise.all([
    listener.accept(),
    host.connectToRun(run, target),
  ]);
  accepted.close();
  connection.close();

  const shared = LivingRun.find({
    ...own,
    holders: [makeHolder(100), makeHolder(900)],
  });
  ok(shared && !shared.ownsPort);
  throws(() => host.connectToRun(shared, target), /does not own its port/);
});

Deno.test("LivingRun.find() finds no run without a record or a living process", () => {
  const tree = [WRAPPER];
  const record = makeRunRecord(WRAPPER);
  deepStrictEqual(
    [
      makeDiagnosis({ tree, holders: [makeHolder(100)] }),
      makeDiagnosis({ record, holders: [makeHolder(100)] }),
      makeDiagnosis({ lost: record }),
    ].map((diagnosis) => LivingRun.find(diagnosis)),
    [undefined, undefined, undefined],
  );
});
