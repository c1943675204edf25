import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  type FakeMachine,
  makeEntry,
  makeHolder,
  makeHost,
  makeListener,
  makeMachine,
  makeService,
  makeTable,
  ROOT,
} from "../../../tests/kit/builders.ts";
import { skippingClock } from "../../../tests/kit/stepped_clock.ts";
import type { StopFailure } from "../../core/events.ts";
import type { Platform } from "../../platform/platform.ts";
import { stateDirOf } from "../state/state_dir.ts";
import { detectRespawn } from "./port_release.ts";
import { NO_IGNORED_HOLDERS } from "./stop_target.ts";

const SUPERVISOR = makeEntry(400, { name: "sh" });
const STOPPED = makeHolder(410);
const BEFORE = makeTable(SUPERVISOR, makeEntry(410, { ppid: 400 }));
const SUCCESSOR = makeEntry(420, { ppid: 400 });
const RESPAWNED = {
  kind: "held",
  holders: [{ pid: 420, name: "node" }],
} as const;

async function detectOn(
  machine: FakeMachine,
): Promise<StopFailure | undefined> {
  const target = {
    service: makeService(),
    roots: [STOPPED],
    known: new Map(),
    ignoredHolders: NO_IGNORED_HOLDERS,
  };
  return await detectRespawn(
    target,
    [STOPPED],
    { processes: { ok: true, value: BEFORE } },
    {
      project: { root: ROOT, file: `${ROOT}/services.toml`, services: [] },
      dir: stateDirOf(ROOT),
      ...makeHost(machine.platform, { clock: skippingClock() }),
      emit: () => {},
      signal: new AbortController().signal,
    },
  );
}

Deno.test("detectRespawn() sees a process that listens a little later", async () => {
  let reads = 0;
  const listeners: Platform["listeners"] = () => {
    const value = ++reads > 1 ? [makeListener(8000, [420])] : [];
    return Promise.resolve({ ok: true, value });
  };
  const machine = makeMachine({ listeners });
  machine.processes.set(420, makeEntry(420));
  deepStrictEqual(await detectOn(machine), RESPAWNED);
});

Deno.test("detectRespawn() sees a successor that does not listen yet", async () => {
  const machine = makeMachine();
  machine.processes.set(400, SUPERVISOR).set(420, SUCCESSOR);
  machine.details.set(420, { pid: 420, args: STOPPED.args });
  deepStrictEqual(await detectOn(machine), RESPAWNED);
});

Deno.test("detectRespawn() takes no other process for a successor", async () => {
  const cases: readonly (readonly [string, (machine: FakeMachine) => void])[] =
    [
      ["no new process", ({ processes }) => processes.delete(420)],
      ["another command", ({ details }) => {
        details.set(420, { pid: 420, args: ["node", "other.js"] });
      }],
      ["an unknown command", ({ details }) => details.clear()],
      ["the child of another process", ({ processes }) => {
        processes.set(420, makeEntry(420, { ppid: 1 }));
      }],
      ["the supervisor is gone", ({ processes }) => processes.delete(400)],
    ];
  for (const [name, change] of cases) {
    const machine = makeMachine();
    machine.processes.set(400, SUPERVISOR).set(420, SUCCESSOR);
    machine.details.set(420, { pid: 420, args: STOPPED.args });
    change(machine);
    strictEqual(await detectOn(machine), undefined, name);
  }
});
