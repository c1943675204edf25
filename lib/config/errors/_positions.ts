/**
 * Where the keys and values of a TOML document are in its text. Loaded only
 * once something is wrong.
 *
 * @module
 */

import { type AST, parseTOML } from "toml-eslint-parser";
import type { ConfigPath, ConfigPlace } from "./config_issue.ts";

type Span = readonly [start: number, end: number];

/** The place of a mistake about the file as a whole. */
export const WHOLE_FILE: ConfigPlace = {
  line: 0,
  column: 0,
  source: "",
  width: 0,
};

/** The keys and values of one document. */
export interface Positions {
  /**
   * Finds a key or a value, or the nearest key around it.
   *
   * @returns The place; that of the whole file where nothing is near.
   */
  find(path: ConfigPath, at: "key" | "value"): ConfigPlace;
  /**
   * Finds where a key stands first.
   *
   * @returns The offset in the text; undefined where there is no such key.
   */
  offset(path: ConfigPath): number | undefined;
}

/**
 * Turns a part of a text into the place that a person looks for.
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
  const source = text.slice(lineStart).split(/\r?\n/, 1)[0] ?? "";
  const lineEnd = lineStart + source.length;
  const part = text.slice(start, Math.min(end, lineEnd)).trimEnd();
  return {
    line: before.length,
    column: Array.from(text.slice(lineStart, start)).length + 1,
    source,
    width: Math.max(1, Array.from(part).length),
  };
}

interface Spans {
  readonly keys: Map<string, Span>;
  readonly values: Map<string, Span>;
}

function id(path: ConfigPath): string {
  return JSON.stringify(path);
}

function keyText(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === "TOMLBare" ? key.name : key.value;
}

/** Notes every part of a dotted key; the last one is what it defines. */
function noteKey(
  { keys }: Spans,
  parts: AST.TOMLKey["keys"],
  pathOf: (index: number) => ConfigPath,
): void {
  for (const [index, part] of parts.entries()) {
    const name = id(pathOf(index));
    const defines = index === parts.length - 1;
    if (defines || !keys.has(name)) keys.set(name, part.range);
  }
}

function noteValue(spans: Spans, node: AST.TOMLContentNode, path: ConfigPath) {
  spans.values.set(id(path), node.range);
  if (node.type === "TOMLArray") {
    for (const [index, element] of node.elements.entries()) {
      noteValue(spans, element, [...path, index]);
    }
  } else if (node.type === "TOMLInlineTable") {
    for (const pair of node.body) notePair(spans, pair, path);
  }
}

function notePair(spans: Spans, pair: AST.TOMLKeyValue, table: ConfigPath) {
  const names = pair.key.keys.map(keyText);
  noteKey(
    spans,
    pair.key.keys,
    (index) => [...table, ...names.slice(0, index + 1)],
  );
  noteValue(spans, pair.value, [...table, ...names]);
}

function noteTable(spans: Spans, table: AST.TOMLTable) {
  // The resolved key holds the indices of arrays of tables as well.
  const ends = table.resolvedKey.flatMap((part, index) =>
    typeof part === "string" ? [index + 1] : []
  );
  noteKey(
    spans,
    table.key.keys,
    (index) => table.resolvedKey.slice(0, ends[index]),
  );
  for (const pair of table.body) notePair(spans, pair, table.resolvedKey);
}

function read(text: string): Spans {
  const spans: Spans = { keys: new Map(), values: new Map() };
  try {
    const [top] = parseTOML(text, { tomlVersion: "1.1" }).body;
    for (const node of top.body) {
      if (node.type === "TOMLTable") noteTable(spans, node);
      else notePair(spans, node, []);
    }
  } catch {
    // The two parsers differ at the edges of TOML: a mistake without a place
    // is better than none.
  }
  return spans;
}

/**
 * Finds the keys and values of a document.
 *
 * @param text TOML without a byte order mark.
 */
export function positionsOf(text: string): Positions {
  const { keys, values } = read(text);
  return {
    find(path, at) {
      for (let length = path.length; length > 0; length--) {
        const name = id(path.slice(0, length));
        const value = at === "value" ? values.get(name) : undefined;
        const span = value ?? keys.get(name);
        if (span) return placeAt(text, ...span);
      }
      return WHOLE_FILE;
    },
    offset: (path) => keys.get(id(path))?.[0],
  };
}
