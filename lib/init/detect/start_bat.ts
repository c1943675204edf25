/**
 * Finds what a batch file such as `start.bat` starts: the windows that it
 * opens, and the server that it ends with.
 */

import type { Candidate, Evidence, FoundCheck } from "./candidate.ts";
import { candidateOf, findFolder, parseLine } from "./_line.ts";
import { HTTP_PATH } from "../../config/values.ts";
import type { ParsedCommand } from "./_program.ts";
import type { Tree } from "./folder_tree.ts";
import { bare, splitWords } from "./_words.ts";

/** The files, and those that `devsvc init` kept as `.old`. */
const NAMES =
  /^(?:start|run|dev|demarrer|lancer|start[-_](?:dev|all))\.(?:bat|cmd)(?:\.old)?$/i;

/**
 * Finds the services that the batch files of the project's own folder start.
 *
 * @returns The candidates, in the order of the lines.
 */
export function startBat(tree: Tree): readonly Candidate[] {
  const names = tree.files("").filter((name) => NAMES.test(name));
  for (const name of names) {
    const found = readBatch(tree, name);
    if (found.length > 0) return found;
  }
  return [];
}

/** The state of the shell before a line. */
interface ShellState {
  readonly cwd: string | undefined;
  readonly stack: readonly (string | undefined)[];
  readonly variables: ReadonlyMap<string, string>;
}

function readBatch(tree: Tree, file: string): readonly Candidate[] {
  let state: ShellState = { cwd: "", stack: [], variables: new Map() };
  const candidates: Candidate[] = [];
  const checks = new Map<number, FoundCheck>();
  for (const { text: raw, evidence } of linesOf(tree, file)) {
    const text = expand(raw, state.variables);
    for (const [port, check] of urlsIn(text, evidence)) {
      if (!checks.has(port)) checks.set(port, check);
    }
    const candidate = startedBy(tree, state, { text, evidence });
    if (candidate) candidates.push(candidate);
    else state = stateAfter(tree, state, text);
  }
  return candidates.map((candidate) => {
    const ready = checks.get(candidate.port?.number ?? 0);
    return ready ? { ...candidate, ready } : candidate;
  });
}

interface BatchLine {
  readonly text: string;
  readonly evidence: Evidence;
}

/** The lines without comments and `@`; those that end with `^` are joined. */
function linesOf(tree: Tree, file: string): readonly BatchLine[] {
  const lines = (tree.read(file) ?? "").split("\n");
  const found: BatchLine[] = [];
  for (let at = 0; at < lines.length; at++) {
    const first = at;
    let text = lines[at] ?? "";
    while (/(?:^|[^^])\^\s*$/.test(text) && at + 1 < lines.length) {
      text = text.replace(/\^\s*$/, "") + (lines[++at] ?? "").trim();
    }
    const bareText = text.trim().replace(/^@/, "").trim();
    if (/^(?:::|rem\b|echo\b|title\b|$)/i.test(bareText)) continue;
    const evidence = { file, line: first + 1, text: bareText };
    found.push({ text: bareText, evidence });
  }
  return found;
}

/** Expands variables, but not `%~dp0`: it is the folder of the project. */
function expand(
  text: string,
  variables: ReadonlyMap<string, string>,
): string {
  return text.replace(
    /%(\w+)%|!(\w+)!/g,
    (whole, name, late) =>
      variables.get(String(name ?? late).toLowerCase()) ?? whole,
  );
}

