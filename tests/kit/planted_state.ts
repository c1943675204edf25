/**
 * Folders `.devsvc` that nobody's devsvc made: what a cloned repository, another
 * user or a hostile service can put there, in random combinations.
 */

import fc from "fast-check";

/** What stands in one place of `.devsvc`. */
export type Planted =
  /** Nothing. */
  | "nothing"
  /** What devsvc writes there, made in another folder and copied. */
  | "genuine"
  /** The same, with one thing bent. */
  | "bent"
  /** A link to a file of the user. */
  | "link-to-file"
  /** A link to a folder of the user. */
  | "link-to-folder"
  /** A link to a file that is not there yet, in a folder of the user. */
  | "dangling-link"
  /** A second name of a file of the user. */
  | "hard-link"
  /** A folder with a file in it. */
  | "folder"
  /** A pipe: who opens it waits for ever. */
  | "fifo"
  /** Random bytes. */
  | "bytes"
  /** An empty file. */
  | "empty"
  /** A file of a size that devsvc never writes. */
  | "giant";

const KINDS: readonly Planted[] = [
  "nothing",
  "genuine",
  "bent",
  "link-to-file",
  "link-to-folder",
  "dangling-link",
  "hard-link",
  "folder",
  "fifo",
  "bytes",
  "empty",
  "giant",
];

/** How a genuine file is bent. */
export type Bend =
  | "version"
  | "future"
  | "past"
  | "run"
  | "service"
  | "key"
  | "cut"
  | "restarts";

const BENDS: readonly Bend[] = [
  "version",
  "future",
  "past",
  "run",
  "service",
  "key",
  "cut",
  "restarts",
];

/** A place and what stands in it. */
export interface PlantedFile {
  /** Its path below `.devsvc`. */
  readonly path: string;
  /** What stands there. */
  readonly kind: Planted;
  /** How it is bent, where it is. */
  readonly bend: Bend;
  /** The bytes, where they are random. */
  readonly bytes: Uint8Array;
  /** It belongs to another user; only root can plant that. */
  readonly isForeign: boolean;
  /** Its mode. */
  readonly mode: number;
}

/** A `.devsvc`. */
export interface PlantedState {
  /**
   * The folder itself: made by this devsvc before the rest was planted in it, a
   * plain folder, a link, or a file.
   */
  readonly folder: "made-here" | "plain" | "link" | "file";
  /** The folder belongs to another user; only root can plant that. */
  readonly isForeign: boolean;
  /** The folders `runs` and `logs` are links to folders of the user. */
  readonly linked: readonly string[];
  /** What is in it. */
  readonly files: readonly PlantedFile[];
}

/** The places that devsvc reads and writes. */
export const PLACES: readonly string[] = [
  "origin.json",
  ".gitignore",
  "lock",
  "lock.json",
  "supervisor.json",
  "supervisor.lock",
  "devsvc.log",
  "devsvc.log.1",
  "logs.worker.lock",
  "runs/web.json",
  "runs/worker.json",
  "runs/gone.json",
  "runs/worker.json.RUN.exit",
  "runs/worker.json.RUN.stop-requested",
  "runs/worker.json.RUN.reported",
  "logs/web.log",
  "logs/worker.log",
  "logs/worker.log.json",
  "logs/worker.log.part",
  "logs/worker.log.100",
  "logs/worker.times",
  "keeper.json",
  "leases/worker.json",
];

const anyFile = (path: string): fc.Arbitrary<PlantedFile> =>
  fc.record({
    path: fc.constant(path),
    kind: fc.constantFrom(...KINDS),
    bend: fc.constantFrom(...BENDS),
    bytes: fc.uint8Array({ maxLength: 64 }),
    isForeign: fc.oneof(
      { weight: 9, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
    mode: fc.constantFrom(0o600, 0o600, 0o644, 0o666, 0o400, 0o000),
  });

/** Any `.devsvc`. */
export const anyPlantedState: fc.Arbitrary<PlantedState> = fc.record({
  folder: fc.constantFrom(
    "made-here",
    "made-here",
    "plain",
    "plain",
    "link",
    "file",
  ),
  isForeign: fc.constantFrom(false, false, false, false, true),
  linked: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.subarray(["runs", "logs"]) },
  ),
  files: fc.tuple(...PLACES.map(anyFile)),
});

