/** The disk is full: no line is lost by devsvc, and it goes on by itself. */

import {
  ensureStateDir,
  stateDirOf,
} from "../../lib/runtime/state/state_dir.ts";
import { deepStrictEqual, ok } from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { startProcess, until } from "../kit/test_process.ts";
import { numbered } from "../kit/test_log.ts";
import { archivesIn, readRaw, startLogSupervisor } from "../kit/test_logs.ts";

const MEGABYTE = 1024 * 1024;

const LIMITS = { size: 100_000, keep: 5 };

/** Why this machine cannot have a small disk for a test, if it cannot. */
const reason = await cannotMount();

async function cannotMount(): Promise<string | undefined> {
  if (ON_LINUX.ignore) return "only Linux has mounts of one process";
  try {
    const { success } = await new Deno.Command("unshare", {
      args: ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success ? undefined : "it takes the rights to mount";
  } catch {
    return "there is no unshare";
  }
}

const name = reason === undefined
  ? "a full disk costs old archives first, then the bound, never a line"
  : `a full disk costs no line: not run, ${reason}`;

/** A disk of one megabyte that is seen by nobody else. */
interface SmallDisk extends AsyncDisposable {
  /** The folder of its project, absolute. */
  readonly root: string;
  /** The folder of its logs. */
  readonly logs: string;
  /** Leaves only so many bytes. */
  fill(left: number): Promise<void>;
  /** Gives the rest back. */
  clear(): Promise<void>;
}

async function openSmallDisk(): Promise<SmallDisk> {
  const holder = startProcess("unshare", [
    "--mount",
    "/bin/sh",
    "-c",
    "mount -t tmpfs -o size=1m none /mnt && echo ready && read -r _",
  ]);
  await holder.line();
  // What one process has mounted, others reach through it (`man 5 proc`).
  const root = `/proc/${holder.pid}/root/mnt`;
  const logs = `${root}/.devsvc/logs`;
  ensureStateDir(stateDirOf(root));
  const ballast = `${root}/ballast`;
  return {
    root,
    logs,
    fill: async (left) => {
      await Deno.writeFile(ballast, new Uint8Array(MEGABYTE)).catch(() => {});
      const { size } = await Deno.stat(ballast);
      await Deno.truncate(ballast, size - left);
    },
    clear: () => Deno.remove(ballast),
    [Symbol.asyncDispose]: () => holder[Symbol.asyncDispose](),
  };
}

Deno.test({ name, ignore: reason !== undefined }, async () => {
  await using disk = await openSmallDisk();
  await using supervisor = await startLogSupervisor(disk.root, LIMITS, "api");
  let written = 0;
  const write = async (lines: number) => {
    const text = numbered(written + 1, written += lines);
    await Deno.writeTextFile(`${disk.logs}/api.log`, text, {
      append: true,
      create: true,
    });
  };
  const archives = () => archivesIn(disk.logs, "api");
  const content = async () => (await readRaw(disk.logs, "api")).text;
  /** What is kept is the end of all that was written, without a gap. */
  const isWhole = async () => {
    const text = await content();
    return text.length > 0 && numbered(1, written).endsWith(text);
  };

  for (let part = 1; part <= 4; part++) {
    await write(12_500);
    await until(async () => (await archives()).length === part - 1);
  }
  await write(100);
  await until(async () => (await archives()).length === 4);
  // The head of the file is punched after the archive has its name.
  await until(async () => await content() === numbered(1, written));

  // The oldest archives are removed to free space for the next.
  await write(12_000);
  await disk.fill(40_000);
  await write(1000);
  await until(async () => (await archives()).includes("api.log.500000"));
  ok(!(await archives()).includes("api.log.100000"));
  await until(isWhole);

  // There is no archive left to remove: that is reported, and no line is lost.
  for (const archive of await archives()) {
    await Deno.remove(`${disk.logs}/${archive}`);
  }
  await write(11_000);
  await disk.fill(40_000);
  await write(2000);
  deepStrictEqual(JSON.parse(await supervisor.line()), {
    service: "api",
    reason: "No space left on device (os error 28)",
  });
  ok(await isWhole());

  await disk.clear();
  await until(async () => {
    await write(1);
    return (await archives()).length === 1;
  });
  await until(isWhole);
});
