import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ON_POSIX } from "../../../tests/kit/os_tags.ts";
import type { ReadyCheck } from "../../core/model.ts";
import { reservePorts } from "../../../tests/kit/ports.ts";
import {
  HAS_IPV6,
  makeFolder,
  startDeno,
  until,
} from "../../../tests/kit/test_process.ts";
import {
  CHECK_DEADLINE,
  type CheckTarget,
  checkTargetOf,
  firstFailure,
  LONG_ANSWER,
  loopbacksOf,
  pollPort,
} from "./probes.ts";
import {
  makeHost,
  makeMachine,
  makeWorker,
} from "../../../tests/kit/builders.ts";
import { type Clock, systemClock } from "../../platform/clock.ts";
import { systemFileSystem } from "../../platform/file_system.ts";
import { stateDirOf } from "../state/state_dir.ts";

const HOST = makeHost(makeMachine().platform);
const HTTP: ReadyCheck = { kind: "http", path: "/health" };
const TCP: ReadyCheck = { kind: "tcp" };

function makeTarget(fields: Partial<CheckTarget> = {}): CheckTarget {
  return {
    addresses: [],
    log: { file: "/nowhere/log", offset: 0, fs: systemFileSystem },
    cwd: Deno.cwd(),
    env: () => ({}),
    ...fields,
  };
}

/** A server that says something and is gone with the test. */
interface RawServer extends AsyncDisposable {
  readonly port: number;
  /** What it was sent by each connection. */
  readonly requests: readonly string[];
}

/**
 * Starts a server that answers every connection with some bytes, or with
 * nothing, and then closes it or keeps it open.
 */
function serveRaw(
  answer: string,
  options: { readonly keepsOpen?: boolean; readonly hostname?: string } = {},
): RawServer {
  const { hostname = "127.0.0.1", keepsOpen = false } = options;
  const listener = Deno.listen({ hostname, port: 0 });
  const requests: string[] = [];
  const open: Deno.Conn[] = [];
  const served = (async () => {
    for await (const connection of listener) {
      open.push(connection);
      const buffer = new Uint8Array(4096);
      const length = await connection.read(buffer).catch(() => null);
      requests.push(new TextDecoder().decode(buffer.subarray(0, length ?? 0)));
      await connection.write(new TextEncoder().encode(answer)).catch(() => {});
      if (!keepsOpen) closeQuietly(connection);
    }
  })();
  return {
    port: listener.addr.port,
    requests,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await served;
      open.forEach(closeQuietly);
    },
  };
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}

async function failureOf(
  check: ReadyCheck,
  target: Partial<CheckTarget>,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const failure = await firstFailure(
    [check],
    makeTarget(target),
    HOST,
    { signal },
  );
  return failure?.detail;
}

const ANSWERS: readonly (readonly [string, string | undefined])[] = [
  ["HTTP/1.1 200 OK\r\n\r\nhi", undefined],
  ["HTTP/1.0 200 OK\r\n\r\n", undefined],
  ["HTTP/1.1 200\n\n", undefined],
  ["HTTP/1.1 204 No Content\r\n\r\n", undefined],
  ["HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", undefined],
  ["HTTP/1.1 404 Not Found\r\n\r\n", "HTTP 404"],
  ["HTTP/1.1 500 Internal Server Error\r\n\r\n", "HTTP 500"],
  ["HTTP/1.1 503\r\n\r\n", "HTTP 503"],
  ["SSH-2.0-OpenSSH_9.6\r\n", "no HTTP answer"],
  ["\x15\x03\x01\x00\x02\x02\x16", "no HTTP answer"],
  ["HTTP/1.1 2", "no HTTP answer"],
  ["", "no HTTP answer"],
  ["x".repeat(10_000), "no HTTP answer"],
];

for (const [answer, expected] of ANSWERS) {
  const name = JSON.stringify(answer.slice(0, 30));
  Deno.test(`firstFailure() evaluates an HTTP answer: ${name}`, async () => {
    await using server = serveRaw(answer);
    const detail = await failureOf(HTTP, { port: server.port });
    strictEqual(detail, expected);
  });
}

Deno.test("firstFailure() requests the page as a browser on this machine would", async () => {
  await using server = serveRaw("HTTP/1.1 200 OK\r\n\r\n");
  const check = { kind: "http", path: "/health?full=1" } as const;
  strictEqual(
    await failureOf(check, { port: server.port, addresses: ["127.0.0.1"] }),
    undefined,
  );
  const [request = ""] = server.requests;
  ok(request.startsWith("GET /health?full=1 HTTP/1.1\r\n"), request);
  ok(request.includes(`\r\nHost: localhost:${server.port}\r\n`), request);
});

