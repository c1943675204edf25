import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ON_POSIX } from "../../../tests/kit/os_tags.ts";
import type { ServiceEvent } from "../../core/events.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import { followJournal, journalLine, openJournal } from "./journal.ts";
import { systemClock } from "../../platform/clock.ts";
import { systemFileSystem } from "../../platform/file_system.ts";
import { type StateDir, stateDirOf } from "./state_dir.ts";

const AT = new Date("2026-11-21T09:12:00.000Z");
const NODE = { pid: 100, name: "node" };
const SH = { pid: 101, name: "sh" };

const LINES: readonly (readonly [ServiceEvent, string])[] = [
  [{ kind: "spawned", service: "api", pid: 100 }, "start api wrapper=100"],
  [
    { kind: "ready", service: "api", pid: 100, elapsed: 1234.6 },
    "ready api pid=100 after=1235ms",
  ],
  [
    { kind: "failed", service: "api", failure: { kind: "not-stopped" } },
    "failed api reason=not-stopped",
  ],
  [
    {
      kind: "failed",
      service: "api",
      failure: { kind: "exited", code: 1, log: "x", lines: ["no such db"] },
    },
    "failed api reason=exited code=1",
  ],
  [
    {
      kind: "failed",
      service: "api",
      failure: { kind: "exited", signal: "SIGSEGV", log: "x", lines: [] },
    },
    "failed api reason=exited signal=SIGSEGV",
  ],
  [
    {
      kind: "failed",
      service: "api",
      failure: { kind: "exited", log: "x", lines: [] },
    },
    "failed api reason=exited",
  ],
  [
    { kind: "stopping", service: "api", processes: [NODE, SH] },
    "stop api pids=100,101",
  ],
  [
    { kind: "held", service: "api", port: 8000, holders: [NODE] },
    "held api port=8000 pids=100",
  ],
  [
    { kind: "stop-command", service: "api", pid: 100 },
    "stop-command api pid=100",
  ],
  [
    {
      kind: "stop-command-failed",
      service: "api",
      failure: { kind: "exited", code: 3 },
    },
    "stop-command-failed api reason=exited code=3",
  ],
  [
    {
      kind: "stop-command-failed",
      service: "api",
      failure: { kind: "timeout", waited: 5000 },
    },
    "stop-command-failed api reason=timeout",
  ],
  [
    { kind: "escalating", service: "api", processes: [NODE], waited: 5000 },
    "escalating api pids=100 after=5000ms",
  ],
  [
    { kind: "stopped", service: "api", elapsed: 12.2 },
    "stopped api after=12ms",
  ],
  [
    {
      kind: "not-stopped",
      service: "api",
      failure: { kind: "denied", processes: [NODE] },
    },
    "not-stopped api reason=denied",
  ],
  [{ kind: "crashed", service: "api", pid: 100 }, "crashed api pid=100"],
  [
    { kind: "backoff", service: "api", restarts: 2, delay: 999.6 },
    "backoff api restarts=2 delay=1000ms",
  ],
  [{ kind: "gave-up", service: "api", restarts: 5 }, "gave-up api restarts=5"],
  [{ kind: "unhealthy", service: "api" }, "unhealthy api"],
  [
    { kind: "refused", service: "api", state: "foreign", holders: [NODE] },
    "refused api state=foreign pids=100",
  ],
];

Deno.test("journalLine() formats each event as one line", () => {
  for (const [event, expected] of LINES) {
    strictEqual(
      journalLine(event, AT, 900),
      `2026-11-21T09:12:00.000Z ${expected} by=900\n`,
    );
  }
});

Deno.test("journalLine() leaves out events that are shown only while they last", () => {
  const pending = { kind: "port", port: 8000 } as const;
  const events: readonly ServiceEvent[] = [
    { kind: "starting", service: "api" },
    { kind: "waiting", service: "api", pending },
    {
      kind: "closing",
      service: "api",
      port: 8000,
      left: 45_000,
      isRepeated: true,
    },
  ];
  for (const event of events) {
    strictEqual(journalLine(event, AT, 900), undefined);
  }
});

Deno.test("journalLine() is one line whatever the texts contain", () => {
  const line = journalLine(
    { kind: "refused", service: "a\nb\r\nc", state: "x\r\r\ny", holders: [] },
    AT,
    900,
  );
  ok(line !== undefined);
  match(line, /^[^\r\n]*refused a b c state=x y[^\r\n]*\n$/);
});

