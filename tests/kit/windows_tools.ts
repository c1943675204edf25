/** Services of Windows that end with their test. */

import type { Command, Identity } from "../../lib/core/model.ts";
import {
  makeFolder,
  startProcess,
  type TestProcess,
  until,
} from "./test_process.ts";
import { currentPlatform } from "../../lib/platform/current.ts";
import type {
  Platform,
  SuspendedProcess,
} from "../../lib/platform/platform.ts";

/** The program of a service, run by Deno. */
export interface Script {
  /** The folder that holds it, and that it runs in. */
  readonly folder: string;
  /** The command that runs it with some arguments. */
  words(...args: readonly string[]): readonly string[];
}

/** The folder, program and log of one service. */
export interface Place extends AsyncDisposable, Script {
  /** The platform. */
  readonly platform: Platform;
  /** What the service has written. */
  log(): string;
  /** Starts a service at the start barrier; it ends with the test. */
  suspendedProcess(
    command: Command,
    env?: Readonly<Record<string, string>>,
  ): Promise<SuspendedProcess>;
  /** Starts a process that itself starts a service. */
  starter(command: Command, then: string): TestProcess;
  /** Ends a process, and all below it, with the test. */
  adopt(target: Identity): void;
}

/** Makes a place, in a folder whose name has a space, accents and signs. */
export async function makePlace(code: string): Promise<Place> {
  const platform = await currentPlatform();
  const base = await makeFolder();
  const folder = `${base.path}\\été & (100%)`;
  await Deno.mkdir(folder);
  const script = `${folder}\\a b.ts`;
  await Deno.writeTextFile(script, code);
  const log = `${folder}\\log`;
  const adopted: Identity[] = [];
  const request = (command: Command, env = {}) => ({
    command,
    cwd: folder,
    env,
    log,
    exitFile: `${folder}\\exit`,
  });
  return {
    platform,
    folder,
    words: (...args) => [
      Deno.execPath(),
      ...["run", "-A", "--no-config", "--no-lock", script, ...args],
    ],
    log: () => Deno.readTextFileSync(log),
    suspendedProcess: async (command, env) => {
      const suspended = await platform.spawnSuspended(request(command, env));
      adopted.push(suspended);
      return suspended;
    },
    starter: (command, then) =>
      startProcess(Deno.execPath(), [
        ...["eval", "--no-config", "--no-lock"],
        `import { currentPlatform } from ${
          JSON.stringify(import.meta.resolve("../../lib/platform/current.ts"))
        };
        const platform = await currentPlatform();
        const suspended = await platform.spawnSuspended(${
          JSON.stringify(request(command))
        });
        ${then}`,
      ]),
    adopt: (target) => void adopted.push(target),
    [Symbol.asyncDispose]: async () => {
      for (const target of adopted) {
        await platform.signal(target, "SIGKILL", "group");
      }
      // Files cannot be removed while a program that is ending has them open.
      await until(() =>
        Deno.remove(folder, { recursive: true }).then(() => true, () => false)
      );
      await base[Symbol.asyncDispose]();
    },
  };
}
