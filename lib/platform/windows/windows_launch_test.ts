// How services are started on Windows; runs there, and in Wine.

import assert from "node:assert/strict";
import { ON_WINDOWS } from "../../../tests/kit/os_tags.ts";
import { until } from "../../../tests/kit/test_process.ts";
import { ended } from "../../../tests/kit/posix_process.ts";
import { makePlace } from "../../../tests/kit/windows_tools.ts";
import { createWindows } from "./windows.ts";
import { readEnvironment } from "./windows_launch.ts";

/** Prints what it was given, and ends with 7. */
const REPORT = `
const { NAME = "", PYTHONUTF8, DEVSVC_RESUME } = Deno.env.toObject();
const input = await new Response(Deno.stdin.readable).text();
console.log(JSON.stringify({
  args: Deno.args, cwd: Deno.cwd(), NAME, PYTHONUTF8, DEVSVC_RESUME, input,
}));
console.error("err €");
Deno.exit(7);`;

/** Runs until it is ended. */
const STAY = `
await Deno.writeTextFile("ran", String(Deno.pid));
setInterval(() => {}, 1000);`;

async function isAlive(pid: number): Promise<boolean> {
  const found = await createWindows().identity(pid);
  return !found.ok || found.value !== undefined;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test(
  "Windows holds a service at the start barrier",
  ON_WINDOWS,
  async () => {
    await using place = await makePlace(REPORT);
    const suspended = await place.suspendedProcess(place.words("é"), {
      NAME: 'é€😀 "x" %y%',
    });
    assert.deepEqual(await place.platform.identity(suspended.pid), {
      ok: true,
      value: { pid: suspended.pid, start: suspended.start },
    });
    assert.equal(place.log(), "");
    await suspended.resume();
    assert.deepEqual(await ended(suspended), { code: 7, signal: null });
    const [report = "", ...rest] = place.log().split("\n");
    assert.deepEqual(JSON.parse(report), {
      args: ["é"],
      cwd: place.folder,
      NAME: 'é€😀 "x" %y%',
      PYTHONUTF8: "1",
      input: "",
    });
    assert.deepEqual(rest, ["err €", ""]);
  },
);

Deno.test("Windows passes an array as it is", ON_WINDOWS, async () => {
  await using place = await makePlace(REPORT);
  const args = [
    ...["a b", "", "'q'", '"', "%PATH%", "!PATH!", "^", "a&b|c", "<d>", "(e)"],
    ...["é€😀", "back\\", 'back\\"', "C:\\a b\\", "*", "a;b,c=d", "100%", "/x"],
  ];
  const suspended = await place.suspendedProcess(place.words(...args));
  await suspended.resume();
  await ended(suspended);
  assert.deepEqual(JSON.parse(place.log().split("\n")[0] ?? "").args, args);
});

Deno.test("Windows passes what a batch file can take", ON_WINDOWS, async () => {
  await using place = await makePlace(REPORT);
  await Deno.writeTextFile(
    `${place.folder}\\tool.cmd`,
    // As the shims of npm: the arguments come last.
    `@"${Deno.execPath()}" run -A --no-config --no-lock "a b.ts" %*\r\n`,
  );
  const args = ["a b", "x&y", "<z>", "!PATH!", "%PATH%", "(e)", "1"];
  const suspended = await place.suspendedProcess(["./tool", ...args]);
  await suspended.resume();
  assert.equal((await ended(suspended)).code, 7, place.log());
  assert.deepEqual(JSON.parse(place.log().split("\n")[0] ?? "").args, args);
});

Deno.test("Windows runs a string in its shell", ON_WINDOWS, async () => {
  await using place = await makePlace(REPORT);
  const suspended = await place.suspendedProcess(
    'echo "a & b" %NAME% (c)& echo !NAME! ^& d>made& exit /b 3',
    { NAME: "n" },
  );
  await suspended.resume();
  assert.equal((await ended(suspended)).code, 3);
  assert.equal(place.log().trimEnd(), '"a & b" n (c)');
  const made = await Deno.readTextFile(`${place.folder}\\made`);
  assert.equal(made.trimEnd(), "!NAME! & d");
});

Deno.test(
  "Windows appends to the log while it is read",
  ON_WINDOWS,
  async () => {
    await using place = await makePlace("console.log(Deno.args[0])");
    await Deno.writeTextFile(`${place.folder}\\log`, "zero\n");
    using _reader = await Deno.open(`${place.folder}\\log`);
    for (const word of ["one", "two"]) {
      const suspended = await place.suspendedProcess(place.words(word));
      await suspended.resume();
      await ended(suspended);
    }
    assert.equal(place.log(), "zero\none\ntwo\n");
  },
);

Deno.test(
  "Windows logs a missing program",
  ON_WINDOWS,
  async () => {
    await using place = await makePlace("");
    const suspended = await place.suspendedProcess(["devsvc-no-such"]);
    await suspended.resume();
    assert.notEqual((await ended(suspended)).code, 0);
    assert.match(place.log(), /devsvc-no-such/);
  },
);

Deno.test(
  "Windows never runs a service that was discarded",
  ON_WINDOWS,
  async () => {
    await using place = await makePlace(STAY);
    const suspended = await place.suspendedProcess(place.words());
    await suspended.discard();
    assert.equal((await ended(suspended)).code, 125);
    await until(async () => !await isAlive(suspended.pid));
    assert.equal(exists(`${place.folder}\\ran`), false);
  },
);

Deno.test("Windows says why it cannot start", ON_WINDOWS, async () => {
  await using place = await makePlace("");
  const { platform, folder } = place;
  const request = {
    cwd: folder,
    env: {},
    log: `${folder}\\log`,
    exitFile: `${folder}\\exit`,
    command: "x",
  };
  for (
    const [fields, message] of [
      [
        { cwd: "C:\\no such" },
        /^Cannot start: there is no folder C:\\no such$/,
      ],
      [{ command: [] }, /^Cannot start: the command is empty$/],
      [{ command: "a\0b" }, /^Cannot start: /],
    ] as const
  ) {
    const attempt = platform.spawnSuspended({ ...request, ...fields });
    await assert.rejects(attempt, { message });
  }
});

Deno.test(
  "Windows leaves nothing of a starter killed at the start barrier",
  ON_WINDOWS,
  async () => {
    await using place = await makePlace(STAY);
    await using starter = place.starter(
      place.words(),
      "console.log(suspended.pid); setInterval(() => {}, 1000)",
    );
    const pid = Number(await starter.line());
    assert.ok(await isAlive(pid));
    starter.kill();
    await until(async () => !await isAlive(pid));
    assert.equal(exists(`${place.folder}\\ran`), false);
  },
);

for (
  const [how, then] of [
    ["was killed", "console.log('up'); setInterval(() => {}, 1000)"],
    ["has ended", "console.log('up')"],
  ] as const
) {
  Deno.test(
    `Windows keeps a service whose starter ${how}`,
    ON_WINDOWS,
    async () => {
      await using place = await makePlace(STAY);
      await using starter = place.starter(
        place.words(),
        `console.log(JSON.stringify(suspended)); await suspended.resume(); ${then}`,
      );
      const service = JSON.parse(await starter.line());
      place.adopt(service);
      await starter.line();
      if (how === "was killed") starter.kill();
      await starter.status;
      // The file exists before its text is written.
      const pid = await until(() =>
        exists(`${place.folder}\\ran`) &&
        (Number(Deno.readTextFileSync(`${place.folder}\\ran`)) || false)
      );
      assert.ok(await isAlive(pid));
      const found = await place.platform.identity(service.pid);
      assert.ok(found.ok && found.value?.start === service.start);
    },
  );
}

Deno.test("Windows reads the whole environment", ON_WINDOWS, async () => {
  const shell = `${Deno.env.get("SystemRoot")}\\System32\\cmd.exe`;
  const found = await readEnvironment(shell);
  const name = Object.keys(found).find((key) => /^path$/i.test(key)) ?? "";
  assert.equal(found[name], Deno.env.get("PATH"));
  assert.equal(found["SystemRoot"], Deno.env.get("SystemRoot"));
});
