import assert, {
  deepStrictEqual,
  match,
  strictEqual,
} from "node:assert/strict";
import type { Identity } from "../../core/model.ts";
import { ON_LINUX, ON_POSIX } from "../../../tests/kit/os_tags.ts";
import {
  makeFolder,
  startProcess,
  until,
} from "../../../tests/kit/test_process.ts";
import {
  ended,
  identify,
  isAlive,
  membersOf,
  suspendedProcess,
  untilServing,
} from "../../../tests/kit/posix_process.ts";
import { currentPlatform } from "../current.ts";
import { OS } from "../os.ts";
import type { Platform } from "../platform.ts";

const CURRENT = import.meta.resolve("../current.ts");

Deno.test(
  "spawnSuspended() holds a service at the start barrier",
  ON_POSIX,
  async () => {
    const platform = await currentPlatform();
    await using folder = await makeFolder();
    await using suspended = await suspendedProcess(
      platform,
      folder.path,
      'echo "$PPID $NAME ${DEVSVC_RESUME-unset} $(pwd)"; echo err >&2; exit 7',
      { NAME: 'é "x"' },
    );
    const found = await platform.identity(suspended.pid);
    assert.ok(found.ok);
    assert.deepEqual(found.value, {
      pid: suspended.pid,
      start: suspended.start,
    });
    await assert.rejects(Deno.stat(`${folder.path}/log`), Deno.errors.NotFound);
    await suspended.resume();
    assert.deepEqual(await ended(suspended), { code: 7, signal: null });
    assert.equal(
      await Deno.readTextFile(`${folder.path}/log`),
      `${suspended.pid} é "x" unset ${folder.path}\nerr\n`,
    );
  },
);

Deno.test(
  "spawnSuspended() keeps the wrapper beside the service",
  ON_POSIX,
  async () => {
    const platform = await currentPlatform();
    await using folder = await makeFolder();
    await using suspended = await suspendedProcess(platform, folder.path, [
      "sleep",
      "60",
    ]);
    await suspended.resume();
    const service = await untilServing(platform, suspended, "sleep");
    strictEqual(service.group, suspended.pid);
    if (OS === "linux") strictEqual(service.session, suspended.pid);
    deepStrictEqual(
      await identify(platform, suspended.pid),
      { pid: suspended.pid, start: suspended.start },
    );
  },
);

for (
  const [command, code, signal] of [
    ["exit 0", "0", null],
    ["exit 3", "3", null],
    ["kill -9 $$", "137", "SIGKILL"],
    ["kill -TERM $$", "143", "SIGTERM"],
  ] as const
) {
  Deno.test(
    `spawnSuspended() writes down how "${command}" ended`,
    ON_POSIX,
    async () => {
      const platform = await currentPlatform();
      await using folder = await makeFolder();
      await using suspended = await suspendedProcess(
        platform,
        folder.path,
        command,
      );
      await suspended.resume();
      deepStrictEqual(await ended(suspended), { code: Number(code), signal });
      strictEqual(
        await Deno.readTextFile(`${folder.path}/exit`),
        `${code}\n`,
      );
    },
  );
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const) {
  Deno.test(
    `spawnSuspended() lets ${signal} reach the service and waits for it`,
    ON_POSIX,
    async () => {
      const platform = await currentPlatform();
      await using folder = await makeFolder();
      await using suspended = await suspendedProcess(
        platform,
        folder.path,
        `trap 'echo asked; exit 4' ${signal.slice(3)}; echo up; ` +
          "while :; do sleep 0.05; done",
      );
      await suspended.resume();
      const log = `${folder.path}/log`;
      await until(() =>
        Deno.stat(log).then(({ size }) => size > 0, () => false)
      );
      strictEqual(await platform.signal(suspended, signal, "group"), "sent");
      deepStrictEqual(await ended(suspended), { code: 4, signal: null });
      match(await Deno.readTextFile(log), /^up\n(?:.*\n)*asked\n/);
    },
  );
}

Deno.test(
  "spawnSuspended() gives a service another environment than its own",
  ON_POSIX,
  async () => {
    const platform = await currentPlatform();
    await using folder = await makeFolder();
    const suspended = await platform.spawnSuspended({
      command: ["/usr/bin/env"],
      cwd: folder.path,
      baseEnv: { PATH: "/usr/bin:/bin", KEPT: "1", BOTH: "base" },
      env: { BOTH: "top" },
      log: `${folder.path}/log`,
      exitFile: `${folder.path}/exit`,
    });
    await suspended.resume();
    strictEqual((await ended(suspended)).code, 0);
    const lines = (await Deno.readTextFile(`${folder.path}/log`)).split("\n");
    deepStrictEqual(
      lines.filter((line) => /^(?:PATH|KEPT|BOTH|HOME)=/.test(line)).sort(),
      ["BOTH=top", "KEPT=1", "PATH=/usr/bin:/bin"],
    );
  },
);

