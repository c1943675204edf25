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
  "queries of Windows fail where its tools and libraries are missing",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const windows = windowsIn(folder);
    assert.deepEqual(await windows.listeners(), {
      ok: false,
      reason: "netstat is not installed",
    });
    for (
      const answer of await Promise.all([
        windows.processTable(),
        windows.identity(15136),
        windows.taggedProcesses(),
      ])
    ) assert.match(answer.ok ? "" : answer.reason, /^Cannot call Windows: /);
    assert.equal((await windows.details([15136])).size, 0);
    assert.equal((await windows.environments([15136])).size, 0);
    const target = { pid: 15136, start: "1" };
    assert.equal(await windows.signal(target, "SIGKILL", "group"), "unknown");
    assert.equal(await windows.ownsConsole(), false);
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
