import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
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
import { steppedClock } from "../../../tests/kit/stepped_clock.ts";
import type { ShownCheck } from "../../core/events.ts";
import type { RunRecord, Service } from "../../core/model.ts";
import { reservePorts } from "../../../tests/kit/ports.ts";
import type { ActContext } from "../act_context.ts";
import {
  MISMATCH_PAUSE,
  type Readiness,
  readinessCheck,
  watchPortMismatch,
} from "./readiness.ts";
import { stateDirOf } from "../state/state_dir.ts";

const WRAPPER = makeEntry(100);
const SERVICE = makeService();
const OTHER = makeEntry(500, { name: "python3" });

/** A port that answers until it is disposed of. */
function answer(): Disposable & { readonly port: number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  return { port, [Symbol.dispose]: () => listener.close() };
}

function makeMismatched(): FakeMachine {
  const machine = makeMachine();
  machine.processes.set(100, WRAPPER).set(500, OTHER);
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

/** Checks again and again until the port mismatch is found. */
async function checkUntilMismatch(
  service: Service,
  record: RunRecord,
  machine: FakeMachine,
): Promise<{ readonly last: Readiness; readonly polls: number }> {
  const check = readinessCheck(service, record, contextOf(machine));
  for (let polls = 1;; polls++) {
    const last = await check();
    const isMismatch = last.kind === "pending" &&
      last.pending.kind === "port-mismatch";
    if (isMismatch) return { last, polls };
    deepStrictEqual(last, {
      kind: "pending",
      pending: { kind: "port", port: service.port },
    });
  }
}

Deno.test("readinessCheck() names the check that has no answer yet, while it is asked", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr;
  const machine = makeMachine();
  machine.processes.set(100, WRAPPER);
  machine.listeners.push(makeListener(port, [100]));
  const end = new AbortController();
  const asked: ShownCheck[] = [];
  const service = makeService({
    port,
    ready: [{ kind: "tcp" }, { kind: "http", path: "/" }],
    readyTimeout: 3_600_000,
  });
  await readinessCheck(
    service,
    makeRunRecord(WRAPPER),
    { ...contextOf(machine), signal: end.signal },
    (check) => {
      asked.push(check);
      if (check.kind === "http") end.abort();
    },
  )();
  silent.close();
  deepStrictEqual(asked, [{ kind: "tcp" }, { kind: "http", path: "/" }]);
});

/** How often the listeners were read. */
function readsOf({ calls }: FakeMachine): number {
  return calls.filter((call) => call === "listeners").length;
}

Deno.test("readinessCheck() names the port that a silent service took, by one read for many polls", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  const machine = makeMismatched();
  const service = makeService({ port, readyTimeout: 60 });
  const { last, polls } = await checkUntilMismatch(
    service,
    makeRunRecord(WRAPPER),
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
  strictEqual(readsOf(machine), 1, `${polls} polls`);
});

Deno.test("readinessCheck() names the port that a service took, and the holder of its own", async () => {
  using server = answer();
  const { port } = server;
  const machine = makeMismatched();
  machine.listeners.push(makeListener(port, [500]));
  deepStrictEqual(
    await readinessCheck(
      makeService({ port }),
      makeRunRecord(WRAPPER),
      contextOf(machine),
    )(),
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

Deno.test("readinessCheck() knows by its run id a process on another port that left the session", async () => {
  using server = answer();
  const { port } = server;
  const machine = makeMachine();
  const record = makeRunRecord(WRAPPER);
  machine.processes.set(100, WRAPPER).set(500, OTHER);
  machine.processes.set(700, makeEntry(700));
  machine.processesByRunId.set(record.run, [700]);
  machine.listeners.push(makeListener(port, [500]), makeListener(5174, [700]));
  const check = readinessCheck(
    makeService({ port }),
    record,
    contextOf(machine),
  );
  const readiness = await check();
  strictEqual(
    readiness.kind === "pending" && readiness.pending.kind,
    "port-mismatch",
  );
});

Deno.test("readinessCheck() reports no port mismatch where its own port is held, too", async () => {
  using server = answer();
  const { port } = server;
  const machine = makeMismatched();
  machine.listeners.push(makeListener(port, [100]));
  deepStrictEqual(
    await readinessCheck(
      makeService({ port }),
      makeRunRecord(WRAPPER),
      contextOf(machine),
    )(),
    { kind: "ready", pid: 100 },
  );
});

Deno.test("watchPortMismatch() reads nothing for a quick service", async () => {
  const clock = steppedClock();
  const machine = makeMismatched();
  const read = watchPortMismatch(
    8000,
    SERVICE,
    makeRunRecord(WRAPPER),
    makeHost(machine.platform, { clock }),
  );
  for (let poll = 0; poll < 10; poll++) {
    deepStrictEqual(await read(), { kind: "ports", ports: [] });
    clock.step(MISMATCH_PAUSE / 10 - 1);
  }
  strictEqual(readsOf(machine), 0);
});

Deno.test("watchPortMismatch() reads at intervals, and repeats the answer in between", async () => {
  const clock = steppedClock();
  const machine = makeMismatched();
  const read = watchPortMismatch(
    8000,
    SERVICE,
    makeRunRecord(WRAPPER),
    makeHost(machine.platform, { clock }),
  );
  const polls = 100;
  const answers: (readonly number[])[] = [];
  for (let poll = 0; poll < polls; poll++) {
    const found = await read();
    ok(found !== "gone" && found.kind === "ports");
    answers.push(found.ports);
    clock.step(25);
  }
  const [first = []] = answers.filter((ports) => ports.length > 0);
  deepStrictEqual(first, [5174]);
  const since = answers.indexOf(first);
  ok(answers.slice(since).every((ports) => ports.length === 1), String(since));
  strictEqual(readsOf(machine), Math.floor(polls * 25 / MISMATCH_PAUSE) - 1);
});

Deno.test("watchPortMismatch() reads rarely where the tools are slow", async () => {
  const clock = steppedClock();
  const machine = makeMachine({
    listeners: () => {
      clock.step(1_000);
      return Promise.resolve({ ok: true, value: [] });
    },
  });
  const read = watchPortMismatch(
    8000,
    SERVICE,
    makeRunRecord(WRAPPER),
    makeHost(machine.platform, { clock }),
  );
  const begun = clock.elapsed();
  while (clock.elapsed() - begun < 20_000) {
    await read();
    clock.step(25);
  }
  ok(readsOf(machine) <= 4, String(readsOf(machine)));
});

Deno.test("watchPortMismatch() gives no ports where they cannot be read", async () => {
  const clock = steppedClock();
  const noAnswer = { ok: false, reason: "ss: timeout" } as const;
  const machine = makeMachine({ listeners: () => Promise.resolve(noAnswer) });
  const read = watchPortMismatch(
    8000,
    SERVICE,
    makeRunRecord(WRAPPER),
    makeHost(machine.platform, { clock }),
  );
  for (let poll = 0; poll < 3; poll++) {
    deepStrictEqual(await read(), { kind: "ports", ports: [] });
    clock.step(MISMATCH_PAUSE);
  }
});

Deno.test("watchPortMismatch() notices that another process has the number of the wrapper", async () => {
  const machine = makeMismatched();
  machine.processes.set(100, makeEntry(100, { start: "later" }));
  const quick = makeService({ readyTimeout: 0 });
  const read = watchPortMismatch(
    8000,
    quick,
    makeRunRecord(WRAPPER),
    makeHost(machine.platform),
  );
  strictEqual(await read(), "gone");
});
