import assert from "node:assert/strict";
import { assertSurvivesDamage } from "../../../tests/kit/damage.ts";
import { parseProc } from "./proc_stat.ts";

const HEAD = `\
3f1e7a52-8c1b-4f0e-9a77-0c9b1d2e3f40
1000.50 3601.22
`;

/** What follows the name in a record of Linux 6. */
function tail(state: string, values: Partial<Record<number, number>> = {}) {
  const usual: Record<number, number> = {
    4: 1,
    5: 15005,
    6: 14000,
    14: 250,
    15: 150,
    18: 20,
    20: 1,
    22: 50050,
    24: 10000,
    25: 18446744073709551615,
  };
  const numbers = Array.from({ length: 49 }, (_, index) => {
    const field = index + 4;
    return BigInt(values[field] ?? usual[field] ?? 0);
  });
  return ` ${state} ${numbers.join(" ")}\n`;
}

const NOW = 1_700_001_000_500;

function parse(records: string, head = HEAD) {
  const found = parseProc(head + records, NOW);
  assert.ok(found.ok);
  return found.value;
}

Deno.test("parseProc() reads the fields of a process", () => {
  assert.deepEqual(
    parse(`15005 (uvicorn)${tail("S")}`),
    new Map([[15005, {
      pid: 15005,
      start: "50050@3f1e7a52",
      ppid: 1,
      group: 15005,
      session: 14000,
      name: "uvicorn",
      zombie: false,
      order: 50050,
      startedAt: 1_700_000_500_500,
      cpuSeconds: 4,
      memoryBytes: 40_960_000,
    }]]),
  );
});

Deno.test("parseProc() shows who is suspended, but not who is in a debugger", () => {
  const states = ["S", "T", "t", "R"];
  const found = parse(
    states.map((state, index) => `${index + 10} (a)${tail(state)}`).join(""),
  );
  assert.deepEqual(
    [...found.values()].map(({ suspended = false }) => suspended),
    [false, true, false, false],
  );
});

Deno.test("parseProc() reads any name", () => {
  for (
    const name of [
      "",
      " ",
      "Web Content",
      "a) S 1 2 3",
      ")",
      "((sd-pam))",
      "a\nb",
      "\n9 (x) S 1 1",
      'ne"x)t,(v1 pid=9',
      "\ufffd\ufffd",
      "kworker/u16:2-events_unbound",
    ]
  ) {
    const table = parse(
      `1 (init)${tail("S")}42 (${name})${tail("R")}43 (z)${tail("S")}`,
    );
    assert.deepEqual([...table.keys()], [1, 42, 43], name);
    assert.equal(table.get(42)?.name, name);
  }
});

Deno.test("parseProc() recognizes zombies", () => {
  for (
    const [state, threads, zombie] of [
      ["Z", 1, true],
      ["Z", 0, true],
      ["X", 1, true],
      ["x", 1, true],
      // The main thread has ended, others have not.
      ["Z", 3, false],
      ["S", 1, false],
      ["D", 1, false],
      ["T", 1, false],
      ["I", 1, false],
    ] as const
  ) {
    const table = parse(`7 (x)${tail(state, { 20: threads })}`);
    assert.equal(table.get(7)?.zombie, zombie, `${state} ${threads}`);
  }
});

Deno.test("parseProc() takes the size of a page where it is given", () => {
  const table = parse(`7 (x)${tail("S")}`, `page 64\n${HEAD}`);
  assert.equal(table.get(7)?.memoryBytes, 10000 * 65536);
});

Deno.test("parseProc() does without the id of the boot", () => {
  const table = parse(`7 (x)${tail("S")}`, "1000.50 3601.22\n");
  assert.equal(table.get(7)?.start, "50050@-");
});

Deno.test("parseProc() has no negative ids", () => {
  const entry = parse(`7 (x)${tail("S", { 4: -1, 5: -1, 6: -1 })}`).get(7);
  assert.deepEqual([entry?.ppid, entry?.group, entry?.session], [0, 0, 0]);
});

Deno.test("parseProc() never mixes two records", () => {
  const whole = `7 (x)${tail("S")}`;
  const table = parse(
    `8 (cut) S 1 2 3\n${whole}9 (x)${tail("S").slice(0, 60)}`,
  );
  assert.deepEqual([...table.keys()], []);
});

Deno.test("parseProc() distinguishes no process from no answer", () => {
  assert.deepEqual(parseProc(HEAD, NOW), { ok: true, value: new Map() });
  for (const text of ["", "\n", "cat: not found", `7 (x)${tail("S")}`]) {
    assert.equal(parseProc(text, NOW).ok, false);
  }
});

Deno.test("parseProc() survives damage", () => {
  const sample = HEAD +
    `1 (init)${tail("S")}42 (a) b\nc)${tail("R")}43 (z)${tail("Z")}`;
  assertSurvivesDamage([sample], (text) => {
    const found = parseProc(text, NOW);
    return found.ok ? found.value.keys() : [];
  });
});
