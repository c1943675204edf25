import assert from "node:assert/strict";
import {
  joinListeners,
  parseAddress,
  parseEndpoint,
  parsePid,
  parsePort,
} from "./fields.ts";

Deno.test("parsePid() takes whole numbers above 0", () => {
  for (
    const [text, pid] of [["1", 1], ["4312", 4312], [
      "4294967295",
      4294967295,
    ]] as const
  ) {
    assert.equal(parsePid(text), pid);
  }
  for (
    const text of [
      "",
      "0",
      "-1",
      "1.5",
      "1e3",
      " 1",
      "0x10",
      "4294967296",
      "99999999999",
      "pid",
    ]
  ) {
    assert.equal(parsePid(text), undefined, text);
  }
});

Deno.test("parsePort() takes 1 to 65535", () => {
  assert.equal(parsePort("1"), 1);
  assert.equal(parsePort("65535"), 65535);
  for (const text of ["", "0", "65536", "8000 ", "+80", "http", "080000"]) {
    assert.equal(parsePort(text), undefined, text);
  }
});

Deno.test("parseAddress() reads every way to print an address", () => {
  for (
    const [text, address] of [
      ["127.0.0.1", "127.0.0.1"],
      ["127.0.0.53%lo", "127.0.0.53"],
      ["::1", "::1"],
      ["[::]", "::"],
      ["[fe80::1%12]", "fe80::1"],
      ["[fe80::1]%eth0", "fe80::1"],
      ["fe80::A%en0", "fe80::a"],
      ["[::ffff:127.0.0.1]", "127.0.0.1"],
      ["::127.0.0.1", "::127.0.0.1"],
      ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ] as const
  ) assert.equal(parseAddress(text), address, text);
  for (
    const text of [
      "",
      "*",
      "localhost",
      "256.0.0.1",
      "1.2.3",
      "1:2:3",
      ":::",
      "1::2::3",
      "12345::",
      "1:2:3:4:5:6:7:8:9",
      "::ffff:300.0.0.1",
      "a b",
    ]
  ) assert.equal(parseAddress(text), undefined, text);
});

Deno.test("parseEndpoint() takes the port after the last colon", () => {
  for (
    const [text, address, port] of [
      ["127.0.0.1:8000", "127.0.0.1", 8000],
      ["[::1]:5173", "::1", 5173],
      [":::8000", "::", 8000],
      ["::1:5173", "::1", 5173],
      ["*:80", "::", 80],
      ["*%eth0:67", "::", 67],
    ] as const
  ) assert.deepEqual(parseEndpoint(text), { address, port }, text);
  for (const text of ["", ":80", "127.0.0.1", "127.0.0.1:", "x:80", "*:http"]) {
    assert.equal(parseEndpoint(text), undefined, text);
  }
});

Deno.test("joinListeners() keeps every owner once", () => {
  const row = { address: "::1", port: 80 };
  assert.deepEqual(
    joinListeners([
      { ...row, pids: [1] },
      { ...row, port: 8000, pids: [3] },
      { ...row, pids: [2, 1] },
    ]),
    [{ ...row, pids: [1, 2] }, { ...row, port: 8000, pids: [3] }],
  );
});
