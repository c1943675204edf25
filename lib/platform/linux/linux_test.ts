import assert from "node:assert/strict";
import { ON_LINUX } from "../../../tests/kit/os_tags.ts";
import {
  makeFolder,
  startDeno,
  startListener,
  startProcess,
  type TestFolder,
  until,
} from "../../../tests/kit/test_process.ts";
import { suspendedProcess } from "../../../tests/kit/posix_process.ts";
import { pidsOfRun } from "../../core/tagged_runs.ts";
import { createLinux } from "./linux.ts";
import type { LinuxOptions } from "./sources.ts";
import type { Platform } from "../platform.ts";

const MISSING = ["devsvc-no-such-tool"];
const HANGS = "trap '' TERM; exec sleep 60";
/** The child ends with the folder of the test. */
const LEAVES_CHILD = 'while [ -e "$0" ]; do sleep 0.1; done & exit 0';
/** Before the `sleep 60` of a tool ends, and after all that is waited for. */
const BOUND = 30_000;
const GARBAGE = "echo 'Netid  State'; echo nonsense";

async function ownersOf(
  platform: Platform,
  address: string,
  port: number,
): Promise<number[]> {
  const found = await platform.listeners();
  assert.ok(found.ok, found.ok ? "" : found.reason);
  // The OS may give the same port of another address to another test.
  const rows = found.value.filter((row) =>
    row.port === port && row.address === address
  );
  assert.equal(rows.length, 1);
  return rows.flatMap((row) => row.pids);
}

/** A tool that runs a script, or none. */
async function fake(
  folder: TestFolder,
  name: string,
  script: string | undefined,
): Promise<readonly string[]> {
  return script === undefined ? MISSING : [await folder.tool(name, script)];
}

for (
  const [what, script] of [
    ["is missing", undefined],
    ["hangs", HANGS],
    ["prints garbage", GARBAGE],
    ["fails", "exit 255"],
    ["leaves a child on the pipe", LEAVES_CHILD],
  ] as const
) {
  Deno.test(`listeners() asks lsof where ss ${what}`, ON_LINUX, async () => {
    await using folder = await makeFolder();
    await using holder = await startListener("127.0.0.1");
    const ss = await fake(folder, "ss", script);
    const linux = createLinux({ ss });
    const owners = await ownersOf(linux, "127.0.0.1", holder.port);
    assert.deepEqual(owners, [holder.pid]);
  });

  Deno.test(
    `listeners() asks the kernel without ss where lsof ${what}`,
    ON_LINUX,
    async () => {
      await using folder = await makeFolder();
      await using holder = await startListener("::1");
      const lsof = await fake(folder, "lsof", script);
      const linux = createLinux({ ss: MISSING, lsof });
      const owners = await ownersOf(linux, "::1", holder.port);
      assert.deepEqual(owners, [holder.pid]);
    },
  );

  Deno.test(
    `listeners() fails where ss ${what} and nothing else is there`,
    ON_LINUX,
    async () => {
      await using folder = await makeFolder();
      const linux = createLinux({
        ss: await fake(folder, "ss", script),
        lsof: await fake(folder, "lsof", script),
        proc: folder.path,
        deadline: 500,
      });
      const begin = performance.now();
      const found = await linux.listeners();
      assert.equal(found.ok, false);
      assert.ok(!found.ok && found.reason.includes("ss"), String(found));
      assert.ok(performance.now() - begin < BOUND);
    },
  );
}

Deno.test(
  "listeners() asks fuser last, and only about ports without clients",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    await Deno.mkdir(`${folder.path}/net`);
    const row = (port: string, state: string) =>
      `   0: 0100007F:${port} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 1 1 0\n`;
    await Deno.writeTextFile(
      `${folder.path}/net/tcp`,
      "  sl  local_address rem_address   st\n" +
        row("1F40", "0A") + row("1F41", "0A") + row("1F41", "01"),
    );
    const linux = createLinux({
      ss: MISSING,
      lsof: MISSING,
      fuser: [
        await folder.tool("fuser", 'echo "$1:" >&2; printf " 14845 14846"'),
      ],
      proc: folder.path,
    });
    assert.deepEqual(await linux.listeners(), {
      ok: true,
      value: [
        { address: "127.0.0.1", port: 8000, pids: [14845, 14846] },
        { address: "127.0.0.1", port: 8001, pids: [] },
      ],
    });
  },
);

