import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { makeEntry, makeTable, SELF } from "../../tests/kit/builders.ts";
import type { ProcessEntry } from "./model.ts";
import { isContainerProgram, isProtected } from "./protect.ts";

Deno.test("isContainerProgram() knows who publishes ports of containers", () => {
  const names = [
    "docker-proxy",
    "com.docker.backend.exe",
    "com.docker.backe",
    "com.docke",
    "vpnkit.exe",
    "OrbStack Helper",
    "rootlessport",
    "conmon",
  ];
  deepStrictEqual(names.filter((name) => !isContainerProgram(name)), []);
  for (const name of ["node", "dockerize", "my-docker-proxy", ""]) {
    strictEqual(isContainerProgram(name), false, name);
  }
});

const PROTECTED: readonly (readonly [string, ProcessEntry])[] = [
  ["the idle process of Windows", makeEntry(0, { name: "System Idle" })],
  ["init", makeEntry(1, { name: "my-init" })],
  ["System", makeEntry(4, { name: "System" })],
  ["devsvc", makeEntry(SELF, { name: "deno" })],
  ["its parent", makeEntry(800, { name: "bash" })],
  ["the parent of its parent", makeEntry(700, { name: "alacritty" })],
  ["a service host of Windows", makeEntry(50, { name: "svchost.exe" })],
  ["the desktop of Windows", makeEntry(50, { name: "Explorer.EXE" })],
  ["the relay of WSL", makeEntry(50, { name: "wslrelay.exe" })],
  ["AirPlay", makeEntry(50, { name: "ControlCenter" })],
  ["AirPlay as lsof shortens it", makeEntry(50, { name: "ControlCe" })],
  ["rapportd", makeEntry(50, { name: "rapportd" })],
  ["sshd", makeEntry(50, { name: "sshd" })],
  ["docker-proxy", makeEntry(50, { name: "docker-proxy" })],
  ["Docker Desktop", makeEntry(50, { name: "com.docker.backend.exe" })],
  ["OrbStack", makeEntry(50, { name: "OrbStack Helper" })],
];

const FAMILY = [
  makeEntry(700, { name: "alacritty" }),
  makeEntry(800, { name: "bash", ppid: 700 }),
  makeEntry(SELF, { name: "deno", ppid: 800 }),
];

Deno.test("isProtected() keeps from the system, containers and devsvc's own line", () => {
  for (const [name, entry] of PROTECTED) {
    const table = makeTable(entry, ...FAMILY);
    strictEqual(isProtected(entry, SELF, table), true, name);
  }
});

Deno.test("isProtected() lets ordinary programs be stopped", () => {
  const ordinary: readonly (readonly [string, ProcessEntry])[] = [
    ["a server", makeEntry(50, { name: "uvicorn" })],
    ["a child of devsvc", makeEntry(950, { ppid: SELF })],
    ["a sibling of devsvc", makeEntry(850, { ppid: 800 })],
    ["a registry of the project", makeEntry(50, { name: "registry" })],
    ["a program named services", makeEntry(50, { name: "services" })],
    ["a name that only begins alike", makeEntry(50, { name: "systematic" })],
  ];
  for (const [name, entry] of ordinary) {
    const table = makeTable(entry, ...FAMILY);
    strictEqual(isProtected(entry, SELF, table), false, name);
  }
});

Deno.test("isProtected() does not take a young stranger for a parent of devsvc", () => {
  const unidentifiedHolder = makeEntry(800, { order: SELF + 1 });
  const table = makeTable(unidentifiedHolder, makeEntry(SELF, { ppid: 800 }));
  strictEqual(isProtected(unidentifiedHolder, SELF, table), false);
});
