// Starting a service on a slow machine.

import { strictEqual } from "node:assert/strict";
import {
  makeHost,
  makeMachine,
  makeWorker,
} from "../../../tests/kit/builders.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import { steppedClock } from "../../../tests/kit/stepped_clock.ts";
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
