/**
 * What `devsvc init` says and writes into services.toml, in English; the type
 * of the same in every other language.
 *
 * @module
 */

import type { FileComments } from "../../init/render.ts";

function ports(numbers: readonly number[]): string {
  if (numbers.length === 0) return "";
  return ` (${numbers.length === 1 ? "port" : "ports"} ${numbers.join(", ")})`;
}

/** The texts of `devsvc init`. */
export interface InitMessages {
  /** The comments in services.toml. */
  readonly file: FileComments;
  /** Before the services that were found. */
  readonly found: (count: number, folder: string) => string;
  /** The port of a service, in a summary. */
  readonly port: (port: number) => string;
  /** A service without a port, in a summary. */
  readonly noPort: string;
  /** The folder of a service, in a summary. */
  readonly inFolder: (folder: string) => string;
  /** A port that was given because another service has the usual one. */
  readonly moved: (from: number) => string;
  /** A port that two services share. */
  readonly shared: (label: string, port: number) => string;
  /** Nothing was found: what was looked for. */
  readonly nothing: readonly string[];
  /** Before the folders that were looked in. */
  readonly looked: (folders: number, root: string) => string;
  /** Before an example of services.toml. */
  readonly byHand: string;
  /** A file was written. */
  readonly written: (file: string) => string;
  /** A file was kept under another name. */
  readonly kept: (file: string, as: string) => string;
  /** A file is already as it would be written. */
  readonly unchanged: (file: string) => string;
  /** What to do now. */
  readonly next: string;
  /** The question whether to replace files. */
  readonly replace: (files: readonly string[]) => string;
  /** The answers to it. */
  readonly answers: { readonly yes: string; readonly no: string };
  /** Files are in the way, and nobody can be asked. */
  readonly inTheWay: (files: readonly string[]) => string;
  /** Nowhere to keep a file. */
  readonly oldInTheWay: (file: string, old: string) => string;
  /** The user gave up. */
  readonly cancelled: string;
  /** The name after --config is not one that may be written. */
  readonly wrongName: (name: string) => string;
  /** A file could not be written. */
  readonly notWritten: (file: string, reason: string) => string;
}

/** The English texts. */
export const en: InitMessages = {
  file: {
    head: [
      "Written by devsvc init from what it found here: change what you like.",
      "devsvc check says who holds the ports, devsvc start starts, devsvc stop stops.",
    ],
    understoodFrom: (place, text) =>
      text === ""
        ? `Understood from ${place}`
        : `Understood from ${place}: ${text}`,
    usualPort: "the usual one",
    movedPort: (from) => `the usual one, ${from}, is that of another service`,
    sharedPort: (port, place) =>
      `It listens on ${port} (${place}), which is the port of another service: change one, then write port = … here`,
    noPort: "No port was found: if it listens on one, write port = …",
    envFile: (file) => `gives it the variables of ${file}`,
    compose: (place, names, numbers) =>
      `${place} has ${names.join(", ")}${
        ports(numbers)
      }: devsvc runs no containers, docker compose up -d does`,
  },
  found: (count, folder) =>
    `${count} ${count === 1 ? "service" : "services"} found in ${folder}`,
  port: (port) => `port ${port}`,
  noPort: "no port found",
  inFolder: (folder) => `in ${folder}`,
  moved: (from) => `instead of ${from}, which another service has`,
  shared: (label, port) =>
    `${label} listens on port ${port}, and so does another service: only one of them can. Change one in the project, then in services.toml`,
  nothing: [
    "No service was found. Looked for:",
    "  start.bat, run.bat, dev.bat     start windows that run something",
    "  Procfile, Procfile.dev          name: command",
    "  FastAPI                         app = FastAPI() in main.py, app.py, …",
    "  Flask                           app = Flask(…) in app.py, wsgi.py, …",
    "  Django                          manage.py",
    "  Vite, Next.js, npm scripts      package.json with dev, serve or start",
    "  Deno                            deno.json with a task dev, start or serve",
  ],
  looked: (folders, root) =>
    `in ${folders} ${
      folders === 1 ? "folder" : "folders"
    } from ${root} on, three deep`,
  byHand: "Write services.toml by hand, such as:",
  written: (file) => `${file} written`,
  kept: (file, as) => `the old ${file} is kept as ${as}`,
  unchanged: (file) => `${file} is already so`,
  next: "Look through services.toml, then: devsvc start",
  replace: (files) => `Already there: ${files.join(", ")}. Replace?`,
  answers: { yes: "Yes", no: "No" },
  inTheWay: (files) =>
    `Already there: ${
      files.join(", ")
    }. Nothing was written. To replace: devsvc init --force; to see it first: devsvc init --dry-run`,
  oldInTheWay: (file, old) =>
    `Cannot keep the old ${file} as ${old}, which is already there: move it away. Nothing was written.`,
  cancelled: "Cancelled: nothing was written.",
  wrongName: (name) =>
    `init writes a file called services.toml, not ${name}: use --dry-run and write it where you like`,
  notWritten: (file, reason) =>
    `Cannot write ${file}: ${reason}. init writes only in the folder that it is called in`,
};