Deno.test("spawnSuspended() passes an array as it is", ON_POSIX, async () => {
  const platform = await currentPlatform();
  await using folder = await makeFolder();
  const args = ["a b", "", "'q'", '"', "$HOME", "*", "line\nend", "é"];
  await using suspended = await suspendedProcess(platform, folder.path, [
    "printf",
    "<%s>",
    ...args,
  ]);
  await suspended.resume();
  await ended(suspended);
  assert.equal(
    await Deno.readTextFile(`${folder.path}/log`),
    args.map((arg) => `<${arg}>`).join(""),
  );
});

Deno.test("spawnSuspended() appends to the log", ON_POSIX, async () => {
  const platform = await currentPlatform();
  await using folder = await makeFolder();
  for (const word of ["one", "two"]) {
    await using suspended = await suspendedProcess(platform, folder.path, [
      "echo",
      word,
    ]);
    await suspended.resume();
    await ended(suspended);
  }
  assert.equal(await Deno.readTextFile(`${folder.path}/log`), "one\ntwo\n");
});

Deno.test(
  "spawnSuspended() follows no link, and makes files for their owner only",
  ON_POSIX,
  async () => {
    const platform = await currentPlatform();
    for (const target of ["precious", "new"]) {
      for (const name of ["log", "exit"]) {
        await using folder = await makeFolder();
        await Deno.writeTextFile(`${folder.path}/precious`, "precious");
        await Deno.symlink(
          `${folder.path}/${target}`,
          `${folder.path}/${name}`,
        );
        const umask = Deno.umask(0o002);
        try {
          await using suspended = await suspendedProcess(
            platform,
            folder.path,
            `umask >${folder.path}/umask`,
          );
          await suspended.resume();
          const { code } = await ended(suspended);
          strictEqual(code, name === "log" ? 126 : 0);
        } finally {
          Deno.umask(umask);
        }
        const files = await Array.fromAsync(Deno.readDir(folder.path));
        const other = name === "log" ? "exit" : "log";
        deepStrictEqual(files.map((file) => file.name).toSorted(), [
          ...["exit", "log", "precious"],
          ...name === "log" ? [] : ["umask"],
        ]);
        const { mode } = await Deno.stat(`${folder.path}/${other}`);
        strictEqual((mode ?? 0) & 0o777, 0o600);
        const text = await Deno.readTextFile(`${folder.path}/precious`);
        strictEqual(text, "precious");
        if (name === "log") continue;
        const own = await Deno.readTextFile(`${folder.path}/umask`);
        strictEqual(own.trim(), "0002");
      }
    }
  },
);

Deno.test(
  "spawnSuspended() logs a missing program",
  ON_POSIX,
  async () => {
    const platform = await currentPlatform();
    await using folder = await makeFolder();
    await using suspended = await suspendedProcess(platform, folder.path, [
      "devsvc-no-such",
    ]);
    await suspended.resume();
    assert.equal((await ended(suspended)).code, 127);
    assert.match(
      await Deno.readTextFile(`${folder.path}/log`),
      /devsvc-no-such.*not found/,
    );
  },
);

Deno.test("a service gets no input and no open files", ON_LINUX, async () => {
  await using folder = await makeFolder();
  await using starter = startStarter(
    folder.path,
    "for fd in 0 3 4 5 6 7 8 9; do readlink /proc/$$/fd/$fd; done; cat; echo end",
    `await suspended.resume(); ${STAY}`,
  );
  assert.ok(starter.pid > 0);
  const log = await until(async () => {
    const text = await Deno.readTextFile(`${folder.path}/log`).catch(() => "");
    return text.endsWith("end\n") && text;
  });
  assert.equal(log, "/dev/null\nend\n");
  // The last that the wrapper makes in the folder, which is then removed.
  await until(() =>
    Deno.stat(`${folder.path}/exit`).then(() => true, () => false)
  );
});

Deno.test("discard() never runs the service", ON_POSIX, async () => {
  const platform = await currentPlatform();
  await using folder = await makeFolder();
  await using suspended = await suspendedProcess(
    platform,
    folder.path,
    "echo ran >ran",
  );
  await suspended.discard();
  assert.equal((await ended(suspended)).code, 125);
  assert.equal(await isAlive(platform, suspended.pid), false);
  await assert.rejects(Deno.stat(`${folder.path}/ran`), Deno.errors.NotFound);
});

