import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import {
  makeFolder,
  startDeno,
  type TestFolder,
  type TestProcess,
} from "../../../tests/kit/test_process.ts";
import { acquireLock, type LockOwner, tryAcquireLock } from "./file_lock.ts";
import { ensureStateDir, stateDirOf } from "./state_dir.ts";
import { systemClock } from "../../platform/clock.ts";

const CLOCK = import.meta.resolve("../../platform/clock.ts");
const LOCK = import.meta.resolve("./file_lock.ts");
const STATE_DIR = import.meta.resolve("./state_dir.ts");

/** Another process that holds the lock until it ends. */
function startHolder(folder: TestFolder): TestProcess {
  return startDeno(
    `const { acquireLock } = await import(${JSON.stringify(LOCK)});
     const { systemClock } = await import(${JSON.stringify(CLOCK)});
     const { stateDirOf } = await import(${JSON.stringify(STATE_DIR)});
     globalThis.lock = await acquireLock(
       stateDirOf(${JSON.stringify(folder.path)}),
       "start",
       {
         clock: systemClock,
         onWait: () => {},
         signal: new AbortController().signal,
       },
     );
     console.log("locked")`,
  );
}

/** `begun` settles once the lock is waited for, with its reported holder. */
function makeWait(): {
  readonly onWait: (owner: LockOwner | undefined) => void;
  readonly begun: Promise<LockOwner | undefined>;
} {
  const { promise, resolve } = Promise.withResolvers<LockOwner | undefined>();
  return { onWait: resolve, begun: promise };
}

Deno.test("acquireLock() waits for another process, and gets it when that one is killed", async () => {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  await using holder = startHolder(folder);
  strictEqual(await holder.line(), "locked");

  const { onWait, begun } = makeWait();
  const { signal } = new AbortController();
  let isHeld = false;
  const waiting = acquireLock(dir, "stop", {
    clock: systemClock,
    onWait,
    signal,
  })
    .then((lock) => {
      isHeld = true;
      return lock;
    });
  deepStrictEqual(await begun, { pid: holder.pid, command: "start" });
  strictEqual(isHeld, false);

  holder.kill();
  using lock = await waiting;
  ok(lock);
});

Deno.test("acquireLock() gives up when it is aborted", async () => {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  await using holder = startHolder(folder);
  strictEqual(await holder.line(), "locked");

  const { onWait, begun } = makeWait();
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = acquireLock(dir, "stop", {
    clock: systemClock,
    onWait,
    signal,
  });
  await begun;
  controller.abort();
  strictEqual(await waiting, undefined);
});

Deno.test("acquireLock() takes a released lock at once", async () => {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  const { signal } = new AbortController();
  let waits = 0;
  const onWait = () => waits++;
  for (const command of ["start", "stop", "restart"]) {
    using lock = await acquireLock(dir, command, {
      clock: systemClock,
      onWait,
      signal,
    });
    ok(lock);
  }
  strictEqual(waits, 0);
});

Deno.test("acquireLock() reports no holder where none can be read", async () => {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  await using holder = startHolder(folder);
  strictEqual(await holder.line(), "locked");
  for (const text of ["", "null", "{}", '{"pid":"1","command":2}']) {
    await Deno.writeTextFile(`${dir.lock}.json`, text);
    const { onWait, begun } = makeWait();
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = acquireLock(dir, "stop", {
      clock: systemClock,
      onWait,
      signal,
    });
    strictEqual(await begun, undefined, text);
    controller.abort();
    await waiting;
  }
});

Deno.test("acquireLock() names the file that cannot be opened", async () => {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  const { signal } = new AbortController();
  await rejects(
    acquireLock(dir, "start", { clock: systemClock, onWait: () => {}, signal }),
    {
      name: "StateDirError",
      path: dir.lock,
    },
  );
});

Deno.test("a released lock is free at once, also while a child is being started", async () => {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  const code = `for (;;) {
    const { path } = await new Promise((next) => onmessage = ({ data }) => next(data));
    for (;;) {
      const args = { stdin: "null", stdout: "null", stderr: "null" };
      await new Deno.Command(path, { ...args, args: ["--version"] }).output();
      postMessage("started");
    }
  }`;
  const starter = new Worker(
    `data:application/javascript,${encodeURIComponent(code)}`,
    { type: "module" },
  );
  try {
    const { promise, resolve } = Promise.withResolvers<void>();
    starter.onmessage = () => resolve();
    starter.postMessage({ path: Deno.execPath() });
    await promise;
    for (let round = 0; round < 3_000; round++) {
      const lock = await tryAcquireLock(dir, "start");
      ok(lock, `still locked after ${round} rounds`);
      lock[Symbol.dispose]();
    }
  } finally {
    starter.terminate();
  }
});
