/**
 * What a command starts: its program and port, and the same command for another
 * OS.
 */

import {
  type Commands,
  type Evidence,
  type FoundPort,
  PORT_SLOT,
} from "./candidate.ts";
import {
  packageFile,
  packageManagerOf,
  type ScriptCall,
  scriptCall,
  scriptEvidence,
  scriptsOf,
  withArguments,
} from "./_node.ts";
import { keysOf, labelOf } from "./_identity.ts";
import {
  isBuilder,
  isOrchestrator,
  type Server,
  serverOf,
} from "./_servers.ts";
import { portIn, portInEnv, readJson, toPort } from "./_text.ts";
import { type Tree, within } from "./folder_tree.ts";
import {
  append,
  bare,
  joinCommands,
  splitChain,
  splitProgram,
  splitWords,
  takePort,
} from "./_words.ts";

/** What kind of program a command starts. */
export type Kind = "server" | "source" | "other" | "orchestrator" | "builder";

/** A command to parse. */
export interface Request {
  /** The folder that it runs in. */
  readonly cwd: string;
  /** The command. */
  readonly text: string;
  /** Where it is written. */
  readonly line: Evidence;
  /** The virtual environment that was activated before the command. */
  readonly activated?: string;
}

/** What a command starts. */
export interface ParsedCommand {
  /** What kind of program it starts. */
  readonly kind: Kind;
  /** What identifies it; see {@linkcode Candidate.keys}. */
  readonly keys: readonly string[];
  /** The name of the service. */
  readonly name: string;
  /** The name for people. */
  readonly label: string;
  /** The folder to run it in. */
  readonly cwd: string;
  /** What is run. */
  readonly command: Commands;
  /** The command only runs a script of `package.json`. */
  readonly isScript: boolean;
  /** Its port, if it listens. */
  readonly port?: FoundPort;
  /** Its variables. */
  readonly env: Readonly<Record<string, string>>;
  /** What must be added to it so that its program takes the port. */
  readonly flag?: string;
}

/** How deep scripts that call each other are followed. */
const MAX_SCRIPTS = 5;

/** Parses a command. */
export function parseCommand(
  tree: Tree,
  request: Request,
  depth = 0,
): ParsedCommand {
  const ported = takePort(request.text);
  const { env, words } = takeVariables(
    splitWords(ported?.text ?? request.text),
  );
  const call = scriptCall(words.map(bare));
  const number = ported?.port ?? toPort(env["PORT"]);
  const written = number === undefined
    ? undefined
    : { number, from: request.line };
  const parts = { words, env, ...(written ? { written } : {}) };
  const script = call && depth < MAX_SCRIPTS
    ? parseScript(tree, { ...parts, request, call, depth })
    : undefined;
  return script ?? parseProgram(tree, { ...parts, request });
}

interface Parts {
  readonly request: Request;
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The port in the command itself. */
  readonly written?: FoundPort;
}

function parseProgram(tree: Tree, parts: Parts): ParsedCommand {
  const { request, words, written } = parts;
  const { cwd } = request;
  const { prefix, program, args } = splitProgram(tree, request, words);
  const bareArgs = args.map(bare);
  const server = serverOf(program, bareArgs);
  const source = server
    ? undefined
    : sourceOf(tree, cwd, [program, ...bareArgs]);
  const sourced = source === undefined ? undefined : sourcePort(tree, source);
  const byVariable = server?.byVariable ?? sourced?.readsVariable ??
    "PORT" in parts.env;
  const command = joinCommands(prefix, args);
  const hasSlot = command.posix.includes(PORT_SLOT);
  const own = server ? { number: server.port } : sourced?.port;
  const port = written ??
    (byVariable && !hasSlot ? portInEnv(tree, cwd) : undefined) ?? own;
  const flag = flagFor(server, command.posix);
  return {
    kind: kindOf(program, server, source),
    keys: keysOf(
      tree,
      { cwd, program, args: bareArgs, server, source },
      command,
    ),
    ...labelOf(tree, { cwd, program, args: bareArgs, server, source }),
    cwd,
    command: flag === undefined ? command : append(command, flag),
    isScript: false,
    ...(port ? { port } : {}),
    env: byVariable && !hasSlot ? { ...parts.env, PORT: PORT_SLOT } : parts.env,
    ...(flag === undefined ? {} : { flag }),
  };
}

function kindOf(
  program: string,
  server: Server | undefined,
  source: string | undefined,
): Kind {
  if (server) return "server";
  if (isOrchestrator(program)) return "orchestrator";
  if (isBuilder(program)) return "builder";
  return source === undefined ? "other" : "source";
}

/** The flags of a server that its command lacks. */
function flagFor(
  server: Server | undefined,
  command: string,
): string | undefined {
  if (server?.flag === undefined) return undefined;
  if (!command.includes(PORT_SLOT)) return server.flag;
  const missing = server.flag.split(" ")
    .filter((word) => word === "--strictPort" && !command.includes(word));
  return missing[0];
}

function takeVariables(
  words: readonly string[],
): Pick<Parts, "env" | "words"> {
  const start = words[0] === "env" || words[0] === "cross-env" ? 1 : 0;
  const length = words.slice(start)
    .findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const end = length === -1 ? start : start + length;
  const env = words.slice(start, end).map((word) => {
    const at = word.indexOf("=");
    return [word.slice(0, at), bare(word.slice(at + 1))] as const;
  });
  return { env: Object.fromEntries(env), words: words.slice(end) };
}