Deno.test(
  "discard() keeps the program until it has ended",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    await using starter = startStarter(
      folder.path,
      "true",
      "await suspended.discard(); console.log((await suspended.exited).code)",
    );
    assert.equal(await starter.line(), "125");
  },
);

Deno.test(
  "resume() is quiet where the process ended at the start barrier",
  ON_POSIX,
  async () => {
    const platform = await currentPlatform();
    await using folder = await makeFolder();
    await using suspended = await suspendedProcess(
      platform,
      folder.path,
      "echo ran >ran",
    );
    assert.equal(
      await platform.signal(suspended, "SIGKILL", "process"),
      "sent",
    );
    assert.equal((await ended(suspended)).signal, "SIGKILL");
    await suspended.resume();
    await assert.rejects(
      Deno.stat(`${folder.path}/ran`),
      Deno.errors.NotFound,
    );
  },
);

Deno.test("spawnSuspended() says why it cannot start", ON_POSIX, async () => {
  const platform = await currentPlatform();
  const request = {
    cwd: "/",
    env: {},
    log: "/dev/null",
    exitFile: "/dev/null",
    command: "true",
  };
  await assert.rejects(
    platform.spawnSuspended({ ...request, cwd: "/no/such" }),
    { message: "Cannot start: there is no folder /no/such" },
  );
  await assert.rejects(
    platform.spawnSuspended({ ...request, command: [] }),
    { message: "Cannot start: the command is empty" },
  );
  await assert.rejects(
    platform.spawnSuspended({ ...request, command: "a\0b" }),
    /^Error: Cannot start: /,
  );
});

/**
 * A program that starts a service; it is itself started with the descriptors
 * 3 and 9 open, as by `flock 9`.
 */
function startStarter(folder: string, command: string, then: string) {
  const request = {
    command,
    cwd: folder,
    env: {},
    log: `${folder}/log`,
    exitFile: `${folder}/exit`,
  };
  return startProcess("/bin/sh", [
    "-c",
    'exec 3>"$0/kept" 9>"$0/kept"; exec "$@"',
    folder,
    Deno.execPath(),
    "eval",
    "--no-config",
    "--no-lock",
    `import { currentPlatform } from ${JSON.stringify(CURRENT)};
     const platform = await currentPlatform();
     const suspended = await platform.spawnSuspended(${
      JSON.stringify(request)
    });
     ${then}`,
  ]);
}

/** Keeps a starter going until it is killed. */
const STAY = "await new Promise(() => setInterval(() => {}, 1000))";

Deno.test(
  "a starter killed before it resumes leaves nothing",
  ON_POSIX,
  async () => {
    const platform = await currentPlatform();
    await using folder = await makeFolder();
    await using starter = startStarter(
      folder.path,
      "echo ran >ran",
      `console.log(suspended.pid); ${STAY}`,
    );
    const pid = Number(await starter.line());
    assert.ok(await isAlive(platform, pid));
    starter.kill();
    await until(async () => !await isAlive(platform, pid));
    await assert.rejects(
      Deno.stat(`${folder.path}/ran`),
      Deno.errors.NotFound,
    );
  },
);

Deno.test(
  "a starter killed after it resumed leaves the service",
  ON_POSIX,
  async () => {
    const platform = await currentPlatform();
    await using folder = await makeFolder();
    await using starter = startStarter(
      folder.path,
      "echo ran >ran; exec sleep 60",
      `await suspended.resume(); console.log(suspended.pid); ${STAY}`,
    );
    const service = await identify(platform, Number(await starter.line()));
    starter.kill();
    try {
      await until(() => Deno.stat(`${folder.path}/ran`).catch(() => undefined));
      await until(async () => {
        const found = await platform.processTable();
        return found.ok && found.value.get(service.pid)?.ppid !== starter.pid;
      });
      assert.deepEqual(await identify(platform, service.pid), service);
    } finally {
      await endService(platform, service);
    }
  },
);

Deno.test("a starter ends while its service lives", ON_POSIX, async () => {
  const platform = await currentPlatform();
  await using folder = await makeFolder();
  await using starter = startStarter(
    folder.path,
    "exec sleep 60",
    "await suspended.resume(); console.log(suspended.pid)",
  );
  const service = await identify(platform, Number(await starter.line()));
  try {
    assert.equal((await starter.status).code, 0);
    assert.ok(await isAlive(platform, service.pid));
  } finally {
    await endService(platform, service);
  }
});

/** Ends a service that outlived its starter; until then it may write. */
async function endService(
  platform: Platform,
  service: Identity,
): Promise<void> {
  assert.equal(await platform.signal(service, "SIGKILL", "group"), "sent");
  await until(async () =>
    (await membersOf(platform, service.pid)).length === 0
  );
}