Deno.test(
  "every query fails where /proc is not there",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const linux = createLinux({ proc: folder.path });
    assert.equal((await linux.processTable()).ok, false);
    const self = await linux.identity(Deno.pid);
    assert.equal(self.ok, false);
    const target = { pid: Deno.ppid, start: "1@1" };
    assert.equal(await linux.signal(target, "SIGTERM", "process"), "unknown");
    assert.equal((await linux.details([Deno.pid])).size, 0);
    assert.equal((await linux.taggedProcesses()).ok, false);
  },
);

Deno.test("queries of processes end at the deadline", ON_LINUX, async () => {
  await using folder = await makeFolder();
  const hangs = [await folder.tool("hangs", HANGS)];
  const options: LinuxOptions = {
    cat: hangs,
    stat: hangs,
    grep: hangs,
    deadline: 300,
  };
  const linux = createLinux(options);
  const begin = performance.now();
  assert.equal((await linux.identity(Deno.pid)).ok, false);
  assert.equal((await linux.details([Deno.pid])).size, 0);
  assert.ok(performance.now() - begin < BOUND);
});

Deno.test(
  "details() keeps the answer of one tool without the other",
  ON_LINUX,
  async () => {
    const args = (await createLinux({ stat: MISSING }).details([Deno.pid]))
      .get(Deno.pid);
    assert.ok(args !== undefined && args.args.length > 1);
    assert.equal(args.user, undefined);
    const place = (await createLinux({ grep: MISSING }).details([Deno.pid]))
      .get(Deno.pid);
    assert.deepEqual(place?.args, []);
    assert.equal(place?.cwd, Deno.cwd());
  },
);

Deno.test(
  "details() keeps every byte of an argument and a folder",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const odd = `${folder.path}/été\n"x" -> 'y'`;
    await Deno.mkdir(odd);
    const args = [
      "-c",
      'cd "$1"; echo up; read -r _',
      "name",
      odd,
      "",
      "a b",
      "line\nend",
      "'q' \"d\" \\ $HOME",
      "\x01\x02",
      "/proc/1/cmdline:x",
      "last",
    ];
    await using child = startProcess("/bin/sh", args);
    await child.line();
    const linux = createLinux();
    assert.deepEqual([...(await linux.details([child.pid])).values()], [{
      pid: child.pid,
      args: ["/bin/sh", ...args],
      user: (await linux.details([Deno.pid])).get(Deno.pid)?.user,
      cwd: odd,
    }]);
  },
);

Deno.test(
  "processTable() survives any name of a process",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const linux = createLinux();
    for (const name of ["a) S 1 2 (b", "x\n7 (y) S", 'q"uote', "été", " "]) {
      const file = `${folder.path}/${name}`;
      await Deno.symlink(Deno.execPath(), file);
      await using child = startProcess(file, [
        "eval",
        "--no-config",
        "console.log('up'); for await (const _ of Deno.stdin.readable);",
      ]);
      await child.line();
      const found = await linux.processTable();
      assert.ok(found.ok);
      assert.equal(found.value.get(child.pid)?.name, name);
      assert.ok(found.value.has(Deno.pid));
      const identity = await linux.identity(child.pid);
      assert.ok(identity.ok && identity.value !== undefined);
      await Deno.remove(file);
    }
  },
);

Deno.test(
  "listeners() survives any name of a process",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    for (
      const name of ['ne"x)t,(v1 pid=', '",pid=1,fd=3)', "x\nLISTEN 0 1 *"]
    ) {
      const file = `${folder.path}/${name}`;
      await Deno.symlink(Deno.execPath(), file);
      await using child = startProcess(file, [
        "eval",
        "--no-config",
        `const l = Deno.listen({ hostname: "127.0.0.1", port: 0 });
       console.log(l.addr.port);
       for await (const _ of Deno.stdin.readable);`,
      ]);
      const port = Number(await child.line());
      const owners = await ownersOf(createLinux(), "127.0.0.1", port);
      assert.deepEqual(owners, [child.pid]);
      await Deno.remove(file);
    }
  },
);

