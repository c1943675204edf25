import assert from "node:assert/strict";
import { assertSurvivesDamage } from "../../../tests/kit/damage.ts";
import { parseSs } from "./ss.ts";

const SAMPLE = `\
LISTEN 0      4096   127.0.0.53%lo:53         0.0.0.0:*    users:(("systemd-resolve",pid=612,fd=15))
LISTEN 0      2048       127.0.0.1:8000       0.0.0.0:*    users:(("uvicorn",pid=15005,fd=4),("python3",pid=15010,fd=4))
LISTEN 0      10         127.0.0.1:8001       0.0.0.0:*    users:(("python3",pid=15020,fd=5))
LISTEN 0      511            [::1]:5173          [::]:*    users:(("node",pid=15031,fd=21))
LISTEN 0      128          0.0.0.0:22         0.0.0.0:*
LISTEN 0      4096               *:8080             *:*    users:(("java",pid=15040,fd=9))
LISTEN 0      5      [::ffff:127.0.0.1]:80         [::]:*    users:(("a",pid=15050,fd=3))
LISTEN 0      5      [fe80::5054:ff:fe12:3456]%eth0:546         [::]:*    users:(("b",pid=15051,fd=3))
LISTEN 0      511               [::]:443          [::]:*    users:(("nginx",pid=900,fd=6),("nginx",pid=901,fd=6))
`;

Deno.test("parseSs() reads every form of a row", () => {
  assert.deepEqual(parseSs(SAMPLE), {
    ok: true,
    value: [
      { address: "127.0.0.53", port: 53, pids: [612] },
      { address: "127.0.0.1", port: 8000, pids: [15005, 15010] },
      { address: "127.0.0.1", port: 8001, pids: [15020] },
      { address: "::1", port: 5173, pids: [15031] },
      { address: "0.0.0.0", port: 22, pids: [] },
      { address: "::", port: 8080, pids: [15040] },
      { address: "127.0.0.1", port: 80, pids: [15050] },
      { address: "fe80::5054:ff:fe12:3456", port: 546, pids: [15051] },
      { address: "::", port: 443, pids: [900, 901] },
    ],
  });
});

Deno.test("parseSs() finds no listener in an empty output", () => {
  assert.deepEqual(parseSs(""), { ok: true, value: [] });
  assert.deepEqual(parseSs("\n"), { ok: true, value: [] });
});

Deno.test("parseSs() does not take what it does not understand for nothing", () => {
  for (
    const text of [
      "ss: invalid option -- 'H'",
      "\ufffd\ufffd",
      "LISTEN 0 128 nowhere 0.0.0.0:* ",
      "LISTEN 0 128 127.0.0.1:99999 0.0.0.0:*",
      "LISTEN\n",
      SAMPLE + "LISTEN a b\n",
    ]
  ) assert.equal(parseSs(text).ok, false, text);
});

Deno.test("parseSs() is not fooled by the name of a process", () => {
  const row = (users: string) =>
    parseSs(`LISTEN 0 5 127.0.0.1:80 0.0.0.0:* users:(${users})\n`);
  for (
    const users of [
      '("ne"x)t,(v1 pid=9",pid=15005,fd=4)',
      '("x",pid=9,fd=3",pid=15005,fd=4)',
      '("x",pid=9,fd=3)",pid=15005,fd=4)',
      '("",pid=9,fd=3))",pid=15005,fd=4)',
      '("a\nb",pid=15005,fd=4)',
      '("a\n",pid=9,fd=1",pid=15005,fd=4)',
      '("\ufffd\ufffd",pid=15005,fd=4)',
      '("users:(("",pid=15005,fd=4)',
    ]
  ) {
    assert.deepEqual(row(users), {
      ok: true,
      value: [{ address: "127.0.0.1", port: 80, pids: [15005] }],
    }, users);
  }
});

Deno.test("parseSs() gives up where a name looks like a row", () => {
  const text =
    'LISTEN 0 5 127.0.0.1:80 0.0.0.0:* users:(("a\nLISTEN 0 1 *:1",pid=5,fd=4))\n';
  assert.equal(parseSs(text).ok, false);
});

Deno.test("parseSs() joins the sockets of SO_REUSEPORT", () => {
  const text = `\
LISTEN 0 128 0.0.0.0:80 0.0.0.0:* users:(("a",pid=7,fd=3))
LISTEN 0 128 0.0.0.0:80 0.0.0.0:* users:(("a",pid=8,fd=3))
LISTEN 0 128 0.0.0.0:8000 0.0.0.0:* users:(("a",pid=9,fd=3))
`;
  assert.deepEqual(parseSs(text), {
    ok: true,
    value: [
      { address: "0.0.0.0", port: 80, pids: [7, 8] },
      { address: "0.0.0.0", port: 8000, pids: [9] },
    ],
  });
});

Deno.test("parseSs() survives damage", () => {
  assertSurvivesDamage([SAMPLE], (text) => {
    const found = parseSs(text);
    return found.ok ? found.value.flatMap((row) => row.pids) : [];
  });
});
