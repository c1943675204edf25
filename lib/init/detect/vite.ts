/**
 * Finds Vite: a script of `package.json` that runs it, or its configuration.
 */

import {
  type Candidate,
  type Evidence,
  type FoundCheck,
  type FoundPort,
  type FoundUse,
  PORT_SLOT,
} from "./candidate.ts";
import { candidateOf } from "./_line.ts";
import {
  dependenciesOf,
  packageManagerOf,
  packages,
  programCall,
  scriptEvidence,
  scriptsOf,
} from "./_node.ts";
import { parseCommand, parseScriptOf } from "./_program.ts";
import { evidenceAt, findAll, portInEnv, toPort } from "./_text.ts";
import { type Tree, within } from "./folder_tree.ts";

const CONFIG = /^vite\.config\.[cm]?[jt]s$/;

/** Scripts for development, the likeliest first. */
const SCRIPTS = ["dev", "start", "serve"];

/** Finds the Vite services of a project, one a `package.json`. */
export function vite(tree: Tree): readonly Candidate[] {
  return packages(tree).flatMap((folder): readonly Candidate[] => {
    const config = configOf(tree, folder);
    const found = byScript(tree, folder) ?? byConfig(tree, folder, config);
    if (!found) return [];
    // A port in the command takes precedence over the configuration.
    const isWritten = found.port?.from !== undefined;
    const port = isWritten ? undefined : config && portOf(tree, folder, config);
    const ready = pageOf(tree, folder);
    return [{
      ...found,
      exact: false,
      ...(port ? { port } : {}),
      ...(ready ? { ready } : {}),
      uses: config === undefined ? [] : usesOf(tree, config),
    }];
  });
}

function configOf(tree: Tree, folder: string): string | undefined {
  const name = tree.files(folder).find((file) => CONFIG.test(file));
  return name === undefined ? undefined : within(folder, name);
}

function byScript(tree: Tree, folder: string): Candidate | undefined {
  const names = [...scriptsOf(tree, folder).keys()];
  const ordered = [
    ...SCRIPTS.filter((name) => names.includes(name)),
    ...names.filter((name) => !SCRIPTS.includes(name)),
  ];
  for (const name of ordered) {
    const parsed = parseScriptOf(tree, folder, name);
    if (!parsed.keys.includes(`vite:${folder}`)) continue;
    return candidateOf(parsed, scriptEvidence(tree, folder, name));
  }
  return undefined;
}

function byConfig(
  tree: Tree,
  folder: string,
  config: string | undefined,
): Candidate | undefined {
  // Without a page, Vite only builds a library or runs tests.
  const hasPage = tree.files(folder).includes("index.html");
  const isUsed = dependenciesOf(tree, folder).has("vite");
  if (config === undefined || !isUsed || !hasPage) return undefined;
  const line: Evidence = { file: config };
  const call = programCall(packageManagerOf(tree, folder), "vite");
  const text = `${call} --port ${PORT_SLOT} --strictPort`;
  return candidateOf(
    {
      ...parseCommand(tree, { cwd: folder, text, line }),
      port: { number: 5173 },
    },
    line,
  );
}

/** `server.port`, or the `.env` where the configuration reads the variable. */
function portOf(
  tree: Tree,
  folder: string,
  config: string,
): FoundPort | undefined {
  const text = tree.read(config) ?? "";
  const server = blockOf(text, /\bserver\s*:\s*\{/);
  const match = server && /^[^/\n]*?\bport\s*:\s*(\d+)\b/m.exec(server.text);
  const number = toPort(match?.[1]);
  if (server && match && number !== undefined) {
    const at = server.start + match.index + match[0].length - 1;
    return { number, from: evidenceAt(config, text, at) };
  }
  return /\bPORT\b/.test(text)
    ? portInEnv(tree, folder, "VITE_PORT")
    : undefined;
}

/** The text between braces, without that in inner ones. */
function blockOf(
  text: string,
  begin: RegExp,
): { readonly text: string; readonly start: number } | undefined {
  const match = begin.exec(text);
  if (!match) return undefined;
  const start = match.index + match[0].length;
  let depth = 1;
  let kept = "";
  for (const letter of text.slice(start)) {
    if (letter === "{") depth++;
    if (letter === "}") depth--;
    if (depth === 0) break;
    // Of the same length, so that an index in it is one in the text.
    kept += depth === 1 || letter === "\n" ? letter : " ".repeat(letter.length);
  }
  return { text: kept, start };
}

/** With an `index.html`, the root answers. */
function pageOf(tree: Tree, folder: string): FoundCheck | undefined {
  if (!tree.files(folder).includes("index.html")) return undefined;
  const file = within(folder, "index.html") ?? "index.html";
  return { path: "/", from: { file } };
}

/** Ports that its proxy forwards to. */
function usesOf(tree: Tree, config: string): readonly FoundUse[] {
  const pattern =
    /["'`](?:https?|wss?):\/\/(?:localhost|127\.0\.0\.1|\[::1\]):(\d+)/;
  return findAll(tree, config, pattern).flatMap(({ match, evidence }) => {
    const port = toPort(match[1]);
    return port === undefined ? [] : [{ port, from: evidence }];
  });
}
