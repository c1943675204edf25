/** The shape of the sources: which room may import which, and no circle. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { fromFileUrl } from "./kit/paths.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url)).replaceAll("\\", "/");

/** What each room of `lib` may import besides itself. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  platform: ["core"],
  config: ["core", "platform"],
  init: ["core", "platform", "config"],
  report: ["core", "config", "init"],
  runtime: ["core", "platform", "config"],
  cli: ["core", "platform", "config", "init", "report", "runtime"],
};

function* sources(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(`${ROOT}${folder}`)) {
    const path = `${folder}/${entry.name}`;
    if (path === "tests/fixtures/projects") continue;
    if (entry.isDirectory) yield* sources(path);
    else if (entry.name.endsWith(".ts")) yield path;
  }
}

const FILES = ["lib", "tests", "bench", "scripts"]
  .flatMap((folder) => [...sources(folder)]);
const SHIPPED = FILES.filter((path) =>
  path.startsWith("lib/") && !path.endsWith("_test.ts")
);

/** The files of this repository that a file imports, at once or when needed. */
function importsOf(path: string): readonly string[] {
  const text = Deno.readTextFileSync(ROOT + path);
  const found = text.matchAll(
    /(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+\.ts)"/g,
  );
  return [...found].map(([, specifier = ""]) =>
    new URL(specifier, `file:///${path}`).pathname.slice(1)
  );
}

function roomOf(path: string): string {
  return path.split("/")[1] ?? "";
}

Deno.test("every import points to a room that its own may know", () => {
  const wrong = SHIPPED.flatMap((path) =>
    importsOf(path).filter((target) => {
      if (!target.startsWith("lib/")) return true;
      const [from, to] = [roomOf(path), roomOf(target)];
      return from !== to && !ARROWS[from]?.includes(to);
    }).map((target) => `${path} → ${target}`)
  );
  deepStrictEqual(wrong, []);
});

Deno.test("no file imports itself through others", () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) circles.push([...trail.slice(at), path].join(" → "));
    if (at >= 0 || done.has(path)) return;
    for (const target of importsOf(path)) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of SHIPPED) walk(path, []);
  deepStrictEqual(circles, []);
});

Deno.test("no file name stands in two folders", () => {
  const folders = new Map<string, string[]>();
  for (const path of FILES) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    folders.set(name, [...folders.get(name) ?? [], path]);
  }
  const twice = [...folders.values()].filter((paths) => paths.length > 1);
  deepStrictEqual(twice, []);
});

Deno.test("only the platform knows which system it runs on, only main.ts exits", () => {
  const wrong = SHIPPED.filter((path) => {
    const text = Deno.readTextFileSync(ROOT + path);
    return /Deno\.exit\b/.test(text) ||
      (roomOf(path) !== "platform" && /Deno\.build\.os\b/.test(text));
  });
  deepStrictEqual(wrong, []);
  ok(SHIPPED.length > 100);
});

/** The file operations of Deno, and of Node where it is imported. */
const FILE_OPERATION =
  /\bDeno\.(?:chmod|copyFile|create|link|lstat|mkdir|open|read(?:Dir|File|Link|TextFile)|remove|rename|stat|symlink|truncate|utime|watchFs|writeFile|writeTextFile)(?:Sync)?\b|(?<!\.)\b(?:openSync|writeFileSync|readFileSync)\(/;

/** What works on other files than those of `.devsvc`, and on which. */
const OTHER_FILES: Readonly<Record<string, string>> = {
  "lib/cli/commands/_init_files.ts": "what init writes",
  "lib/config/_read_text.ts": "services.toml and env files",
  "lib/config/locate.ts": "the search for services.toml",
  "lib/config/cross_checks.ts": "folders that services.toml names",
  "lib/init/detect/folder_tree.ts": "the project that init reads",
  "lib/platform/file_system.ts": "the operations, which are handed on",
  "lib/platform/windows/windows_launch.ts": "the log, handed on to the service",
};

Deno.test("only lib/runtime/state opens .devsvc, and all that is handed a file system gets the guarded one", () => {
  const direct = SHIPPED.filter((path) =>
    !path.startsWith("lib/runtime/state/") && FILE_OPERATION.test(code(path))
  );
  deepStrictEqual(direct.toSorted(), Object.keys(OTHER_FILES).toSorted());
  const named = SHIPPED.filter((path) =>
    !path.startsWith("lib/runtime/state/") &&
    /["'`/]\.devsvc["'`/]|\braw\.|\bhost\.fs\b|\bcontext\.fs\b/.test(
      code(path),
    )
  );
  deepStrictEqual(named.toSorted(), HANDED_ON);
});

/**
 * They hand the file system of the machine to `stateDirOf`, which guards it, or
 * ask where the root of the project lies, or whether a program lies in it.
 */
const HANDED_ON: readonly string[] = [
  "lib/runtime/observe.ts",
  "lib/runtime/start/exit_hint.ts",
  "lib/runtime/supervisor/supervisor.ts",
];

/** The text of a file without its comments. */
function code(path: string): string {
  return Deno.readTextFileSync(ROOT + path)
    .replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}