const SOURCE = /\.(?:[cm]?[jt]sx?|py)$/;

/** The file of the project that a command runs. */
function sourceOf(
  tree: Tree,
  cwd: string,
  words: readonly string[],
): string | undefined {
  const isNode = /^(?:node|nodemon|bun|tsx|ts-node|ts-node-dev)$/
    .test(words[0] ?? "");
  const named = words.filter((word) => SOURCE.test(word) || word === ".");
  const { main } = readJson(tree, packageFile(cwd));
  const fallback = typeof main === "string" ? main : "index.js";
  const files = named.map((word) => word === "." ? fallback : word);
  const wanted = files.length === 0 && isNode ? [fallback] : files;
  return wanted.map((file) => within(cwd, file))
    .find((file) => file !== undefined && tree.has(file));
}

/** The port of an entry file. */
interface SourcePort {
  readonly port?: FoundPort;
  /** It reads its port from the variable `PORT`. */
  readonly readsVariable: boolean;
}

const READS_VARIABLE =
  /(?:process\.env|Deno\.env|Bun\.env|import\.meta\.env|os\.environ|getenv|std::env|ENV)\b[^\n]{0,12}?\bPORT\b/;

/** The default of the variable. */
const DEFAULT_OF_VARIABLE =
  /\bPORT\b["'\])\s]*(?:\|\||\?\?|,)\s*["'(]*(\d{2,5})\b/;

const LITERALS = [
  /\blisten\(\s*(\d{2,5})\b/,
  /\b(?:uvicorn\.|app\.|\w+\.)?(?:run|serve|listen|createServer)\([^)]*?\bport\s*[:=]\s*(\d{2,5})\b/,
  /Server\(\s*\([^,()]*,\s*(\d{2,5})\s*\)/,
  /\bport\b\s*(?::\s*\w+\s*)?[:=]\s*(\d{2,5})\b/i,
] as const;

function sourcePort(tree: Tree, file: string): SourcePort {
  const readsVariable = READS_VARIABLE.test(tree.read(file) ?? "");
  const patterns = readsVariable
    ? [DEFAULT_OF_VARIABLE, ...LITERALS]
    : LITERALS;
  const port = portIn(tree, file, ...patterns);
  return { ...(port ? { port } : {}), readsVariable };
}

interface Script extends Parts {
  readonly call: ScriptCall;
  readonly depth: number;
}

/** A script starts what its body starts, by the package manager. */
function parseScript(
  tree: Tree,
  { request, call, env, written, depth }: Script,
): ParsedCommand | undefined {
  const folder = within(request.cwd, call.folder);
  if (folder === undefined) return undefined;
  const body = scriptsOf(tree, folder).get(call.script);
  if (body === undefined) return undefined;
  const inner = parseBody(tree, {
    folder,
    body,
    line: scriptEvidence(tree, folder, call.script),
    depth: depth + 1,
  });
  const args = call.args.map((word) => word === "" ? '""' : word).join(" ");
  const plain = `${call.manager} run ${call.script}` +
    (args === "" ? "" : ` ${args}`);
  // Where the call has the port, only what else is missing is added.
  const flag = written ? inner.flag?.split(PORT_SLOT).at(-1) : inner.flag;
  const text = withArguments(plain, call.manager, (flag ?? "").trim());
  const port = written ?? inner.port;
  return {
    ...inner,
    keys: [`script:${folder}#${call.script}`, ...inner.keys],
    cwd: folder,
    command: { posix: text, windows: text },
    isScript: call.args.length === 0,
    ...(port ? { port } : {}),
    env: { ...inner.env, ...env },
  };
}

/** The last command of the body is the one that keeps running. */
function parseBody(
  tree: Tree,
  { folder, body, line, depth }: {
    readonly folder: string;
    readonly body: string;
    readonly line: Evidence;
    readonly depth: number;
  },
): ParsedCommand {
  let cwd = folder;
  const parts = splitChain(body, ";");
  for (const part of parts.slice(0, -1)) {
    const [word, to = ""] = splitWords(part).map(bare);
    if (word === "cd") cwd = within(cwd, to) ?? cwd;
  }
  const text = parts.at(-1) ?? "";
  const { env, ...inner } = parseCommand(tree, { cwd, text, line }, depth);
  // Variables that the body sets need not be set around it. Where a pipe or
  // another command follows, no argument can be added at its end.
  const isOpen = !/[|&;<>]/.test(text);
  const takesPort = env["PORT"] === PORT_SLOT && !/\bPORT=/.test(body);
  const { flag, ...others } = inner;
  return {
    ...others,
    env: takesPort ? { PORT: PORT_SLOT } : {},
    ...(flag !== undefined && isOpen ? { flag } : {}),
  };
}

/**
 * Parses a script as its package manager runs it.
 *
 * @param folder The folder of `package.json`.
 */
export function parseScriptOf(
  tree: Tree,
  folder: string,
  script: string,
): ParsedCommand {
  const text = `${packageManagerOf(tree, folder)} run ${script}`;
  const line = scriptEvidence(tree, folder, script);
  return parseCommand(tree, { cwd: folder, text, line });
}