const STATUS_CASES: readonly (readonly [
  string,
  readonly number[],
  string | undefined,
])[] = [
  ["200 OK", [200, 204], undefined],
  ["204 No Content", [200, 204], undefined],
  ["302 Found", [200, 204], "HTTP 302"],
  ["503 Service Unavailable", [503], undefined],
  ["200 OK", [401], "HTTP 200"],
  ["100 Continue", [100], undefined],
];

for (const [answer, status, expected] of STATUS_CASES) {
  Deno.test(`firstFailure() accepts ${status}: ${answer}`, async () => {
    await using server = serveRaw(`HTTP/1.1 ${answer}\r\n\r\n`);
    const check = { kind: "http", path: "/", status } as const;
    strictEqual(await failureOf(check, { port: server.port }), expected);
  });
}

for (const hostname of HAS_IPV6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"]) {
  Deno.test(`firstFailure() sends headers to ${hostname}, each once`, async () => {
    await using server = serveRaw("HTTP/1.1 200 OK\r\n\r\n", { hostname });
    const headers = {
      Authorization: "Bearer s3cret",
      host: "shop.test",
      "X-Name": "é: \u4e16",
    };
    const check = { kind: "http", path: "/", headers } as const;
    const target = { port: server.port, addresses: [hostname] };
    strictEqual(await failureOf(check, target), undefined);
    const [request = ""] = server.requests;
    deepStrictEqual(request.split("\r\n"), [
      "GET / HTTP/1.1",
      "User-Agent: devsvc",
      "Accept: */*",
      "Authorization: Bearer s3cret",
      "host: shop.test",
      "X-Name: é: \u4e16",
      "Connection: close",
      "",
      "",
    ]);
  });
}

Deno.test("firstFailure() does not return the headers of a check", async () => {
  await using server = serveRaw("HTTP/1.1 401 Unauthorized\r\n\r\n");
  const headers = { Authorization: "Bearer s3cret" };
  const check = { kind: "http", path: "/", status: [200], headers } as const;
  deepStrictEqual(
    await firstFailure([check], makeTarget({ port: server.port }), HOST),
    {
      check: { kind: "http", path: "/", status: [200] },
      detail: "HTTP 401",
    },
  );
});

Deno.test("firstFailure() does not wait for the rest of a page", async () => {
  await using server = serveRaw("HTTP/1.1 200 OK\r\n", { keepsOpen: true });
  strictEqual(await failureOf(HTTP, { port: server.port }), undefined);
});

Deno.test("firstFailure() ends at its deadline where nothing is answered", async () => {
  await using server = serveRaw("HTTP/1.1 200", { keepsOpen: true });
  const begun = performance.now();
  strictEqual(await failureOf(HTTP, { port: server.port }), "no answer");
  // Without a deadline it would wait for ever; a busy machine may be late.
  ok(performance.now() - begun < 10 * CHECK_DEADLINE);
});

/** A clock that runs twenty times as fast. */
const FAST_CLOCK: Clock = {
  ...systemClock,
  timer: (ms) => systemClock.timer(ms / 20),
  timeout: (ms) => systemClock.timeout(ms / 20),
};

/** A server that answers the connection of one number, counted from 1, at last. */
function serveOnlyAt(
  number: number,
  after: number,
): AsyncDisposable & { readonly port: number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open: Deno.Conn[] = [];
  const served = (async () => {
    for await (const connection of listener) {
      open.push(connection);
      if (open.length < after) continue;
      const text = "HTTP/1.1 200 OK\r\n\r\n";
      await open[number - 1]?.write(new TextEncoder().encode(text));
    }
  })();
  return {
    port: listener.addr.port,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await served;
      for (const connection of open) connection.close();
    },
  };
}

for (
  const [name, number] of [
    ["waits for a page that is slow", 1],
    ["asks again where a server has lost the question", 2],
  ] as const
) {
  Deno.test(`firstFailure() ${name}`, async () => {
    await using server = serveOnlyAt(number, 2);
    const target = makeTarget({
      port: server.port,
      addresses: ["127.0.0.1"],
    });
    const host = { ...HOST, clock: FAST_CLOCK };
    const timeout = 10 * LONG_ANSWER;
    const failure = await firstFailure([HTTP], target, host, { timeout });
    strictEqual(failure, undefined);
  });
}

