import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { makeEntry, makeLease } from "../../../tests/kit/builders.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import {
  hasCrashed,
  leaseFile,
  markStopping,
  markTold,
  parseLease,
  readLease,
  removeLease,
  writeLease,
} from "./run_record.ts";
import { ensureStateDir, type StateDir, stateDirOf } from "./state_dir.ts";

const LEASE = makeLease(makeEntry(100));

/** A project that is gone with the test. */
async function makeDir(): Promise<StateDir & AsyncDisposable> {
  const folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  return {
    ...dir,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).toSorted();
}

Deno.test("readLease() gives back what writeLease() wrote", async () => {
  await using dir = await makeDir();
  const { readyAt: _, port: __, ...bare } = LEASE;
  const leases = [
    LEASE,
    bare,
    { ...LEASE, command: ["python", "-c", 'print("é\n")'] },
  ];
  for (const lease of leases) {
    writeLease(dir, lease);
    deepStrictEqual(readLease(dir, "api"), { kind: "valid", lease });
  }
});

Deno.test("writeLease() leaves nothing beside the lease, for its owner only", async () => {
  await using dir = await makeDir();
  writeLease(dir, LEASE);
  deepStrictEqual(await namesIn(dir.leases), ["api.json"]);
  if (Deno.build.os === "windows") return;
  const { mode } = await Deno.stat(leaseFile(dir, "api"));
  strictEqual((mode ?? 0) & 0o777, 0o600);
});

Deno.test("readLease() tells nothing, garbage and what cannot be read apart", async () => {
  await using dir = await makeDir();
  const file = leaseFile(dir, "api");
  deepStrictEqual(readLease(dir, "api"), { kind: "none" });
  for (const text of ["", "{", "null", "7", "[]", "{}", '"lease"', "\0\0\0"]) {
    await Deno.writeTextFile(file, text);
    deepStrictEqual(
      readLease(dir, "api"),
      { kind: "corrupt", file },
      text,
    );
  }
  await Deno.remove(file);
  await Deno.mkdir(file);
  deepStrictEqual(readLease(dir, "api"), { kind: "corrupt", file });
});

Deno.test("parseLease() says which other version wrote it", () => {
  const text = JSON.stringify({ version: 2, whatever: true });
  deepStrictEqual(parseLease(text, "api", "f"), {
    kind: "version",
    file: "f",
    found: "2",
  });
});

Deno.test("parseLease() refuses the lease of another service", () => {
  const { kind } = parseLease(JSON.stringify(LEASE), "web", "f");
  strictEqual(kind, "corrupt");
});

Deno.test("parseLease() refuses every field that cannot be right", () => {
  const wrong: Readonly<Record<string, readonly unknown[]>> = {
    pid: ["100", 1, 0, -5, 1.5, null, 1e300],
    start: [7, null],
    run: [null, {}],
    configHash: [null],
    startedAt: [1700000000, "", "soon", { toString: 1, valueOf: 1 }],
    logOffset: ["0", null, -1, 1.5],
    port: ["8000", null],
    readyAt: [0, null],
    command: [7, null, {}, [1], ["a", null]],
  };
  for (const [key, values] of Object.entries(wrong)) {
    for (const value of values) {
      const text = JSON.stringify({ ...LEASE, [key]: value });
      strictEqual(parseLease(text, "api", "f").kind, "corrupt", text);
    }
  }
});

Deno.test("parseLease() refuses a lease that lacks what it must have", () => {
  const may = new Set(["port", "readyAt"]);
  for (const key of Object.keys(LEASE)) {
    const text = JSON.stringify({ ...LEASE, [key]: undefined });
    const expected = may.has(key) ? "valid" : "corrupt";
    strictEqual(parseLease(text, "api", "f").kind, expected, key);
  }
});

Deno.test("parseLease() never throws and never takes nonsense for a lease", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.record({ version: fc.constantFrom(1, 2, "1", null) }, {
      noNullPrototype: true,
    }).chain((base) =>
      fc.dictionary(fc.constantFrom(...Object.keys(LEASE)), fc.jsonValue())
        .map((fields) => JSON.stringify({ ...LEASE, ...base, ...fields }))
    ),
  );
  fc.assert(fc.property(anyText, (text) => {
    const reading = parseLease(text, "api", "f");
    if (reading.kind !== "valid") return;
    const { lease } = reading;
    ok(Number.isSafeInteger(lease.pid) && lease.pid > 1);
    strictEqual(lease.service, "api");
    strictEqual(typeof lease.run, "string");
    strictEqual(typeof lease.start, "string");
  }));
});

Deno.test("removeLease() sweeps drafts and marks, and nothing of others", async () => {
  await using dir = await makeDir();
  writeLease(dir, LEASE);
  writeLease(dir, { ...LEASE, service: "api2" });
  await markTold(dir, LEASE);
  await Deno.writeTextFile(`${leaseFile(dir, "api")}.f0f0-7`, "{half a le");
  removeLease(dir, "api");
  deepStrictEqual(await namesIn(dir.leases), ["api2.json"]);
  removeLease(dir, "api");
});

Deno.test("hasCrashed() is true only for a run that nobody asked to stop", async () => {
  await using dir = await makeDir();
  writeLease(dir, LEASE);
  strictEqual(await hasCrashed(dir, LEASE), true);
  markStopping(dir, LEASE);
  strictEqual(await hasCrashed(dir, LEASE), false, "it is being stopped");
  removeLease(dir, "api");
  strictEqual(await hasCrashed(dir, LEASE), false, "it was stopped");
  writeLease(dir, { ...LEASE, run: "f0f0-2" });
  strictEqual(await hasCrashed(dir, LEASE), false, "it was started again");
});

Deno.test("markTold() is true once for each run", async () => {
  await using dir = await makeDir();
  strictEqual(await markTold(dir, LEASE), true);
  strictEqual(await markTold(dir, LEASE), false);
  strictEqual(await markTold(dir, { ...LEASE, run: "f0f0-2" }), true);
});

Deno.test("markTold() is false where it cannot be written", async () => {
  await using folder = await makeFolder();
  strictEqual(await markTold(stateDirOf(folder.path), LEASE), false);
});
