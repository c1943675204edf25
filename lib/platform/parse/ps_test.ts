import assert from "node:assert/strict";
import { assertSurvivesDamage } from "../../../tests/kit/damage.ts";
import { parsePs, parsePsDetails, parsePsTags } from "./ps.ts";

const MACOS = `\
    1     0     1     0 Ss    14016   0:12.34 Mon Nov  3 08:01:12 2025 /sbin/launchd
  501     1   501   501 S     80112   1:02:03.50 Mon Nov  3 08:02:00 2025 /System/Library/CoreServices/Control Center.app/Contents/MacOS/Control Center
 4312  4300  4300   501 S+    51200   0:01.50 Sat Nov 22 09:12:31 2025 /usr/local/bin/python3.12
 4313  4312  4300   501 Z+        0   0:00.00 Sat Nov 22 09:12:32 2025 (python3.12)
 4400  4000  4400   501 Ss+    2048   0:00.05 Sat Nov 22 09:00:00 2025 -zsh
`;

const LINUX = `\
      1       0       1     0 Ss   14016 00:00:12 Mon Nov  3 08:01:12 2025 systemd
   4312    4300    4300  1000 Sl   51200 2-01:02:03 Sat Nov 22 09:12:31 2025 a b) c
   4313    4312    4300  1000 Z        0 00:00:00 Sat Nov 22 09:12:32 2025 sh <defunct>
`;

Deno.test("parsePs() reads the table of macOS", () => {
  const found = parsePs(MACOS);
  assert.ok(found.ok);
  assert.deepEqual([...found.value.keys()], [1, 501, 4312, 4313, 4400]);
  assert.deepEqual(found.value.get(4312), {
    pid: 4312,
    start: "1763802751",
    ppid: 4300,
    group: 4300,
    session: 0,
    name: "python3.12",
    zombie: false,
    order: 1763802751,
    startedAt: 1763802751000,
    cpuSeconds: 1.5,
    memoryBytes: 52428800,
  });
  assert.equal(found.value.get(501)?.name, "Control Center");
  assert.equal(found.value.get(501)?.cpuSeconds, 3723.5);
  assert.equal(found.value.get(4313)?.zombie, true);
  assert.equal(found.value.get(4400)?.name, "-zsh");
});

Deno.test("parsePs() reads the table of Linux", () => {
  const found = parsePs(LINUX);
  assert.ok(found.ok);
  assert.equal(found.value.get(4312)?.name, "a b) c");
  assert.equal(found.value.get(4312)?.cpuSeconds, 176_523);
  assert.equal(found.value.get(4313)?.zombie, true);
});

Deno.test("parsePs() does not take what it does not understand for nothing", () => {
  for (
    const text of [
      "",
      "ps: illegal option -- w",
      // Dates of another language, and in the order of another country.
      "    1     0     1     0 Ss 14016 0:12.34 lun. 3 nov. 08:01:12 2025 /sbin/launchd\n",
      "    0     0     0     0 Ss 14016 0:12.34 Mon Nov  3 08:01:12 2025 kernel_task\n",
    ]
  ) assert.equal(parsePs(text).ok, false, text);
});

const DETAILS =
  ` 4312 anna             python3 -m uvicorn app.main:app --port 8000
 4313 _www             (httpd)
  501 anna             /Applications/My App.app/x --flag
`;

Deno.test("parsePsDetails() reads users and command lines", () => {
  assert.deepEqual(
    parsePsDetails(DETAILS),
    new Map([
      [4312, {
        user: "anna",
        args: ["python3", "-m", "uvicorn", "app.main:app", "--port", "8000"],
      }],
      [4313, { user: "_www", args: ["(httpd)"] }],
      [501, {
        user: "anna",
        args: ["/Applications/My", "App.app/x", "--flag"],
      }],
    ]),
  );
});

const TAGS =
  ` 4312 python3 -m uvicorn HOME=/Users/anna DEVSVC_ROOT=/Users/anna/my shop DEVSVC_SERVICE=api DEVSVC_RUN=0b9c-1 PATH=/bin
 4313 sleep 60 XDEVSVC_RUN=0b9c-1
 4314 sleep 60 DEVSVC_RUN=0b9c-1
 4315 sleep 60 DEVSVC_RUN=
 4316 grep DEVSVC_RUN=77 DEVSVC_SERVICE=b DEVSVC_RUN=0b9c-2 DEVSVC_ROOT=/srv/a b
`;

Deno.test("parsePsTags() reads run, service and project", () => {
  assert.deepEqual(parsePsTags(TAGS), [
    { pid: 4312, run: "0b9c-1", service: "api", root: "/Users/anna/my shop" },
    { pid: 4314, run: "0b9c-1", service: "" },
    { pid: 4316, run: "0b9c-2", service: "b", root: "/srv/a b" },
  ]);
});

Deno.test("the parsers of ps survive damage", () => {
  assertSurvivesDamage([MACOS, LINUX, DETAILS, TAGS], (text) => {
    const found = parsePs(text);
    return [
      ...found.ok ? found.value.keys() : [],
      ...parsePsDetails(text).keys(),
      ...parsePsTags(text).map(({ pid }) => pid),
    ];
  });
});
