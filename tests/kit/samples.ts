/**
 * Copies of the sample projects in `tests/fixtures/projects`, with programs
 * that stand in for what `pip` and `npm` would install.
 *
 * A stand-in is a shell script in the place of the real program. It takes the
 * same arguments, and serves with Deno on the port that they or `PORT` name: what
 * is tested is that devsvc finds, starts and stops the right command in the right
 * folder, not uvicorn or Vite. Those run for real in `init_stack_test.ts`.
 */

import { type Run, runDevsvc } from "./run_devsvc.ts";
import { fixture } from "./paths.ts";
import { ON_LINUX } from "./os_tags.ts";
import { processesLeftIn } from "./processes.ts";
import { writeProgram } from "./program.ts";

/** A copy of a sample project; nothing of it is left when the test ends. */
export interface Sample extends AsyncDisposable {
  /** Its folder, absolute. */
  readonly root: string;
  /** Runs devsvc in it. */
  run(...args: readonly string[]): Promise<Run>;
  /** Reads a file of it. */
  read(path: string): string;
  /** Writes a file of it, and its folders. */
  write(path: string, text: string): void;
  /** Whether a file of it exists. */
  has(path: string): boolean;
  /** Replaces numbers in a file of it. */
  renumber(path: string, numbers: ReadonlyMap<number, number>): void;
}

/**
 * Copies a sample project.
 *
 * @param name Its name; without one, the folder is empty.
 */
export function copySample(
  name?: string,
  numbers: ReadonlyMap<number, number> = new Map(),
): Sample {
  const base = Deno.makeTempDirSync({ prefix: "devsvc-init-" });
  const root = `${Deno.realPathSync(base)}/project`;
  Deno.mkdirSync(root);
  if (name !== undefined) {
    copyFolder(fixture(`projects/${name}`), root, numbers);
  }
  const path = `${root}/.bin:${Deno.env.get("PATH") ?? ""}`;
  const run = (...args: readonly string[]) =>
    runDevsvc(args, { cwd: root, env: { PATH: path } });
  const sample = {
    root,
    run,
    read: (path: string) => Deno.readTextFileSync(`${root}/${path}`),
    write: (path: string, text: string) => {
      const file = `${root}/${path}`;
      Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      Deno.writeTextFileSync(file, text);
    },
    has: (path: string) => exists(`${root}/${path}`),
  };
  return {
    ...sample,
    renumber: (path, numbers) =>
      sample.write(path, renumber(sample.read(path), numbers)),
    [Symbol.asyncDispose]: async () => {
      const stop = exists(`${root}/.devsvc`) ? await run("stop") : undefined;
      const left = ON_LINUX.ignore ? [] : await processesLeftIn(root);
      for (const pid of left) Deno.kill(pid, "SIGKILL");
      await Deno.remove(base, { recursive: true });
      const isClean = left.length === 0 && (stop?.code ?? 0) === 0;
      if (!isClean) {
        throw new Error(
          `Cannot stop the sample: ${stop?.stderr} left: ${left}`,
        );
      }
    },
  };
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function copyFolder(
  from: string,
  to: string,
  numbers: ReadonlyMap<number, number>,
): void {
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) {
      Deno.mkdirSync(`${to}/${name}`);
      copyFolder(`${from}/${name}`, `${to}/${name}`, numbers);
      continue;
    }
    const text = Deno.readTextFileSync(`${from}/${name}`);
    Deno.writeTextFileSync(`${to}/${name}`, renumber(text, numbers));
  }
}

function renumber(
  text: string,
  numbers: ReadonlyMap<number, number>,
): string {
  // At once, or a new number could be taken for an old one.
  return text.replace(
    /\b\d{4,5}\b/g,
    (digits) => String(numbers.get(Number(digits)) ?? digits),
  );
}

/** Serves on the port among its arguments, or in `PORT`. */
const SERVE = `
const words = Deno.args.join(" ");
const told = /(?:--port|-p|-m http.server|runserver)[ =](\\d+)/.exec(words)?.[1];
const port = Number(told ?? Deno.env.get("PORT"));
Deno.serve({ hostname: "127.0.0.1", port }, () => new Response(words));
`;

/** Runs a script of package.json as its package manager does. */
const RUN_SCRIPT = `
const [, name, ...rest] = Deno.args;
const { scripts } = JSON.parse(Deno.readTextFileSync("package.json"));
const words = [scripts[name], ...rest.filter((word) => word !== "--")];
const PATH = Deno.cwd() + "/node_modules/.bin:" + Deno.env.get("PATH");
const child = new Deno.Command("/bin/sh", {
  args: ["-c", words.join(" ")],
  env: { PATH },
  stdin: "null",
}).spawn();
Deno.exit((await child.status).code);
`;

/**
 * Puts a program in the place of another.
 *
 * @param path Where the program would be, such as `.venv/bin/uvicorn`; what
 * lies in `.bin` is on PATH.
 */
export function standIn(
  sample: Sample,
  path: string,
  kind: "server" | "package-manager" = "server",
): void {
  const file = `.stand-ins/${kind}.ts`;
  sample.write(file, kind === "server" ? SERVE : RUN_SCRIPT);
  const deno = `"${Deno.execPath()}" run -A --no-config --no-lock`;
  // uv and Poetry are called with `run` before the program, which is the same.
  const script = `exec ${deno} "${sample.root}/${file}" "$@"`;
  writeProgram(`${sample.root}/${path}`, script);
}
