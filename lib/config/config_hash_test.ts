import { match, notStrictEqual, strictEqual } from "node:assert/strict";
import type { Service } from "../core/model.ts";
import { configHash } from "./config_hash.ts";

/** What the machine digests by. */
async function sha256(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function hashOf(service: Service): Promise<string> {
  return configHash(service, sha256);
}

const SERVICE: Service = {
  name: "api",
  label: "API",
  command: "serve",
  cwd: "/srv",
  port: 8000,
  ready: [{ kind: "tcp" }],
  readyTimeout: 60_000,
  dependsOn: [],
  env: { A: "1", B: "2" },
  stop: { signal: "SIGTERM", timeout: 10_000 },
  restart: { when: "never", limit: 5, delay: 500 },
  live: { every: 30_000, failures: 3, restart: false, timeout: 10_000 },
  log: { size: 10_000_000, keep: 5 },
};

Deno.test("configHash() is SHA-256 and does not depend on the order of keys", async () => {
  const hash = await hashOf(SERVICE);
  match(hash, /^[0-9a-f]{64}$/);
  strictEqual(await hashOf({ ...SERVICE, env: { B: "2", A: "1" } }), hash);
});

Deno.test("configHash() changes with all that only a restart takes up", async () => {
  const hash = await hashOf(SERVICE);
  const { port: _, ...worker } = SERVICE;
  const changed: readonly Service[] = [
    { ...SERVICE, command: ["serve"] },
    { ...SERVICE, command: "serve --reload" },
    { ...SERVICE, cwd: "/srv/x" },
    { ...SERVICE, port: 8001 },
    worker,
    { ...SERVICE, env: { A: "1" } },
    { ...SERVICE, env: { A: "1", B: "3" } },
    { ...SERVICE, envFile: "/srv/.env" },
    { ...SERVICE, ready: [{ kind: "command", command: "test" }] },
    { ...SERVICE, ready: [{ kind: "command", command: ["test"] }] },
    { ...SERVICE, stop: { ...SERVICE.stop, command: "halt" } },
  ];
  const hashes = await Promise.all(changed.map(hashOf));
  strictEqual(new Set([hash, ...hashes]).size, changed.length + 1);
});

Deno.test("configHash() stays where a restart would change nothing", async () => {
  const hash = await hashOf(SERVICE);
  strictEqual(await hashOf({ ...SERVICE, label: "Autre" }), hash);
  strictEqual(await hashOf({ ...SERVICE, readyTimeout: 1 }), hash);
  notStrictEqual(await hashOf({ ...SERVICE, port: 1 }), hash);
});