/** What a planted state is put together from. */
export interface PlantingGround {
  /** The project, absolute. */
  readonly root: string;
  /** The folder of the user's own files, absolute. */
  readonly home: string;
  /** A pipe, which is given a second name where one is planted. */
  readonly fifo: string;
  /** A `.devsvc` that devsvc made in another folder: its files by their paths. */
  readonly genuine: ReadonlyMap<string, string>;
  /** The run id of its record of `worker`. */
  readonly run: string;
  /** Whether this user may give files to another one. */
  readonly canChown: boolean;
}

/** The user `nobody`. */
const FOREIGN = 65_534;

const GIANT = 3 * 1024 ** 3;

/** Puts a state into a project; the folder may have been made there before. */
export function plant(state: PlantedState, ground: PlantingGround): void {
  const { root, home, canChown } = ground;
  const folder = `${root}/.devsvc`;
  if (state.folder === "link") Deno.symlinkSync(`${home}/folder`, folder);
  if (state.folder === "file") Deno.writeTextFileSync(folder, "mine\n");
  if (state.folder === "link" || state.folder === "file") return;
  Deno.mkdirSync(folder, { recursive: true });
  for (const name of ["runs", "logs", "leases"]) {
    const path = `${folder}/${name}`;
    if (!state.linked.includes(name)) {
      Deno.mkdirSync(path, { recursive: true });
      continue;
    }
    removeAll(path);
    Deno.symlinkSync(`${home}/folder`, path);
  }
  for (const file of state.files) {
    // What would lie behind a link is not planted: it is the user's.
    if (state.linked.some((name) => file.path.startsWith(`${name}/`))) continue;
    plantFile(file, folder, ground);
  }
  if (state.isForeign && canChown) Deno.chownSync(folder, FOREIGN, FOREIGN);
}

function plantFile(
  { path, kind, bend, bytes, isForeign, mode }: PlantedFile,
  folder: string,
  { home, fifo, genuine, run, canChown }: PlantingGround,
): void {
  const target = `${folder}/${path.replace("RUN", run)}`;
  if (kind === "nothing") return;
  removeAll(target);
  const text = genuine.get(path.replace("RUN", run)) ?? "";
  switch (kind) {
    case "genuine":
      Deno.writeTextFileSync(target, text);
      break;
    case "bent":
      Deno.writeTextFileSync(target, bent(text, bend));
      break;
    case "link-to-file":
      Deno.symlinkSync(`${home}/file`, target);
      return;
    case "link-to-folder":
      Deno.symlinkSync(`${home}/folder`, target);
      return;
    case "dangling-link":
      Deno.symlinkSync(`${home}/folder/new`, target);
      return;
    case "hard-link":
      Deno.linkSync(`${home}/file`, target);
      return;
    case "fifo":
      Deno.linkSync(fifo, target);
      return;
    case "folder":
      Deno.mkdirSync(target);
      Deno.writeTextFileSync(`${target}/data`, "mine\n");
      return;
    case "bytes":
      Deno.writeFileSync(target, bytes);
      break;
    case "empty":
      Deno.writeFileSync(target, new Uint8Array());
      break;
    case "giant":
      Deno.writeFileSync(target, new Uint8Array());
      Deno.truncateSync(target, GIANT);
      break;
  }
  Deno.chmodSync(target, mode);
  if (isForeign && canChown) Deno.chownSync(target, FOREIGN, FOREIGN);
}

function removeAll(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Changes one thing of a file in JSON; of any other file it leaves a part. */
function bent(text: string, bend: Bend): string {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text);
  } catch {
    return text.slice(0, text.length / 2);
  }
  switch (bend) {
    case "version":
      return JSON.stringify({ ...value, version: 99 });
    case "future":
      return JSON.stringify({
        ...value,
        startedAt: "2999-01-01T00:00:00.000Z",
      });
    case "past":
      return JSON.stringify({
        ...value,
        startedAt: "1970-01-01T00:00:00.000Z",
      });
    case "run":
      return JSON.stringify({ ...value, run: "0" });
    case "service":
      return JSON.stringify({ ...value, service: "other" });
    case "key":
      return JSON.stringify({ ...value, key: crypto.randomUUID() });
    case "restarts":
      return JSON.stringify({ ...value, restarts: -1 });
    case "cut":
      return text.slice(0, text.length / 2);
  }
}
