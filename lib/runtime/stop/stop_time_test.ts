/** How long a stop takes, and what reaches services that are suspended. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  makeDiagnosis,
  makeEntry,
  makeHost,
  makeMachine,
  makeRunRecord,
  makeWorker,
  makeWorld,
} from "../../../tests/kit/builders.ts";
import { inVirtualTime, makeDisk } from "../../../tests/kit/fake_clock.ts";
import type { ServiceEvent } from "../../core/events.ts";
import type { ProcessEntry, StopManner } from "../../core/model.ts";
import { stateDirOf } from "../state/state_dir.ts";
import { stopService } from "./stop_service.ts";

const WRAPPER = makeEntry(100);
const CHILD = makeEntry(110, { ppid: 100, group: 100, session: 100 });

/** What was sent to whom and when, and what was told. */
interface Course {
  readonly sent: readonly string[];
  readonly events: readonly ServiceEvent[];
  /** In milliseconds. */
  readonly elapsed: number;
}

/**
 * Stops a service that only SIGKILL ends, unless the test ends it.
 *
 * @param heeds Returns whether the process ends by the signal.
 */
function stopIn(
  stop: Partial<StopManner>,
  {
    child = CHILD,
    heeds = () => false,
  }: {
    readonly child?: ProcessEntry;
    readonly heeds?: (signal: string, process: ProcessEntry) => boolean;
  } = {},
): Promise<Course> {
  return inVirtualTime(async ({ clock, now }) => {
    const sent: string[] = [];
    const events: ServiceEvent[] = [];
    const machine = makeMachine({
      signal: ({ pid }, signal, scope) => {
        sent.push(`${now()} ${signal} ${scope} ${pid}`);
        const reached = scope === "group"
          ? [...machine.processes.values()]
          : [machine.processes.get(pid)].filter((one) => one !== undefined);
        for (const one of reached) {
          if (signal === "SIGCONT") {
            machine.processes.set(one.pid, { ...one, suspended: false });
          }
          const isEnded = signal === "SIGKILL" || heeds(signal, one);
          if (isEnded) machine.end(one.pid);
        }
        return Promise.resolve("sent");
      },
    });
    machine.processes.set(100, WRAPPER).set(110, child);
    const root = "/project";
    const fs = makeDisk(new Map());
    const processes = new Map(machine.processes);
    const service = makeWorker({
      stop: { signal: "SIGTERM", timeout: 10_000, ...stop },
    });
    const failure = await stopService(
      makeDiagnosis({
        service,
        state: "running",
        record: makeRunRecord(WRAPPER),
        tree: [WRAPPER, child],
      }),
      makeWorld({ root, processes: { ok: true, value: processes } }),
      {
        ...makeHost(machine.platform),
        clock,
        fs,
        project: { root, file: `${root}/services.toml`, services: [] },
        dir: stateDirOf(root, fs),
        emit: (event) => events.push(event),
        signal: new AbortController().signal,
      },
    );
    strictEqual(failure, undefined);
    return { sent, events, elapsed: now() };
  });
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  for (const timeout of [200, 2_000, 10_000, 60_000]) {
    Deno.test(`stopService() ends by force after ${timeout} ms, after ${signal}`, async () => {
      const { sent, events, elapsed } = await stopIn({ signal, timeout });
      const times = sent.map((line) => Number(line.split(" ")[0]));
      const kill = times[sent.findIndex((line) => line.includes("SIGKILL"))];
      ok(
        kill !== undefined && Math.abs(kill - timeout) <= timeout / 10,
        `${kill}`,
      );
      ok(elapsed - timeout <= timeout / 10 + 100, `${elapsed}`);
      const [told] = events.filter(({ kind }) => kind === "escalating");
      ok(told?.kind === "escalating");
      ok(Math.abs(told.waited - (kill ?? 0)) <= timeout / 10);
      // Nothing that may end it by force comes earlier.
      ok(times.slice(1).every((at) => at >= timeout * 0.89), sent.join());
    });
  }
}

const SUSPENDED = { ...CHILD, suspended: true };

Deno.test("stopService() lets a suspended process act on the signal, and no other", async () => {
  const { sent, events } = await stopIn({}, {
    child: SUSPENDED,
    heeds: (signal) => signal === "SIGCONT",
  });
  deepStrictEqual(sent.slice(0, 2), [
    "0 SIGTERM group 100",
    "0 SIGCONT process 110",
  ]);
  strictEqual(sent.filter((line) => line.includes("SIGCONT")).length, 1);
  ok(events.some(({ kind }) => kind === "stopped"));
});

Deno.test("stopService() sends no SIGCONT where nothing is suspended, and none after SIGKILL", async () => {
  const running = await stopIn({});
  deepStrictEqual(running.sent.filter((line) => line.includes("CONT")), []);
  const killed = await stopIn({ signal: "SIGKILL" }, { child: SUSPENDED });
  deepStrictEqual(killed.sent.filter((line) => line.includes("CONT")), []);
});