Deno.test("a main thread that ended before the others is alive", {
  ignore: ON_LINUX.ignore || !hasPython(),
}, async () => {
  await using child = startProcess("python3", [
    "-c",
    "import ctypes, sys, threading\n" +
    "threading.Thread(target=sys.stdin.read).start()\n" +
    "print('up', flush=True)\n" +
    "ctypes.CDLL(None).pthread_exit(None)",
  ]);
  await child.line();
  const linux = createLinux();
  await until(async () => {
    const { stdout } = await new Deno.Command("cat", {
      args: [`/proc/${child.pid}/stat`],
    }).output();
    return /\) Z /.test(new TextDecoder().decode(stdout));
  });
  const found = await linux.identity(child.pid);
  assert.ok(found.ok && found.value !== undefined);
});

Deno.test(
  "taggedProcesses() finds what left its session",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const linux = createLinux();
    const run = crypto.randomUUID();
    const pidsOf = async (run: string) =>
      pidsOfRun(run, { taggedProcesses: await linux.taggedProcesses() });
    await using suspended = await suspendedProcess(
      linux,
      folder.path,
      "setsid sh -c 'exec sleep 60' & exec sleep 60",
      { DEVSVC_RUN: run },
    );
    await suspended.resume();
    const pids = await until(async () => {
      const found = await pidsOf(run);
      const table = await linux.processTable();
      // The wrapper has a short-lived child before it runs the command.
      const living = found.flatMap((pid) =>
        table.ok ? table.value.get(pid) ?? [] : []
      );
      const sessions = new Set(living.map(({ session }) => session));
      return sessions.size === 2 && found.length === 3 &&
        living.length === 3 && found;
    });
    assert.ok(pids.includes(suspended.pid));
    // The wrapper first: it ends by itself with the service.
    const others = pids.filter((pid) => pid !== suspended.pid);
    for (const pid of [suspended.pid, ...others]) {
      const found = await linux.identity(pid);
      assert.ok(found.ok && found.value !== undefined);
      assert.equal(
        await linux.signal(found.value, "SIGKILL", "process"),
        "sent",
      );
    }
    await until(async () => {
      return (await pidsOf(run)).length === 0;
    });
  },
);

Deno.test(
  "taggedProcesses() does not show the tools of devsvc itself",
  ON_LINUX,
  async () => {
    const run = crypto.randomUUID();
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--no-config",
        `import { createLinux } from "${import.meta.resolve("./linux.ts")}";
       const found = await createLinux().taggedProcesses();
       const pids = found.value.filter((one) => one.run === "${run}")
         .map(({ pid }) => pid);
       console.log(Deno.pid, JSON.stringify(pids));`,
      ],
      env: { DEVSVC_RUN: run },
    }).output();
    const [pid, found] = new TextDecoder().decode(stdout).trim().split(" ");
    assert.equal(found, `[${pid}]`);
  },
);

Deno.test(
  "taggedProcesses() does with a grep that only knows lines",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const grep = new TextDecoder().decode(
      (await new Deno.Command("sh", { args: ["-c", "command -v grep"] })
        .output()).stdout,
    ).trim();
    await folder.tool(
      "grep",
      `case "$1" in *z*) echo "unrecognized option: z" >&2; exit 2;; esac
exec ${grep} "$@"`,
    );
    const run = crypto.randomUUID();
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--no-config",
        `import { createLinux } from "${import.meta.resolve("./linux.ts")}";
       const found = await createLinux().taggedProcesses();
       const own = found.value.filter((one) => one.run === "${run}");
       console.log(JSON.stringify(own), Deno.pid);`,
      ],
      env: {
        PATH: `${folder.path}:${Deno.env.get("PATH")}`,
        DEVSVC_RUN: run,
        DEVSVC_SERVICE: "api",
        DEVSVC_ROOT: "/home/ada/my shop",
      },
    }).output();
    const [own = "", pid] = new TextDecoder().decode(stdout).trim()
      .split(/ (?=\d+$)/);
    assert.deepEqual(JSON.parse(own), [
      { pid: Number(pid), run, service: "api", root: "/home/ada/my shop" },
    ]);
  },
);

Deno.test("signal() sees a process that /proc hides", ON_LINUX, async () => {
  await using folder = await makeFolder();
  await using child = startDeno("console.log('up')");
  await child.line();
  await Deno.mkdir(`${folder.path}/sys/kernel/random`, { recursive: true });
  await Deno.writeTextFile(`${folder.path}/uptime`, "1000.00 1000.00\n");
  const linux = createLinux({ proc: folder.path });
  assert.equal((await linux.identity(child.pid)).ok, false);
  assert.deepEqual(await linux.identity(2 ** 31 - 1), {
    ok: true,
    value: undefined,
  });
});

