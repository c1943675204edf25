import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  type FakeMachine,
  makeEntry,
  makeHost,
  makeListener,
  makeMachine,
  makeRunRecord,
  makeService,
  ROOT,
} from "../../../tests/kit/builders.ts";
import type { RunRecord, Service } from "../../core/model.ts";
import { reservePorts } from "../../../tests/kit/ports.ts";
import type { ActContext } from "../act_context.ts";
import { watchPortMismatch } from "./watch_port_mismatch.ts";
import { provePending, type Readiness } from "./readiness.ts";
import { stateDirOf } from "../state/state_dir.ts";

const LEADER = makeEntry(100);
const OTHER = makeEntry(500, { name: "python3" });

/** A port that answers until it is disposed of. */
function answer(): Disposable & { readonly port: number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  return { port, [Symbol.dispose]: () => listener.close() };
}

function makeDrifted(): FakeMachine {
  const machine = makeMachine();
  machine.processes.set(100, LEADER).set(500, OTHER);
  machine.listeners.push(makeListener(5174, [100]));
  return machine;
}

function contextOf({ platform }: FakeMachine): ActContext {
  return {
    project: { root: ROOT, file: `${ROOT}/services.toml`, services: [] },
    dir: stateDirOf(ROOT),
    ...makeHost(platform),
    emit: () => {},
    signal: new AbortController().signal,
  };
}

/** Looks again and again, as whoever waits does, until a look says more. */
async function queryUntilMismatch(
  service: Service,
  record: RunRecord,
  machine: FakeMachine,
): Promise<{ readonly last: Readiness; readonly polls: number }> {
  const context = contextOf(machine);
  const portMismatch = watchPortMismatch(service, record, context);
  for (let polls = 1;; polls++) {
    const last = await provePending(service, record, context, portMismatch);
    const isMismatch = last.kind === "pending" &&
      last.pending.kind === "port-mismatch";
    if (isMismatch) return { last, polls };
    deepStrictEqual(last, {
      kind: "pending",
      pending: { kind: "port", port: service.port },
    });
  }
}

Deno.test("provePending() tells which port a silent service took, by one look for many polls", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  const machine = makeDrifted();
  const service = makeService({ port, readyTimeout: 60 });
  const { last, polls } = await queryUntilMismatch(
    service,
    makeRunRecord(LEADER),
    machine,
  );
  deepStrictEqual(last, {
    kind: "pending",
    pending: {
      kind: "port-mismatch",
      port,
      mismatchedPorts: [5174],
      holders: [],
    },
  });
  const looks = machine.calls.filter((call) => call === "listeners");
  strictEqual(looks.length, 1, `${polls} polls`);
});

Deno.test("provePending() tells which port a service took, and who has its own", async () => {
  using server = answer();
  const { port } = server;
  const machine = makeDrifted();
  machine.listeners.push(makeListener(port, [500]));
  deepStrictEqual(
    await provePending(
      makeService({ port }),
      makeRunRecord(LEADER),
      contextOf(machine),
      () => Promise.resolve([]),
    ),
    {
      kind: "pending",
      pending: {
        kind: "port-mismatch",
        port,
        mismatchedPorts: [5174],
        holders: [{ pid: 500, name: "python3" }],
      },
    },
  );
});

Deno.test("provePending() knows by the mark what drifted out of its session", async () => {
  using server = answer();
  const { port } = server;
  const machine = makeMachine();
  const record = makeRunRecord(LEADER);
  machine.processes.set(100, LEADER).set(500, OTHER);
  machine.processes.set(700, makeEntry(700));
  machine.processesByRunId.set(record.run, [700]);
  machine.listeners.push(makeListener(port, [500]), makeListener(5174, [700]));
  const look = await provePending(
    makeService({ port }),
    record,
    contextOf(machine),
    () => Promise.resolve([]),
  );
  strictEqual(look.kind === "pending" && look.pending.kind, "port-mismatch");
});

Deno.test("provePending() calls no port mismatch what listens on its own port, too", async () => {
  using server = answer();
  const { port } = server;
  const machine = makeDrifted();
  machine.listeners.push(makeListener(port, [100]));
  deepStrictEqual(
    await provePending(
      makeService({ port }),
      makeRunRecord(LEADER),
      contextOf(machine),
      () => Promise.resolve([]),
    ),
    { kind: "ready", pid: 100 },
  );
});