Deno.test("openJournal() appends to a file that exists", async () => {
  await using folder = await makeFolder();
  const dir = journalIn(folder.path);
  const file = dir.journal;
  openJournal(dir, systemClock)({ kind: "crashed", service: "api", pid: 100 });
  openJournal(dir, systemClock)({ kind: "starting", service: "api" });
  openJournal(dir, systemClock)({ kind: "spawned", service: "api", pid: 101 });
  const lines = (await Deno.readTextFile(file)).split("\n");
  strictEqual(lines.length, 3);
  match(lines[0] ?? "", / crashed api pid=100 by=\d+$/);
  match(lines[1] ?? "", / start api wrapper=101 by=\d+$/);
});

Deno.test("openJournal() does not throw where it cannot write", () => {
  openJournal(stateDirOf("/nowhere/at/all"), systemClock)({
    kind: "crashed",
    service: "api",
    pid: 100,
  });
});

function journalIn(folder: string): Pick<StateDir, "fs" | "journal"> {
  return { fs: systemFileSystem, journal: `${folder}/devsvc.log` };
}

const WRITERS = 4;
const LINES_EACH = 300;

/** Numbered lines, as one of several devsvc writes them. */
const WRITER = `
const [url, file, limit, writer] = Deno.args;
const { openJournal } = await import(url);
const clock = { now: Date.now };
const dir = { fs: Deno, journal: file };
const write = openJournal(dir, clock, Deno.pid, Number(limit));
for (let line = 0; line < ${LINES_EACH}; line++) {
  write({ kind: "crashed", service: "w" + writer, pid: 1000 + line });
}
`;

Deno.test("a full journal is rotated once, by many writers, without a loss", {
  // Windows opens no file while it is renamed: a line may be lost then.
  ...ON_POSIX,
}, async () => {
  await using folder = await makeFolder();
  const dir = journalIn(folder.path);
  const file = dir.journal;
  const url = new URL("./journal.ts", import.meta.url).href;
  const script = `${folder.path}/writer.ts`;
  await Deno.writeTextFile(script, WRITER);
  // Together they fill it once, and not twice.
  const whole = WRITERS * LINES_EACH *
    (journalLine({ kind: "crashed", service: "w0", pid: 1000 }, AT, Deno.pid) ??
      "").length;
  const limit = String(Math.round(whole * 0.7));
  const runs = await Promise.all(
    Array.from(
      { length: WRITERS },
      (_, writer) =>
        new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", script, url, file, limit, String(writer)],
          cwd: new URL("..", import.meta.url),
        }).output(),
    ),
  );
  for (const { code, stderr } of runs) {
    strictEqual(code, 0, new TextDecoder().decode(stderr));
  }
  const earlier = await Deno.readTextFile(`${file}.1`);
  const text = earlier + await Deno.readTextFile(file);
  const found = text.trimEnd().split("\n")
    .map((line) => / crashed (w\d pid=\d+) by=\d+$/.exec(line)?.[1]);
  const expected = Array.from(
    { length: WRITERS * LINES_EACH },
    (_, index) =>
      `w${Math.floor(index / LINES_EACH)} pid=${1000 + index % LINES_EACH}`,
  );
  deepStrictEqual(found.toSorted(), expected.toSorted());
});

Deno.test("one rotated journal is kept, not more", async () => {
  await using folder = await makeFolder();
  const dir = journalIn(folder.path);
  // Ten lines fill it, however many digits the process id has.
  const limit = 10 *
    (journalLine(
      { kind: "crashed", service: "api", pid: 1000 },
      AT,
      Deno.pid,
    ) ??
      "").length;
  const write = openJournal(dir, systemClock, Deno.pid, limit);
  for (let pid = 1000; pid < 1195; pid++) {
    write({ kind: "crashed", service: "api", pid });
  }
  const files = await Array.fromAsync(Deno.readDir(folder.path));
  deepStrictEqual(files.map(({ name }) => name).toSorted(), [
    "devsvc.log",
    "devsvc.log.1",
    "devsvc.log.lock",
  ]);
  for (const { name } of files) {
    ok((await Deno.stat(`${folder.path}/${name}`)).size <= limit, name);
  }
});

Deno.test("followJournal() misses no line when the journal is rotated", async () => {
  await using folder = await makeFolder();
  const dir = journalIn(folder.path);
  const file = dir.journal;
  const other = (pid: number) => {
    const line = journalLine({ kind: "crashed", service: "api", pid }, AT, 1);
    Deno.writeTextFileSync(file, line ?? "", { append: true });
  };
  other(1000);
  const next = followJournal(dir);
  other(1001);
  await Deno.rename(file, `${file}.1`);
  other(1002);
  deepStrictEqual(await next(), [
    { text: "crashed api pid=1001", by: 1 },
    { text: "crashed api pid=1002", by: 1 },
  ]);
  deepStrictEqual(await next(), []);
});
