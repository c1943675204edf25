import assert from "node:assert/strict";
import { ON_LINUX, ON_POSIX, ON_WINDOWS } from "../../tests/kit/os_tags.ts";
import { makeFolder } from "../../tests/kit/test_process.ts";
import { explainTool, leaveAlone, runFirst, runTool } from "./tool.ts";

/** Longer than any tool of these tests takes on a machine that is busy. */
const PATIENT = { deadline: 60_000 };

/** Time enough for a tool to print its word first, also on such a machine. */
const DEADLINE = 3000;

/** Before the `sleep 60` of a tool ends, and after all that is waited for. */
const BOUND = 30_000;

function sh(script: string, options = {}) {
  return runTool("/bin/sh", ["-c", script], { ...PATIENT, ...options });
}

Deno.test("runTool() gives the code and the output", ON_POSIX, async () => {
  assert.deepEqual(await sh("echo out; echo err >&2; exit 3"), {
    kind: "done",
    code: 3,
    stdout: "out\n",
  });
});

Deno.test("runTool() asks for the C locale", ON_POSIX, async () => {
  const result = await sh('echo "$LC_ALL $MORE"', { env: { MORE: "x" } });
  assert.deepEqual(result, { kind: "done", code: 0, stdout: "C x\n" });
});

Deno.test("runTool() reads bytes that are not UTF-8", ON_POSIX, async () => {
  // "ABHÖREN" as Windows prints it in code page 850.
  const result = await sh("printf 'ABH\\231REN'");
  assert.deepEqual(result, { kind: "done", code: 0, stdout: "ABH\ufffdREN" });
});

Deno.test("runTool() reports a missing program", async () => {
  const result = await runTool("devsvc-no-such-tool", []);
  assert.deepEqual(result, { kind: "missing" });
  assert.equal(explainTool("ss", result), "ss is not installed");
});

Deno.test("runTool() reports a program that cannot run", ON_POSIX, async () => {
  await using folder = await makeFolder();
  await Deno.writeTextFile(`${folder.path}/x`, "");
  const result = await runTool(`${folder.path}/x`, []);
  assert.equal(result.kind, "failed");
});

Deno.test(
  "runTool() ends a tool that ignores SIGTERM",
  ON_POSIX,
  async () => {
    const begin = performance.now();
    const result = await sh("trap '' TERM; echo a; exec sleep 60", {
      deadline: DEADLINE,
    });
    assert.deepEqual(result, { kind: "timeout", stdout: "a\n" });
    assert.ok(performance.now() - begin < BOUND);
  },
);

Deno.test(
  "runTool() does not wait for a child that keeps the pipe",
  ON_POSIX,
  async () => {
    const begin = performance.now();
    const result = await sh("sleep 60 & echo $!", { deadline: DEADLINE });
    assert.ok(performance.now() - begin < BOUND);
    assert.ok(result.kind === "timeout");
    // Of no number comes 0, and that is the group of this program.
    assert.match(result.stdout, /^\d+\n$/);
    Deno.kill(Number(result.stdout), "SIGKILL");
  },
);

Deno.test(
  "runTool() does not wait for a tool that closed the pipe",
  ON_POSIX,
  async () => {
    const begin = performance.now();
    const result = await sh("exec >&-; exec sleep 60", { deadline: 300 });
    assert.deepEqual(result, { kind: "timeout", stdout: "" });
    assert.ok(performance.now() - begin < BOUND);
  },
);

Deno.test("runTool() bounds the output", ON_POSIX, async () => {
  const result = await sh("while :; do echo yyyyyyyyyyyyyyy; done", {
    limit: 100_000,
  });
  assert.equal(result.kind, "failed");
});

Deno.test("runTool() does not keep the program alive", async () => {
  const begin = performance.now();
  const url = import.meta.resolve("./tool.ts");
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-config",
      `import { leaveAlone, runTool } from "${url}";
       await runTool(Deno.execPath(), ["--version"], { deadline: 60_000 });`,
    ],
  }).output();
  assert.equal(code, 0);
  assert.ok(performance.now() - begin < 50_000);
});

Deno.test("runFirst() takes the first that exists", ON_POSIX, async () => {
  const result = await runFirst(["devsvc-no-such-tool", "/bin/sh"], [
    "-c",
    "echo b",
  ], PATIENT);
  assert.deepEqual(result, { kind: "done", code: 0, stdout: "b\n" });
});

Deno.test(
  "runTool() does not believe a tool that was cut short",
  ON_POSIX,
  async () => {
    const result = await sh("echo half; kill -TERM $$");
    assert.deepEqual(result, {
      kind: "failed",
      reason: "/bin/sh was ended by SIGTERM",
    });
  },
);

for (
  const { times, expected } of [
    { times: 1, expected: { kind: "done", code: 0, stdout: "whole\n" } },
    {
      times: 9,
      expected: { kind: "failed", reason: "/bin/sh was ended by Ctrl-C" },
    },
  ]
) {
  Deno.test(
    `runTool() with a tool that Ctrl-C ends ${times} times`,
    ON_POSIX,
    async () => {
      const folder = await Deno.makeTempDir({ prefix: "devsvc-" });
      // Each run leaves a line.
      const script = `
      echo run >>runs
      [ "$(wc -l <runs)" -gt ${times} ] || { echo half; kill -INT $$; }
      echo whole`;
      const command = ["-c", `cd "$0" && ${script}`, folder];
      assert.deepEqual(await runTool("/bin/sh", command, PATIENT), expected);
      const runs = await Deno.readTextFile(`${folder}/runs`);
      assert.equal(runs.trim().split("\n").length, Math.min(times + 1, 3));
      await Deno.remove(folder, { recursive: true });
    },
  );
}

Deno.test(
  "runTool() knows an end by Ctrl-C on Windows",
  ON_WINDOWS,
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "devsvc-" });
    const script = `echo run>>${folder}\\runs& exit -1073741510`;
    assert.deepEqual(await runTool("cmd.exe", ["/d", "/c", script], PATIENT), {
      kind: "failed",
      reason: "cmd.exe was ended by Ctrl-C",
    });
    const runs = await Deno.readTextFile(`${folder}\\runs`);
    assert.equal(runs.trim().split(/\s+/).length, 3);
    await Deno.remove(folder, { recursive: true });
  },
);

Deno.test("runTool() keeps Ctrl-C from a tool", ON_LINUX, async () => {
  const result = await sh(
    "read -r _ _ _ _ group _ </proc/$$/stat; echo $((group == $$))",
  );
  assert.deepEqual(result, { kind: "done", code: 0, stdout: "1\n" });
});

Deno.test("leaveAlone() takes a child that has just ended", () => {
  leaveAlone({
    unref: () => {
      throw new Deno.errors.BadResource("Bad resource ID");
    },
  });
});
