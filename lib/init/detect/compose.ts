/**
 * Finds the services of Docker Compose, which devsvc names but does not run.
 */

import type { ComposeService } from "./candidate.ts";
import { findIn, toPort } from "./_text.ts";
import { type Tree, within } from "./folder_tree.ts";

const NAMES = /^(?:docker-)?compose(?:\.[\w-]+)?\.ya?ml$/;

/**
 * Finds the services of the Compose files of a project.
 *
 * It reads the usual form only: names indented below `services:`, ports in
 * lists of `"8080:80"`.
 */
export function compose(tree: Tree): readonly ComposeService[] {
  return tree.folders.flatMap((folder) =>
    tree.files(folder).filter((name) => NAMES.test(name))
      .flatMap((name): readonly ComposeService[] => {
        const file = within(folder, name) ?? name;
        const from = findIn(tree, file, /^services:/)?.evidence;
        const block = blockOf(tree.read(file) ?? "");
        const names = namesIn(block);
        if (!from || names.length === 0) return [];
        return [{ from, names, ports: portsIn(block) }];
      })
  );
}

/** The lines below `services:`. */
function blockOf(text: string): readonly string[] {
  const lines = text.split("\n");
  const begin = lines.findIndex((line) => /^services:/.test(line));
  if (begin === -1) return [];
  const after = lines.slice(begin + 1);
  const end = after.findIndex((line) => /^[^\s#]/.test(line));
  return end === -1 ? after : after.slice(0, end);
}

function namesIn(block: readonly string[]): readonly string[] {
  const keys = block.flatMap((line) => {
    const match = /^(\s+)["']?([\w.-]+)["']?:/.exec(line);
    return match
      ? [{ indent: match[1]?.length ?? 0, name: match[2] ?? "" }]
      : [];
  });
  const outermost = Math.min(...keys.map(({ indent }) => indent));
  return keys.filter(({ indent }) => indent === outermost)
    .map(({ name }) => name);
}

function portsIn(block: readonly string[]): readonly number[] {
  return block.flatMap((line) => {
    const match =
      /^\s+-\s+["']?(?:[\d.]+:)?(\d+):\d+(?:\/tcp)?["']?\s*(?:#.*)?$/
        .exec(line);
    const port = toPort(match?.[1]);
    return port === undefined ? [] : [port];
  });
}