function hasPython(): boolean {
  try {
    return new Deno.Command("python3", { args: ["--version"] }).outputSync()
      .success;
  } catch {
    return false;
  }
}

Deno.test(
  "environments() reads what a process was started with",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const linux = createLinux();
    await using suspended = await suspendedProcess(
      linux,
      folder.path,
      "sleep 60",
      {
        SECRET: "a\nb = \u00e9",
      },
    );
    // During execve(2) a process shows none.
    const found = await until(async () => {
      const seen = await linux.environments([suspended.pid, 999_999_999]);
      return seen.size > 0 && seen;
    });
    assert.deepEqual([...found.keys()], [suspended.pid]);
    assert.equal(found.get(suspended.pid)?.SECRET, "a\nb = \u00e9");
    await suspended.discard();
  },
);
Deno.test(
  "punchHole() gives space back while others append, and moves nothing",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const file = `${folder.path}/api.log`;
    await using writer = startProcess("/bin/sh", [
      "-c",
      'exec 3>>"$1"; for i in 1 2 3 4 5 6 7 8 9 10; do ' +
      "seq 1 100000 >&3; done; echo done",
      "sh",
      file,
    ]);
    const linux = createLinux();
    const size = async () =>
      (await Deno.stat(file).catch(() => undefined))?.size ?? 0;
    let punched = 0;
    let isDone = false;
    const done = writer.line().then(() => isDone = true);
    while (!isDone) {
      const bytes = Math.floor(await size() / 2);
      if (bytes === 0) continue;
      assert.ok(await linux.punchHole(file, bytes));
      punched = bytes;
    }
    await done;
    let expected = "";
    for (let line = 1; line <= 100_000; line++) expected += `${line}\n`;
    expected = expected.repeat(10);
    const text = await Deno.readTextFile(file);
    assert.ok(text === "\0".repeat(punched) + expected.slice(punched));
    const { blocks } = await Deno.stat(file);
    assert.ok((blocks ?? 0) * 512 < expected.length - punched + 64 * 1024);
  },
);

Deno.test(
  "collapseHead() shortens a file while others append, and loses nothing",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const file = `${folder.path}/api.log`;
    const linux = createLinux();
    const unit = 65536;
    await Deno.writeTextFile(file, "0\n".repeat(unit));
    if (!await linux.collapseHead(file, unit)) {
      // The disk cannot do it.
      strictEqualSize(file, 2 * unit);
      return;
    }
    strictEqualSize(file, unit);
    await Deno.truncate(file);
    await using writer = startProcess("/bin/sh", [
      "-c",
      'exec 3>>"$1"; for i in 1 2 3 4 5 6 7 8 9 10; do ' +
      "seq 1 100000 >&3; done; echo done",
      "sh",
      file,
    ]);
    const removed: Uint8Array[] = [];
    let isDone = false;
    const done = writer.line().then(() => isDone = true);
    while (!isDone) {
      const { size } = await Deno.stat(file);
      const bytes = Math.floor(size / 2 / unit) * unit;
      if (bytes === 0) continue;
      const content = await Deno.readFile(file);
      assert.ok(await linux.collapseHead(file, bytes));
      removed.push(content.slice(0, bytes));
    }
    await done;
    assert.ok(removed.length > 0);
    const text = await new Blob([...removed, await Deno.readFile(file)].map(
      (part) => part.slice(),
    )).text();
    let expected = "";
    for (let line = 1; line <= 100_000; line++) expected += `${line}\n`;
    assert.ok(text === expected.repeat(10));
  },
);

function strictEqualSize(file: string, size: number): void {
  assert.equal(Deno.statSync(file).size, size);
}

Deno.test(
  "punchHole() and collapseHead() fail and leave the file alone",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const file = `${folder.path}/api.log`;
    await Deno.writeTextFile(file, "one\n");
    for (const script of [undefined, "exit 1", HANGS]) {
      const fallocate = await fake(folder, "fallocate", script);
      const linux = createLinux({ fallocate, deadline: 500 });
      assert.equal(await linux.punchHole(file, 4), false);
      assert.equal(await linux.collapseHead(file, 4), false);
    }
    assert.equal(await createLinux().punchHole(`${file}.none`, 4), false);
    assert.equal(await Deno.readTextFile(file), "one\n");
  },
);
