import {
  deepStrictEqual,
  notStrictEqual,
  strictEqual,
} from "node:assert/strict";
import { ON_POSIX, ON_WINDOWS } from "../../tests/kit/os_tags.ts";
import { makeFolder } from "../../tests/kit/test_process.ts";
import { exitOf, runCommand } from "./shell.ts";

/** A program that ends with a code of its own, quoted as any shell takes it. */
const QUOTED = `"${Deno.execPath()}" eval --no-config "Deno.exit(7)"`;

Deno.test("runCommand() runs a string in the shell, with its quotes", async () => {
  const { code } = await runCommand(QUOTED, {}).status;
  strictEqual(code, 7);
});

Deno.test("runCommand() runs an array as it is, with folder and environment", async () => {
  await using folder = await makeFolder();
  const script =
    'Deno.writeTextFileSync("out", Deno.args[0] + Deno.env.get("X"))';
  const { success } = await runCommand(
    [Deno.execPath(), "eval", "--no-config", script, 'a "b" $HOME %PATH%'],
    { cwd: folder.path, env: { X: "é" } },
  ).status;
  strictEqual(success, true);
  const text = await Deno.readTextFile(`${folder.path}/out`);
  strictEqual(text, 'a "b" $HOME %PATH%é');
});

Deno.test(
  "runCommand() kills a command with its children",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const fifo = `${folder.path}/fifo`;
    await new Deno.Command("mkfifo", { args: [fifo] }).output();
    const command = runCommand('sleep 60 >"$FIFO" & sleep 60', {
      env: { FIFO: fifo },
    });
    // The pipe ends with the child that holds its other end.
    using reader = await Deno.open(fifo);
    command.kill();
    notStrictEqual((await command.status).code, 0);
    strictEqual(await reader.read(new Uint8Array(1)), null);
  },
);

Deno.test("exitOf() reads signals from codes of POSIX shells", ON_POSIX, () => {
  deepStrictEqual(exitOf(143), { code: 143, signal: "SIGTERM" });
});

Deno.test("exitOf() reads no signals on Windows", ON_WINDOWS, () => {
  deepStrictEqual(exitOf(143), { code: 143, signal: null });
});