/** `curl http://localhost:8000/health`: the check of the batch file itself. */
function urlsIn(
  text: string,
  from: Evidence,
): readonly (readonly [number, FoundCheck])[] {
  if (!/\b(?:curl|wget|invoke-webrequest|iwr)\b/i.test(text)) return [];
  const urls = /https?:\/\/(?:localhost|127\.0\.0\.1):(\d+)(\/[^\s"'^|&>)]*)?/g;
  return [...text.matchAll(urls)].flatMap(([, port, path = "/"]) =>
    HTTP_PATH.test(path) ? [[Number(port), { path, from }] as const] : []
  );
}

function stateAfter(tree: Tree, state: ShellState, text: string): ShellState {
  const [word = "", ...rest] = splitWords(text);
  const command = word.toLowerCase();
  const variable = /^set\s+"?([^"=]+?)=([^"]*)"?\s*$/i.exec(text);
  if (variable) {
    const [, name = "", value = ""] = variable;
    return {
      ...state,
      variables: new Map(state.variables).set(name.toLowerCase(), value.trim()),
    };
  }
  if (command === "popd") {
    return {
      ...state,
      cwd: state.stack.at(-1),
      stack: state.stack.slice(0, -1),
    };
  }
  if (!/^(?:cd|chdir|pushd)$/.test(command)) return state;
  const path = rest.map(bare).filter((one) => !/^\/d$/i.test(one)).join(" ");
  const stack = command === "pushd" ? [...state.stack, state.cwd] : state.stack;
  return { ...state, stack, cwd: findFolder(tree, state.cwd, path) };
}

function startedBy(
  tree: Tree,
  { cwd }: ShellState,
  { text, evidence }: BatchLine,
): Candidate | undefined {
  const start = /^start\s+(.+)$/i.exec(text)?.[1];
  if (start === undefined) return foreground(tree, cwd, { text, evidence });
  const window = readStart(start);
  const folder = window.folder === undefined
    ? cwd
    : findFolder(tree, cwd, window.folder);
  if (folder === undefined) return undefined;
  const parsed = parseLine(tree, {
    cwd: folder,
    text: window.command,
    evidence,
    separator: window.isPowerShell ? ";" : "&",
  });
  if (!parsed || !isService(parsed)) return undefined;
  const candidate = candidateOf(parsed, evidence);
  const label = titleOf(window.title);
  if (label === undefined) return candidate;
  // `React (Vite)` is named `react`, as by the other detectors.
  const name = label.replace(/\s*\(.*?\)\s*/g, " ").trim();
  return { ...candidate, name: name || label, label };
}

/** What no `start` runs in a window of its own is a service only if it is a server. */
function foreground(
  tree: Tree,
  cwd: string | undefined,
  { text, evidence }: BatchLine,
): Candidate | undefined {
  if (cwd === undefined || /^(?:for|if|set|goto|exit)\b|^[:(]/i.test(text)) {
    return undefined;
  }
  const parsed = parseLine(tree, { cwd, text, evidence, separator: "&" });
  return parsed?.kind === "server" ? candidateOf(parsed, evidence) : undefined;
}

/** Pages in a browser and other batch files are no services. */
function isService({ kind, command }: ParsedCommand): boolean {
  const { posix } = command;
  return kind !== "builder" && kind !== "orchestrator" &&
    !/^["']?(?:https?:|explorer|code|timeout|notepad|chrome|firefox|msedge)/i
      .test(posix) &&
    !/\.(?:bat|cmd|html?)\b/i.test(posix);
}

interface Window {
  readonly title?: string;
  readonly folder?: string;
  readonly command: string;
  readonly isPowerShell: boolean;
}

/** `start "Title" /D folder /MIN cmd /k "…"` (`start /?`). */
function readStart(text: string): Window {
  const words = [...splitWords(text)];
  let title: string | undefined;
  let folder: string | undefined;
  if (words[0]?.startsWith('"')) title = bare(words.shift() ?? "");
  while (words[0]?.startsWith("/")) {
    const option = words.shift() ?? "";
    const joined = /^\/d(.+)$/i.exec(option)?.[1];
    if (joined !== undefined) folder = bare(joined);
    else if (/^\/d$/i.test(option)) folder = bare(words.shift() ?? "");
  }
  // A part of the text, not the words joined, to keep the blanks between them.
  const rest = words[0] === undefined ? "" : text.slice(
    text.indexOf(words[0], (title ?? "").length),
  );
  return {
    ...(title === undefined ? {} : { title }),
    ...(folder === undefined ? {} : { folder }),
    ...innermost(rest),
  };
}

/** `cmd /k "a && b"` and `powershell -NoExit -Command "a; b"`. */
function innermost(text: string): Pick<Window, "command" | "isPowerShell"> {
  const cmd = /^cmd(?:\.exe)?\s+(?:\/[a-jl-z:]+\s+)*\/[kc]\s*(.*)$/i.exec(text);
  if (cmd) return { command: unwrap(cmd[1] ?? ""), isPowerShell: false };
  const power = /^(?:powershell|pwsh)(?:\.exe)?\s.*?-c(?:ommand)?\s+(.*)$/i
    .exec(text);
  if (power) return { command: unwrap(power[1] ?? ""), isPowerShell: true };
  return { command: unescape(text), isPowerShell: false };
}

function unwrap(text: string): string {
  const whole = /^"(.*)"$/.exec(text.trim())?.[1];
  return whole ?? unescape(text.trim());
}

/** Outside of quotes `^&` is a plain `&`. */
function unescape(text: string): string {
  return text.replace(/\^([&|<>^()])/g, "$1");
}

/** A title without its port and decoration. */
function titleOf(title: string | undefined): string | undefined {
  const name = title
    ?.replace(/[\s\-–—:|([]*(?:\bport\s*)?:?\b\d{4,5}\b[)\]]*/gi, " ")
    .replace(/%~?\w+%?/g, " ").replace(/\s+/g, " ").trim();
  return name === undefined || !/[\p{L}\p{N}]/u.test(name) ? undefined : name;
}
