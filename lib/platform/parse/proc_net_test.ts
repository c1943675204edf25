import assert from "node:assert/strict";
import { assertSurvivesDamage } from "../../../tests/kit/damage.ts";
import { parseFuser, parseProcNet, parseSocketOwners } from "./proc_net.ts";

const HEADER =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

const V4 = HEADER + `\
   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 48455 1 0000000000000000 100 0 0 10 0
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 22111 1 0000000000000000 100 0 0 10 0
   2: 0100007F:1F40 0100007F:C3BF 01 00000000:00000000 00:00000000 00000000  1000        0 50001 1 0000000000000000 20 4 30 10 -1
   3: 0100007F:C3BF 0100007F:1F40 06 00000000:00000000 03:00000A2B 00000000     0        0 0 3 0000000000000000
`;

const V6 = HEADER + `\
   0: 00000000000000000000000001000000:1435 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 48457 1 0000000000000000 100 0 0 10 0
   1: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 48459 1 0000000000000000 100 0 0 10 0
   2: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 48461 1 0000000000000000 100 0 0 10 0
   3: B80D01200000000001000000EF000000:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 48463 1 0000000000000000 100 0 0 10 0
   4: 000080FE00000000FF005450563412FE:0052 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 48465 1 0000000000000000 100 0 0 10 0
`;

Deno.test("parseProcNet() reads both tables", () => {
  assert.deepEqual(parseProcNet(V4 + V6), [
    {
      address: "127.0.0.1",
      port: 8000,
      uid: 1000,
      inode: "48455",
      listening: true,
    },
    { address: "0.0.0.0", port: 22, uid: 0, inode: "22111", listening: true },
    {
      address: "127.0.0.1",
      port: 8000,
      uid: 1000,
      inode: "50001",
      listening: false,
    },
    {
      address: "127.0.0.1",
      port: 50111,
      uid: 0,
      inode: "0",
      listening: false,
      left: 26_030,
    },
    { address: "::1", port: 5173, uid: 1000, inode: "48457", listening: true },
    { address: "::", port: 8080, uid: 1000, inode: "48459", listening: true },
    {
      address: "127.0.0.1",
      port: 80,
      uid: 1000,
      inode: "48461",
      listening: true,
    },
    {
      address: "2001:db8::1:0:ef",
      port: 81,
      uid: 1000,
      inode: "48463",
      listening: true,
    },
    {
      address: "fe80::5054:ff:fe12:3456",
      port: 82,
      uid: 1000,
      inode: "48465",
      listening: true,
    },
  ]);
});

Deno.test("parseProcNet() distinguishes no socket from no table", () => {
  assert.deepEqual(parseProcNet(HEADER), []);
  assert.equal(parseProcNet(""), undefined);
  assert.equal(parseProcNet("cat: /proc/net/tcp: No such file"), undefined);
});

const DESCRIPTORS = `\
/proc/1/fd:
total 0
lrwx------ 1 0 0 64 Nov 22 14:07 0 -> /dev/null
lrwx------ 1 0 0 64 Nov 22 14:07 3 -> socket:[22111]

/proc/15005/fd:
total 0
lrwx------ 1 1000 1000 64 Nov 22 14:07 3 -> socket:[48455]
lrwx------ 1 1000 1000 64 Nov 22 14:07 4 -> socket:[48457]
lr-x------ 1 1000 1000 64 Nov 22 14:07 5 -> /tmp/7 -> socket:[22111]
lr-x------ 1 1000 1000 64 Nov 22 14:07 6 -> /tmp/x 7 -> socket:[22111]
lr-x------ 1 1000 1000 64 Nov 22 14:07 7 -> /tmp/?/proc/9/fd:

/proc/15010/fd:
total 0
lrwx------ 1 1000 1000 64 Nov 22 14:07 3 -> socket:[48455]
lrwx------ 1 1000 1000 64 Nov 22 14:07 8 -> socket:[48455]
`;

Deno.test("parseSocketOwners() finds who holds a socket", () => {
  assert.deepEqual(
    parseSocketOwners(DESCRIPTORS),
    new Map([["22111", [1]], ["48455", [15005, 15010]], ["48457", [15005]]]),
  );
});

Deno.test("parseFuser() takes ids and nothing else", () => {
  for (
    const [text, pids] of [
      [" 14845 14846", [14845, 14846]],
      [" 14845 14845\n", [14845]],
      ["", []],
      ["8000/tcp: 14845", []],
      ["0", []],
    ] as const
  ) assert.deepEqual(parseFuser(text), pids, text);
});

Deno.test("the parsers of sockets survive damage", () => {
  assertSurvivesDamage([DESCRIPTORS, V4 + V6, " 14845 14846"], (text) => {
    parseProcNet(text);
    return [...parseSocketOwners(text).values()].flat()
      .concat(parseFuser(text));
  });
});
