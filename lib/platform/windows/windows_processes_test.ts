// What Windows shows of processes; runs there, and in Wine.

import assert from "node:assert/strict";
import { ON_WINDOWS } from "../../../tests/kit/os_tags.ts";
import { ended, identify } from "../../../tests/kit/posix_process.ts";
import { startDeno, until } from "../../../tests/kit/test_process.ts";
import { makePlace } from "../../../tests/kit/windows_tools.ts";
import { RIGHTS, systemKernel } from "./kernel.ts";
import { startOf } from "./process_list.ts";
import { createWindows } from "./windows.ts";

const kernel = ON_WINDOWS.ignore ? undefined : systemKernel();

Deno.test("Windows lists a process with its times", ON_WINDOWS, async () => {
  const platform = createWindows();
  const before = Date.now();
  await using child = startDeno("console.log('up')");
  await child.line();
  const table = await platform.processTable();
  assert.ok(table.ok);
  const entry = table.value.get(child.pid);
  assert.ok(entry);
  assert.match(entry.name, /^deno\.exe$/i);
  assert.equal(entry.ppid, Deno.pid);
  assert.ok(
    entry.startedAt >= before - 1000 && entry.startedAt <= Date.now() + 1000,
  );
  assert.ok(entry.memoryBytes > 1_000_000);
  assert.ok((table.value.get(Deno.pid)?.order ?? 0) <= entry.order);
  assert.equal((await identify(platform, child.pid)).start, entry.start);
  using held = kernel?.open(child.pid, RIGHTS.look);
  assert.equal(startOf(held?.times()?.created ?? 0n), entry.start);
  assert.deepEqual(await platform.identity(2 ** 31 - 4), {
    ok: true,
    value: undefined,
  });
});

Deno.test(
  "Windows shows command line, folder and environment",
  ON_WINDOWS,
  async () => {
    await using place = await makePlace(
      "console.log(Deno.pid); setInterval(() => {}, 1000)",
    );
    const env = {
      NAME: "é€😀 = %y%",
      DEVSVC_RUN: "0a-1",
      DEVSVC_SERVICE: "a",
      DEVSVC_ROOT: place.folder,
    };
    const suspended = await place.suspendedProcess(place.words("x y"), env);
    const { platform, folder } = place;
    const wrapper = (await platform.environments([suspended.pid]))
      .get(suspended.pid);
    assert.equal(wrapper?.["NAME"], env.NAME);
    await suspended.resume();
    const program = await until(async () => {
      const tagged = await platform.taggedProcesses();
      const table = await platform.processTable();
      assert.ok(tagged.ok && table.ok);
      const found = tagged.value.filter(({ root }) => root === folder);
      // The outer shell and the wrapper, then the program.
      assert.ok(found.some(({ pid }) => pid === suspended.pid));
      return found.find(({ pid }) =>
        /deno/i.test(table.value.get(pid)?.name ?? "")
      );
    });
    const { pid } = program;
    assert.deepEqual(program, {
      pid,
      run: env.DEVSVC_RUN,
      service: "a",
      root: folder,
    });
    const detail = (await platform.details([pid])).get(pid);
    assert.equal(detail?.cwd, folder);
    assert.deepEqual(detail?.args.slice(-2), [
      `${folder}\\a b.ts`,
      "x y",
    ]);
    await platform.signal(suspended, "SIGKILL", "group");
    await ended(suspended);
    assert.equal((await platform.details([suspended.pid])).size, 0);
  },
);

Deno.test("Windows lists its processes in no time", ON_WINDOWS, () => {
  const begun = performance.now();
  for (let count = 0; count < 20; count++) assert.ok(kernel?.processList().ok);
  assert.ok(performance.now() - begun < 2_000);
});
