/**
 * Where the keys and values of a TOML document are in its text. Loaded only
 * once something is wrong.
 */

import { type AST, parseTOML } from "toml-eslint-parser";
import type { ConfigPath, ConfigPlace } from "./config_issue.ts";

type Span = readonly [start: number, end: number];

/** The place of an issue about the file as a whole. */
export const WHOLE_FILE: ConfigPlace = {
  line: 0,
  column: 0,
  source: "",
  indent: 0,
  width: 0,
};

/** The keys and values of one document. */
interface Positions {
  /**
   * Finds a key or a value, or the nearest key around it.
   *
   * @returns Its part of the text; undefined where nothing is near.
   */
  find(path: ConfigPath, at: "key" | "value"): Span | undefined;
}

/** How much of a long line is kept on each side of a place, in UTF-16 units. */
const MAX_CONTEXT = 100;

/**
 * Turns a part of a text into the place that is shown.
 *
 * @param end Where it ends; what is beyond the first line is left out.
 */
export function placeAt(
  text: string,
  start: number,
  end: number,
): ConfigPlace {
  const before = text.slice(0, start).split(/\r?\n/);
  const lineStart = start - (before.at(-1) ?? "").length;
  const lineEnd = lineStart + lineOf(text, lineStart).length;
  const isLong = lineEnd - lineStart > 2 * MAX_CONTEXT;
  const from = isLong ? Math.max(lineStart, start - MAX_CONTEXT) : lineStart;
  const to = isLong ? Math.min(lineEnd, start + MAX_CONTEXT) : lineEnd;
  const part = text.slice(start, Math.min(end, to)).trimEnd();
  return {
    line: before.length,
    column: lengthOf(text.slice(lineStart, start)) + 1,
    source: text.slice(from, to),
    indent: lengthOf(text.slice(from, start)),
    width: Math.max(1, lengthOf(part)),
  };
}

function lineOf(text: string, start: number): string {
  const end = text.indexOf("\n", start);
  return text.slice(start, end < 0 ? text.length : end).replace(/\r$/, "");
}

/** Counts characters (code points). */
function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** A key with its value, and the keys below it. */
interface Node {
  key?: Span;
  value?: Span;
  below?: Map<string | number, Node>;
}

function childOf(node: Node, part: string | number): Node {
  node.below ??= new Map();
  const known = node.below.get(part);
  if (known) return known;
  const child: Node = {};
  node.below.set(part, child);
  return child;
}

function keyText(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === "TOMLBare" ? key.name : key.value;
}

/** Adds every part of a dotted key; the last one is what it defines. */
function addKeys(parent: Node, keys: AST.TOMLKey["keys"]): Node {
  let node = parent;
  for (const [index, part] of keys.entries()) {
    node = childOf(node, keyText(part));
    if (index === keys.length - 1) node.key = part.range;
    else node.key ??= part.range;
  }
  return node;
}

function addValue(node: Node, content: AST.TOMLContentNode): void {
  node.value = content.range;
  if (content.type === "TOMLArray") {
    for (const [index, element] of content.elements.entries()) {
      addValue(childOf(node, index), element);
    }
  } else if (content.type === "TOMLInlineTable") {
    for (const pair of content.body) addPair(node, pair);
  }
}

function addPair(table: Node, pair: AST.TOMLKeyValue): void {
  addValue(addKeys(table, pair.key.keys), pair.value);
}

function addTable(top: Node, table: AST.TOMLTable): void {
  const names = table.key.keys;
  let node = top;
  let index = 0;
  // The resolved key holds the indices of arrays of tables as well.
  for (const part of table.resolvedKey) {
    node = childOf(node, part);
    const name = typeof part === "string" ? names[index++] : undefined;
    if (!name) continue;
    if (index === names.length) node.key = name.range;
    else node.key ??= name.range;
  }
  for (const pair of table.body) addPair(node, pair);
}

function read(text: string): Node {
  const top: Node = {};
  try {
    const [{ body }] = parseTOML(text, { tomlVersion: "1.1" }).body;
    for (const node of body) {
      if (node.type === "TOMLTable") addTable(top, node);
      else addPair(top, node);
    }
  } catch {
    // The two parsers differ at the edges of TOML: an issue without a place is
    // better than none.
  }
  return top;
}

/**
 * Finds the keys and values of a document.
 *
 * @param text TOML without a byte order mark.
 */
export function positionsOf(text: string): Positions {
  const top = read(text);
  return {
    find(path, at) {
      let node: Node | undefined = top;
      let span: Span | undefined;
      for (const part of path) {
        node = node.below?.get(part);
        if (!node) break;
        span = (at === "value" ? node.value : undefined) ?? node.key ?? span;
      }
      return span;
    },
  };
}
