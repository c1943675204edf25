/**
 * Being told when run records change, or the marks beside them.
 *
 * @module
 */

import type { StateDir } from "../state/state_dir.ts";

/** A folder that is watched. */
export interface RunRecordWatch extends Disposable {
  /** Whether nobody tells: the folder must be read again and again. */
  isBlind(): boolean;
}

/**
 * Watches the folder of the run records.
 *
 * @param folder The folder, absolute.
 * @param onChange Is told of each change; many come at once.
 * @returns The watch; a blind one where the OS does not tell.
 */
export function watchRunRecords(
  { fs, runs }: StateDir,
  onChange: () => void,
): RunRecordWatch {
  let watcher: Deno.FsWatcher | undefined;
  try {
    watcher = fs.watchFs(runs, { recursive: false });
  } catch {
    // The user has no watches left (`man 7 inotify`), or there is no folder.
  }
  const listen = async (changes: Deno.FsWatcher) => {
    for await (const { kind } of changes) {
      if (kind !== "access") onChange();
    }
  };
  const end = () => {
    watcher = undefined;
  };
  if (watcher) listen(watcher).then(end, end);
  return {
    isBlind: () => watcher === undefined,
    [Symbol.dispose]: () => watcher?.close(),
  };
}