Deno.test("firstFailure() ends when it is aborted", async () => {
  await using server = serveRaw("", { keepsOpen: true });
  const controller = new AbortController();
  const failing = failureOf(
    HTTP,
    { port: server.port, addresses: ["127.0.0.1"] },
    controller.signal,
  );
  await until(() => server.requests.length > 0);
  controller.abort();
  strictEqual(await failing, "no answer");
});

Deno.test("firstFailure() reports a refused connection", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  for (const check of [HTTP, TCP]) {
    strictEqual(await failureOf(check, { port }), "connection refused");
  }
});

Deno.test("firstFailure() needs a port to connect to", async () => {
  for (const check of [HTTP, TCP]) {
    strictEqual(await failureOf(check, {}), "no port");
  }
});

Deno.test("firstFailure() finds a server that is only on ::1", {
  ignore: !HAS_IPV6,
}, async () => {
  await using server = serveRaw("HTTP/1.1 200 OK\r\n\r\n", { hostname: "::1" });
  for (const check of [HTTP, TCP]) {
    const { port } = server;
    strictEqual(await failureOf(check, { port }), undefined);
    strictEqual(
      await failureOf(check, { port, addresses: ["::1"] }),
      undefined,
    );
  }
});

Deno.test(
  "firstFailure() prefers the answer of a server to a refused connection",
  {
    ignore: !HAS_IPV6,
  },
  async () => {
    await using server = serveRaw("HTTP/1.1 500 Oh\r\n\r\n", {
      hostname: "::1",
    });
    strictEqual(await failureOf(HTTP, { port: server.port }), "HTTP 500");
  },
);

Deno.test("firstFailure() uses no proxy of the environment", async () => {
  await using server = serveRaw("HTTP/1.1 200 OK\r\n\r\n");
  const { port } = server;
  const probes = JSON.stringify(import.meta.resolve("./probes.ts"));
  const host = JSON.stringify(import.meta.resolve("../../platform/host.ts"));
  // In a process of its own: the environment belongs to all tests.
  await using program = startDeno(
    `for (const name of ["HTTP_PROXY", "http_proxy", "ALL_PROXY"]) {
       Deno.env.set(name, "http://127.0.0.1:1");
     }
     const { firstFailure } = await import(${probes});
     const target = ${JSON.stringify(makeTarget({ port }))};
     const { systemHost } = await import(${host});
     const checks = [{ kind: "http", path: "/" }];
     const failure = await firstFailure(checks, target, systemHost({}));
     console.log(failure?.detail ?? "passed")`,
  );
  strictEqual(await program.line(), "passed");
});

Deno.test("firstFailure() searches the log from where the run begins", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/log`;
  const old = "server ready\n";
  const check = { kind: "log", pattern: "^server ready$" } as const;
  const log = { file, offset: old.length, fs: systemFileSystem };
  await Deno.writeTextFile(file, old);
  strictEqual(await failureOf(check, { log }), "not seen yet");
  await Deno.writeTextFile(file, "starting\nserver ready\n", { append: true });
  strictEqual(await failureOf(check, { log }), undefined);
});

Deno.test("firstFailure() is not held up by an expression that blows up", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/log`;
  const log = { file, offset: 0, fs: systemFileSystem };
  await Deno.writeTextFile(file, `${"a".repeat(1_000_000)}!\n`);
  const before = performance.now();
  const check = { kind: "log", pattern: "(a+)+$" } as const;
  strictEqual(await failureOf(check, { log }), "not seen yet");
  await Deno.writeTextFile(file, "aaa\n", { append: true });
  strictEqual(await failureOf(check, { log }), undefined);
  ok(performance.now() - before < 10_000);
});

Deno.test("firstFailure() takes a missing log for an empty one", async () => {
  strictEqual(
    await failureOf({ kind: "log", pattern: "x" }, {}),
    "not seen yet",
  );
});

Deno.test(
  "firstFailure() uses the exit code of a command",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const cases: readonly (readonly [
      string | readonly string[],
      string | undefined,
    ])[] = [
      ["true", undefined],
      ["exit 7", "exit code 7"],
      ['test "$GREETING" = "a b"', undefined],
      [["sh", "-c", "exit 3"], "exit code 3"],
      [`test "$PWD" = "${folder.path}"`, undefined],
    ];
    for (const [command, expected] of cases) {
      const target = { cwd: folder.path, env: () => ({ GREETING: "a b" }) };
      const check: ReadyCheck = { kind: "command", command };
      strictEqual(await failureOf(check, target), expected, String(command));
    }
  },
);

