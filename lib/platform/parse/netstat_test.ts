import assert from "node:assert/strict";
import { assertSurvivesDamage } from "../../../tests/kit/damage.ts";
import { parseNetstat, parsePortConnections } from "./netstat.ts";

const ENGLISH = `
Active Connections

  Proto  Local Address          Foreign Address        State           PID
  TCP    0.0.0.0:80             0.0.0.0:0              LISTENING       4
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       1084
  TCP    127.0.0.1:8000         0.0.0.0:0              LISTENING       15136
  TCP    127.0.0.1:8000         0.0.0.0:0              LISTENING       15200
  TCP    127.0.0.1:8000         127.0.0.1:50111        ESTABLISHED     15136
  TCP    127.0.0.1:8001         127.0.0.1:50112        TIME_WAIT       0
  TCP    127.0.0.1:50111        127.0.0.1:8000         ESTABLISHED     9000
  TCP    192.168.1.5:5173       20.42.65.92:443        ESTABLISHED     7777
  TCP    [::]:135               [::]:0                 LISTENING       1084
  TCP    [::1]:5173             [::]:0                 LISTENING       8692
  TCP    [fe80::1c2d:3e4f:5061:7283%7]:8080  [::]:0     LISTENING       8700
  UDP    0.0.0.0:5353           *:*                                    2312
  UDP    [::1]:1900             *:*                                    3000
`.replaceAll("\n", "\r\n");

const LISTENERS = [
  { address: "0.0.0.0", port: 80, pids: [4] },
  { address: "0.0.0.0", port: 135, pids: [1084] },
  { address: "127.0.0.1", port: 8000, pids: [15136, 15200] },
  { address: "::", port: 135, pids: [1084] },
  { address: "::1", port: 5173, pids: [8692] },
  { address: "fe80::1c2d:3e4f:5061:7283", port: 8080, pids: [8700] },
];

/** What is left of code page 850 when it is read as UTF-8. */
const translate = (words: Readonly<Record<string, string>>) =>
  Object.entries(words).reduce(
    (text, [from, to]) => text.replaceAll(from, to),
    ENGLISH,
  );

const GERMAN = translate({
  "Active Connections": "Aktive Verbindungen",
  "Local Address": "Lokale Adresse",
  "Foreign Address": "Remoteadresse",
  "LISTENING": "ABH\ufffdREN",
  "ESTABLISHED": "HERGESTELLT",
  "TIME_WAIT": "WARTEND",
});

const FRENCH = translate({
  "Active Connections": "Connexions actives",
  "Local Address": "Adresse locale",
  "Foreign Address": "Adresse distante",
  "State": "\ufffdtat",
  "LISTENING": "\ufffd L'\ufffdCOUTE",
  "ESTABLISHED": "\ufffdTABLIE",
});

const SPANISH = translate({
  "Active Connections": "Conexiones activas",
  "Local Address": "Direcci\ufffdn local",
  "Foreign Address": "Direcci\ufffdn remota",
  "LISTENING": "LISTENING",
  "ESTABLISHED": "ESTABLISHED",
});

const SAMPLES = { ENGLISH, GERMAN, FRENCH, SPANISH };

for (const [name, text] of Object.entries(SAMPLES)) {
  Deno.test(`parseNetstat() reads the rows of Windows in ${name}`, () => {
    assert.deepEqual(parseNetstat(text), { ok: true, value: LISTENERS });
    const connections = parsePortConnections(text);
    assert.deepEqual(connections.get(8001), { closing: {} });
    assert.deepEqual(connections.get(50111), { connected: [9000] });
    assert.equal(connections.get(8000), undefined);
    assert.equal(connections.get(9999), undefined);
  });
}

Deno.test("parseNetstat() keeps a listener without an owner", () => {
  const text = "  TCP    0.0.0.0:8000    0.0.0.0:0    LISTENING\r\n" +
    "  TCP    0.0.0.0:8001    0.0.0.0:0    LISTENING    0\r\n";
  assert.deepEqual(parseNetstat(text), {
    ok: true,
    value: [
      { address: "0.0.0.0", port: 8000, pids: [] },
      { address: "0.0.0.0", port: 8001, pids: [] },
    ],
  });
});

Deno.test("parseNetstat() distinguishes no listener from no answer", () => {
  const udp = "  UDP    0.0.0.0:5353           *:*             2312\r\n";
  assert.deepEqual(parseNetstat(udp), { ok: true, value: [] });
  const header = ENGLISH.slice(0, ENGLISH.indexOf("  TCP"));
  assert.deepEqual(parseNetstat(header), { ok: true, value: [] });
  for (const text of ["", "\r\n", "'netstat' is not recognized"]) {
    assert.equal(parseNetstat(text).ok, false, text);
  }
});

Deno.test("parseNetstat() distinguishes ports that begin alike", () => {
  const row = (port: number, pid: number) =>
    `  TCP    127.0.0.1:${port}    0.0.0.0:0    LISTENING    ${pid}\r\n`;
  const found = parseNetstat(
    row(80, 1) + row(800, 2) + row(8000, 3) + row(18000, 4),
  );
  assert.ok(found.ok);
  assert.deepEqual(
    found.value.map(({ port, pids }) => [port, ...pids]),
    [[80, 1], [800, 2], [8000, 3], [18000, 4]],
  );
});

Deno.test("parseNetstat() survives damage", () => {
  assertSurvivesDamage(Object.values(SAMPLES), (text) => {
    const found = parseNetstat(text);
    return found.ok ? found.value.flatMap((row) => row.pids) : [];
  });
});
