import assert from "node:assert/strict";
import { assertSurvivesDamage } from "../../../tests/kit/damage.ts";
import { cimScript, parseCim } from "./cim.ts";
import { splitCommandLine } from "./windows_process.ts";
import { parseWmic } from "./wmic.ts";

const PYTHON = {
  ProcessId: 15136,
  ParentProcessId: 9000,
  Name: "python.exe",
  CommandLine: '"C:\\app\\.venv\\Scripts\\python.exe" -m uvicorn "a b:app"',
  KernelModeTime: 15_000_000,
  UserModeTime: 25_000_000,
  WorkingSetSize: 51_200_000,
  Started: "2026-08-21T08:15:30.1234560Z",
};

const SYSTEM = {
  ProcessId: 4,
  ParentProcessId: 0,
  Name: "System",
  CommandLine: null,
  KernelModeTime: null,
  UserModeTime: 0,
  WorkingSetSize: 8192,
  Started: null,
};

const IDLE = { ...SYSTEM, ProcessId: 0, Name: "System Idle Process" };

const ENTRY = {
  pid: 15136,
  start: "1787300130123456",
  ppid: 9000,
  group: 0,
  session: 0,
  name: "python.exe",
  zombie: false,
  order: 1787300130123456,
  startedAt: 1787300130123,
  cpuSeconds: 4,
  memoryBytes: 51_200_000,
  commandLine: PYTHON.CommandLine,
};

Deno.test("parseCim() reads processes and what Windows hides of them", () => {
  assert.deepEqual(parseCim(JSON.stringify([IDLE, SYSTEM, PYTHON])), {
    ok: true,
    value: [
      {
        ...ENTRY,
        pid: 4,
        ppid: 0,
        name: "System",
        start: "",
        order: 0,
        startedAt: 0,
        cpuSeconds: 0,
        memoryBytes: 8192,
        commandLine: "",
      },
      ENTRY,
    ],
  });
});

Deno.test("parseCim() reads a single process that is no array", () => {
  const text = `\ufeff${JSON.stringify(PYTHON)}\r\n`.trim();
  assert.deepEqual(parseCim(text), { ok: true, value: [ENTRY] });
});

Deno.test("parseCim() distinguishes no process from no answer", () => {
  assert.deepEqual(parseCim("[]\r\n"), { ok: true, value: [] });
  for (
    const text of [
      "",
      "null",
      "3",
      "{}",
      "[{}]",
      '[{"ProcessId":"a"}]',
      "Get-Ci",
    ]
  ) assert.equal(parseCim(text).ok, false, text);
});

Deno.test("cimScript() asks for all or for some", () => {
  assert.doesNotMatch(cimScript(), /-Filter/);
  assert.match(
    cimScript({ pids: [4, 12] }),
    / -Filter "ProcessId=4 or ProcessId=12"\|/,
  );
  assert.match(cimScript({ ppid: 12 }), / -Filter "ParentProcessId=12"\|/);
});

const WMIC = `

CreationDate=
KernelModeTime=0
Name=System Idle Process
ParentProcessId=0
ProcessId=0
UserModeTime=0
WorkingSetSize=8192


CreationDate=20260821101530.123456+120
KernelModeTime=15000000
Name=python.exe
ParentProcessId=9000
ProcessId=15136
UserModeTime=25000000
WorkingSetSize=51200000


CreationDate=20260821031530.123456-300
KernelModeTime=0
Name=a=b.exe
ParentProcessId=15136
ProcessId=15140
UserModeTime=0
WorkingSetSize=0


`.replaceAll("\n", "\r\r\n");

Deno.test("parseWmic() and parseCim() read the same start", () => {
  const found = parseWmic(WMIC);
  assert.ok(found.ok);
  const [first, second] = found.value;
  assert.deepEqual(first, { ...ENTRY, commandLine: "" });
  assert.equal(second?.start, ENTRY.start);
  assert.equal(second?.name, "a=b.exe");
  assert.equal(found.value.length, 2);
});

Deno.test("parseWmic() does not take what it does not understand for nothing", () => {
  for (
    const text of [
      "",
      "No Instance(s) Available.",
      "Keine Instanzen verf\ufffdgbar.",
      "'wmic' is not recognized as an internal or external command",
    ]
  ) assert.equal(parseWmic(text).ok, false, text);
});

Deno.test("splitCommandLine() splits as programs of Windows do", () => {
  for (
    const [line, args] of [
      ["", []],
      ["  ", []],
      ["python -m  uvicorn", ["python", "-m", "uvicorn"]],
      ['"C:\\Program Files\\x.exe" a', ["C:\\Program Files\\x.exe", "a"]],
      ['x ""', ["x", ""]],
      ['x "" y', ["x", "", "y"]],
      ['x "a b" c', ["x", "a b", "c"]],
      ['x "ab\\"c" "\\\\" d', ["x", 'ab"c', "\\", "d"]],
      ['x a\\\\b d"e f"g h', ["x", "a\\\\b", "de fg", "h"]],
      ['x a\\\\\\"b c d', ["x", 'a\\"b', "c", "d"]],
      ['x a\\\\\\\\"b c" d e', ["x", "a\\\\b c", "d", "e"]],
      ['x "a""b"', ["x", 'a"b']],
      ['x "open end', ["x", "open end"]],
    ] as const
  ) assert.deepEqual(splitCommandLine(line), args, line);
});

Deno.test("the parsers of Windows processes survive damage", () => {
  const json = JSON.stringify([IDLE, SYSTEM, PYTHON]);
  assertSurvivesDamage([json, WMIC], (text) => {
    splitCommandLine(text);
    return [parseCim(text), parseWmic(text)]
      .flatMap((found) => found.ok ? found.value.map((row) => row.pid) : []);
  });
});
