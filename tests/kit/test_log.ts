/**
 * A log in a folder of its own for unit tests, and a disk that punches holes on every
 * OS.
 */

import { makeFolder } from "./test_process.ts";
import { openLog } from "../../lib/runtime/log/log_source.ts";
import type { BoundedLog } from "../../lib/runtime/log/rotation.ts";
import { type LogFiles, logFilesOf } from "../../lib/runtime/log/log_files.ts";
import {
  ensureStateDir,
  type StateDir,
  stateDirOf,
} from "../../lib/runtime/state/state_dir.ts";
import { systemClock } from "../../lib/platform/clock.ts";

/** The log of a service `api`. */
export interface TestLog extends AsyncDisposable {
  readonly dir: StateDir;
  readonly files: LogFiles;
  readonly service: BoundedLog;
  /** Appends to the active file, as a service does. */
  append(content: string | Uint8Array): Promise<void>;
  /** Everything that is kept, as a reader sees it. */
  content(): Promise<string>;
  /** The names in the folder of the logs, in order. */
  names(): readonly string[];
}

/** Makes a log. */
export async function makeLog(size = 100, keep = 100): Promise<TestLog> {
  const folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  const files = logFilesOf(dir, "api");
  return {
    dir,
    files,
    service: { name: "api", log: { size, keep } },
    append: async (content) => {
      const bytes = typeof content === "string"
        ? new TextEncoder().encode(content)
        : content;
      await Deno.writeFile(files.active, bytes, { append: true });
    },
    content: async () => {
      const log = openLog(dir, "api", systemClock);
      const { end } = log.view();
      const parts: Uint8Array[] = [];
      for (let at = 0;;) {
        const chunk = await log.read(at, end);
        if (!chunk) break;
        parts.push(chunk.bytes);
        at = chunk.begin + chunk.bytes.length;
      }
      return await new Blob(parts.map((part) => part.slice())).text();
    },
    names: () => [...Deno.readDirSync(dir.logs)].map(({ name }) => name).sort(),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/**
 * Punches the head of a file as far as a reader can see: it becomes NUL bytes.
 */
export async function fakePunchHole(
  file: string,
  bytes: number,
): Promise<boolean> {
  using handle = await Deno.open(file, { write: true });
  const hole = new Uint8Array(bytes);
  for (let at = 0; at < bytes;) at += await handle.write(hole.subarray(at));
  return true;
}

/** Collapses the head of a file to which nothing is written meanwhile. */
export async function fakeCollapse(
  file: string,
  bytes: number,
): Promise<boolean> {
  const content = await Deno.readFile(file);
  await Deno.writeFile(file, content.subarray(bytes));
  return true;
}

/** Makes numbered lines of seven characters and a newline. */
export function numbered(from: number, to: number): string {
  let text = "";
  for (let line = from; line <= to; line++) {
    text += `${String(line).padStart(7, "0")}\n`;
  }
  return text;
}

/** The options by which tests rotate. */
export const FAKE_ROTATION = {
  punchHole: fakePunchHole,
  clock: systemClock,
} as const;
