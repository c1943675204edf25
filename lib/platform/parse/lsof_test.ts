import assert from "node:assert/strict";
import { assertSurvivesDamage } from "../../../tests/kit/damage.ts";
import { parseLsof, parseLsofConnections, parseLsofFolders } from "./lsof.ts";

const LINUX = `\
p612
csystemd-r
u101
Lsystemd-resolve
f15
tIPv4
PTCP
n127.0.0.53:53
TST=LISTEN
TQR=0
TQS=0
p15005
cne"x)t,(v1
u1000
Lanna
f3
tIPv4
PTCP
n127.0.0.1:8000
TST=LISTEN
TQR=0
TQS=0
f4
tIPv6
PTCP
n[::1]:5173
TST=LISTEN
TQR=0
TQS=0
f5
tIPv6
PTCP
n*:8080
TST=LISTEN
TQR=0
TQS=0
p15010
cpython3
u1000
Lanna
f3
tIPv4
PTCP
n127.0.0.1:8000
TST=LISTEN
TQR=0
TQS=0
`;

const MACOS = `\
p501
cControlCe
u501
Lanna
f9
tIPv4
PTCP
n*:7000
TST=LISTEN
TQR=0
TQS=0
f10
tIPv6
PTCP
n*:7000
TST=LISTEN
TQR=0
TQS=0
p733
cMon\\x20Caf\\xc3\\xa9
u501
Lanna
f20
tIPv6
PTCP
n[fe80:5::1]:5000
TST=LISTEN
TQR=0
TQS=0
`;

Deno.test("parseLsof() reads several processes", () => {
  assert.deepEqual(parseLsof(LINUX), {
    ok: true,
    value: [
      { address: "127.0.0.53", port: 53, pids: [612] },
      { address: "127.0.0.1", port: 8000, pids: [15005, 15010] },
      { address: "::1", port: 5173, pids: [15005] },
      { address: "::", port: 8080, pids: [15005] },
    ],
  });
});

Deno.test("parseLsof() distinguishes the wildcards of both families", () => {
  assert.deepEqual(parseLsof(MACOS), {
    ok: true,
    value: [
      { address: "0.0.0.0", port: 7000, pids: [501] },
      { address: "::", port: 7000, pids: [501] },
      { address: "fe80:5::1", port: 5000, pids: [733] },
    ],
  });
});

Deno.test("parseLsof() skips clients", () => {
  const text = `\
p7
f3
tIPv4
PTCP
n127.0.0.1:50111->127.0.0.1:8000
TST=ESTABLISHED
f4
tIPv4
PTCP
n127.0.0.1:50112
TST=CLOSED
f5
tIPv4
PTCP
n127.0.0.1:8000
TST=LISTEN
`;
  assert.deepEqual(parseLsof(text), {
    ok: true,
    value: [{ address: "127.0.0.1", port: 8000, pids: [7] }],
  });
});

Deno.test("parseLsof() finds no listener in an empty output", () => {
  assert.deepEqual(parseLsof(""), { ok: true, value: [] });
});

Deno.test("parseLsof() knows what lsof does not print", () => {
  // The lsof of busybox has other columns and no options.
  assert.equal(parseLsof("1\t/bin/busybox\tsocket:[123]\n").ok, false);
  assert.equal(parseLsof("n127.0.0.1:8000\n").ok, false);
  assert.equal(parseLsof("p0\nn127.0.0.1:8000\n").ok, false);
});

Deno.test("parseLsofFolders() reads working folders", () => {
  assert.deepEqual(
    parseLsofFolders(
      "p12\nfcwd\nn/Users/anna/my project\np13\nfcwd\nn/\np14\n",
    ),
    new Map([[12, "/Users/anna/my project"], [13, "/"]]),
  );
});

Deno.test("parseLsofFolders() decodes what the C locale has no characters for", () => {
  assert.deepEqual(
    parseLsofFolders(
      "p12\nfcwd\nn/Users/anna/\\xc3\\xa9t\\xc3\\xa9 10 \\xe2\\x82\\xac\n",
    ),
    new Map([[12, "/Users/anna/été 10 €"]]),
  );
});

Deno.test("parseLsof() survives damage", () => {
  assertSurvivesDamage([LINUX, MACOS], (text) => {
    const found = parseLsof(text);
    return [
      ...found.ok ? found.value.flatMap((row) => row.pids) : [],
      ...parseLsofFolders(text).keys(),
    ];
  });
});

Deno.test("parseLsofConnections() names the owners of the own ends", () => {
  const text = "p100\nf5\nn127.0.0.1:8000->127.0.0.1:5000\n" +
    "f6\nn127.0.0.1:8000->127.0.0.1:5001\nf7\nn*:8001\n" +
    "p200\nf3\nn[::1]:5000->[::1]:8000\n";
  assert.deepEqual(
    parseLsofConnections(text),
    new Map([[8000, [100]], [5000, [200]]]),
  );
});