Deno.test("firstFailure() reports that a command cannot be run", async () => {
  const command = ["devsvc-no-such-program"];
  const detail = await failureOf({ kind: "command", command }, {});
  ok(detail?.includes("devsvc-no-such-program"), detail);
});

Deno.test(
  "firstFailure() ends a command at its deadline, even one that ignores SIGTERM",
  ON_POSIX,
  async () => {
    const command = "trap '' TERM; i=0; " +
      "while [ $i -lt 600 ]; do i=$((i+1)); sleep 0.1; done";
    const begun = performance.now();
    strictEqual(await failureOf({ kind: "command", command }, {}), "no answer");
    const took = performance.now() - begun;
    ok(took < 10 * CHECK_DEADLINE, `${took} ms: before it ends by itself`);
  },
);

Deno.test(
  "firstFailure() leaves nothing of a command behind",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const file = `${folder.path}/pid`;
    const command = `sleep 60 & echo $! > '${file}'; wait`;
    const controller = new AbortController();
    const failing = failureOf(
      { kind: "command", command },
      {},
      controller.signal,
    );
    const pid = Number(
      await until(async () => {
        const text = await Deno.readTextFile(file).catch(() => "");
        return text.endsWith("\n") && text;
      }),
    );
    controller.abort();
    await failing;
    try {
      // The process that reaps orphans may do so every few seconds only.
      await until(() => !isAlive(pid), { timeout: 30_000 });
    } finally {
      if (isAlive(pid)) Deno.kill(pid, "SIGKILL");
    }
  },
);

function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

Deno.test("firstFailure() passes when there is nothing to check", async () => {
  strictEqual(await firstFailure([], makeTarget(), HOST), undefined);
});

Deno.test("firstFailure() names the first check that fails, in their order", async () => {
  await using server = serveRaw("HTTP/1.1 500 Oh\r\n\r\n");
  const target = makeTarget({ port: server.port });
  const log: ReadyCheck = { kind: "log", pattern: "x" };
  deepStrictEqual(await firstFailure([TCP, HTTP, log], target, HOST), {
    check: HTTP,
    detail: "HTTP 500",
  });
});

Deno.test("loopbacksOf() gives the addresses at which a listener can be reached", () => {
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [[], ["127.0.0.1", "::1"]],
    [["0.0.0.0"], ["127.0.0.1"]],
    [["::"], ["127.0.0.1", "::1"]],
    [["0.0.0.0", "127.0.0.1"], ["127.0.0.1"]],
    [["::1"], ["::1"]],
    [["127.0.0.2"], []],
    [["127.0.0.2", "::1"], ["::1"]],
  ];
  for (const [addresses, expected] of cases) {
    deepStrictEqual(loopbacksOf(addresses), expected, addresses.join(" "));
  }
});

Deno.test(
  "a ready command sees what env_file and env set",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const envFile = `${folder.path}/.env`;
    await Deno.writeTextFile(envFile, "FROM_FILE=file\nBOTH=file\n");
    const service = makeWorker({
      cwd: folder.path,
      envFile,
      env: { BOTH: "env" },
    });
    const target = checkTargetOf(service, stateDirOf(folder.path));
    const command = 'test "$FROM_FILE $BOTH" = "file env"';
    const check = { kind: "command", command } as const;
    strictEqual(await firstFailure([check], target, HOST), undefined);
  },
);

Deno.test("pollPort() fires as soon as something answers", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  await using poll = pollPort(port, HOST);
  strictEqual(poll.answered.aborted, false);
  using _listener = Deno.listen({ hostname: "127.0.0.1", port });
  await until(() => poll.answered.aborted);
});

Deno.test("pollPort() notices an answer on IPv6 alone", {
  ignore: !HAS_IPV6,
}, async () => {
  using listener = Deno.listen({ hostname: "::1", port: 0 });
  await using poll = pollPort(listener.addr.port, HOST);
  await until(() => poll.answered.aborted);
});

Deno.test("pollPort() stops once it is disposed of", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  const poll = pollPort(port, HOST);
  await poll[Symbol.asyncDispose]();
  using _listener = Deno.listen({ hostname: "127.0.0.1", port });
  ok(!poll.answered.aborted);
});
