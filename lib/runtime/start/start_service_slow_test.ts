// Starting a service on a slow machine.

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  makeHost,
  makeListener,
  makeMachine,
  makeService,
  makeWorker,
} from "../../../tests/kit/builders.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import { steppedClock } from "../../../tests/kit/stepped_clock.ts";
import type { Pending } from "../../core/events.ts";
import { startService } from "./start_service.ts";
import { ensureStateDir, stateDirOf } from "../state/state_dir.ts";

Deno.test("a service without port must run after it was resumed, not before", async () => {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  const clock = steppedClock();
  const machine = makeMachine((platform) => ({
    spawnSuspended: (request) => {
      clock.step(60_000);
      return platform.spawnSuspended(request);
    },
    // The first check still finds it.
    identity: async (pid) => {
      const seen = await platform.identity(pid);
      machine.end(pid);
      return seen;
    },
  }));
  const service = makeWorker();
  const root = folder.path;
  const failure = await startService(service, {
    project: { root, file: `${root}/services.toml`, services: [service] },
    dir,
    ...makeHost(machine.platform, { clock }),
    emit: () => {},
    signal: new AbortController().signal,
  });
  strictEqual(failure?.kind, "exited");
});

Deno.test("a start says which check has no answer yet while a page is slow", async () => {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = server.addr;
  const machine = makeMachine((platform) => ({
    spawnSuspended: async (request) => {
      const suspended = await platform.spawnSuspended(request);
      machine.listeners.push(makeListener(port, [suspended.pid]));
      return suspended;
    },
  }));
  const service = makeService({ port, ready: [{ kind: "http", path: "/" }] });
  const root = folder.path;
  // No time passes: the attempt never ends by itself.
  const end = new AbortController();
  const guard = setTimeout(() => end.abort(), 10_000);
  let said: Pending | undefined;
  const failure = await startService(service, {
    project: { root, file: `${root}/services.toml`, services: [service] },
    dir,
    ...makeHost(machine.platform, { clock: steppedClock() }),
    emit: (event) => {
      if (event.kind !== "waiting" || end.signal.aborted) return;
      said = event.pending;
      if (said.kind === "check") end.abort();
    },
    signal: end.signal,
  });
  clearTimeout(guard);
  strictEqual(failure?.kind, "cancelled");
  deepStrictEqual(said, {
    kind: "check",
    check: { kind: "http", path: "/" },
    detail: "no answer",
  });
});
