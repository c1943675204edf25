// How the answers of the tools of Windows are read: recorded text, printed by
// shell scripts of their names.

import assert from "node:assert/strict";
import { ON_POSIX } from "../../../tests/kit/os_tags.ts";
import {
  makeFolder,
  type TestFolder,
} from "../../../tests/kit/test_process.ts";
import { createWindows } from "./windows.ts";

const NETSTAT = `
  Proto  Adresse locale         Adresse distante       État            PID
  TCP    127.0.0.1:8000         0.0.0.0:0              À L'ÉCOUTE      15136
  TCP    [::1]:5173             [::]:0                 À L'ÉCOUTE      8692
`;

const CIM = JSON.stringify([
  {
    ProcessId: 4,
    ParentProcessId: 0,
    Name: "System",
    CommandLine: null,
    Started: null,
  },
  {
    ProcessId: 15136,
    ParentProcessId: 4,
    Name: "python.exe",
    CommandLine: '"C:\\\\py\\\\python.exe" -m uvicorn',
    Started: "2026-08-21T08:15:30.1234567Z",
  },
]);

const WMIC =
  "CreationDate=20260821101530.123456+120\r\r\nName=python.exe\r\r\n" +
  "ParentProcessId=4\r\r\nProcessId=15136\r\r\n";

const NETSH = `
Port de début    Port de fin
----------       --------
      5000        5099
     50000       50059     *
`;

/** Puts a tool that prints a text where Windows has it. */
async function install(
  folder: TestFolder,
  tool: string,
  text: string,
): Promise<void> {
  // On POSIX a backslash is a letter like any other.
  await folder.tool(
    `sys\\${tool}`,
    `echo "$@" >>"$(dirname "$0")/calls"\ncat <<'END'\n${text}\nEND`,
  );
}

const POWERSHELL = "WindowsPowerShell\\v1.0\\powershell.exe";
const START = String(Date.parse("2026-08-21T08:15:30.123Z") * 1000 + 456);

function windowsIn(folder: TestFolder) {
  return createWindows({ system32: `${folder.path}/sys` });
}

Deno.test(
  "listeners() of Windows are those of netstat",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    await install(folder, "netstat.exe", NETSTAT);
    assert.deepEqual(await windowsIn(folder).listeners(), {
      ok: true,
      value: [
        { address: "127.0.0.1", port: 8000, pids: [15136] },
        { address: "::1", port: 5173, pids: [8692] },
      ],
    });
  },
);

Deno.test(
  "processTable() of Windows also answers for details",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    await install(folder, POWERSHELL, CIM);
    const windows = windowsIn(folder);
    const table = await windows.processTable();
    assert.ok(table.ok);
    const entry = table.value.get(15136);
    assert.equal(entry?.start, START);
    assert.equal(entry?.ppid, 4);
    const details = await windows.details([15136]);
    assert.deepEqual(details.get(15136)?.args, [
      "C:\\\\py\\\\python.exe",
      "-m",
      "uvicorn",
    ]);
    // A process that is not in the snapshot is queried.
    assert.equal((await windows.details([15136, 77])).size, 1);
    const calls = await Deno.readTextFile(`${folder.path}/calls`);
    assert.equal(calls.trim().split("\n").length, 2);
  },
);

Deno.test(
  "identity() of Windows is the same by each tool",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    await install(folder, "wbem\\wmic.exe", WMIC);
    const expected = { ok: true, value: { pid: 15136, start: START } };
    assert.deepEqual(await windowsIn(folder).identity(15136), expected);
    await install(folder, POWERSHELL, CIM);
    const windows = windowsIn(folder);
    assert.deepEqual(await windows.identity(15136), expected);
    assert.deepEqual(await windows.identity(77), {
      ok: true,
      value: undefined,
    });
    assert.equal((await windows.identity(4)).ok, false, "it has no start");
  },
);

Deno.test(
  "probe() of Windows explains a denied port by netsh",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const windows = createWindows({
      system32: `${folder.path}/sys`,
      probePort: () => "denied",
    });
    assert.equal(await windows.probe(5050), "unknown", "without netsh");
    await install(folder, "netsh.exe", NETSH);
    assert.equal(await windows.probe(5050), "reserved");
    assert.equal(await windows.probe(50059), "reserved", "by an administrator");
    assert.equal(await windows.probe(5100), "unknown");
  },
);

Deno.test(
  "queries of Windows fail where its tools are missing",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const windows = windowsIn(folder);
    const reasons = await Promise.all([
      windows.listeners(),
      windows.processTable(),
      windows.identity(15136),
    ]);
    assert.deepEqual(
      reasons,
      ["netstat", "PowerShell", "PowerShell"]
        .map((name) => ({ ok: false, reason: `${name} is not installed` })),
    );
    assert.equal((await windows.details([15136])).size, 0);
    const target = { pid: 15136, start: START };
    assert.equal(await windows.signal(target, "SIGTERM", "group"), "unknown");
    assert.equal((await windows.taggedProcesses()).ok, true);
  },
);

Deno.test(
  "punchHole() of Windows makes the file sparse",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const windows = windowsIn(folder);
    assert.equal(await windows.punchHole("C:\\Logs.log", 65536), false);
    await install(folder, "fsutil.exe", "");
    assert.equal(await windows.punchHole("C:\\Logs.log", 65536), true);
    assert.equal(
      await Deno.readTextFile(`${folder.path}/calls`),
      "sparse setflag C:\\Logs.log\nsparse setrange C:\\Logs.log 0 65536\n",
    );
    await folder.tool("sys\\fsutil.exe", "exit 1");
    assert.equal(await windows.punchHole("C:\\Logs.log", 65536), false);
  },
);
