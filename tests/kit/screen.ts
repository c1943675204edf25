/**
 * What a terminal shows after all that was written to it: enough of one for
 * lines that are drawn again.
 */

import stringWidth from "fast-string-width";

/** A control sequence, a control character, or one visible character. */
// deno-lint-ignore no-control-regex
const TOKEN = /\x1b\[([?\d;]*)([A-Za-z])|\x1b[^[]|[^]/gu;

/**
 * Draws an output on an endless screen.
 *
 * @returns Its lines without trailing blanks.
 */
export function drawScreen(
  output: string,
  columns: number,
): readonly string[] {
  const rows: string[][] = [[]];
  let row = 0;
  let column = 0;
  const line = () => rows[row] ??= [];
  for (const [token, parameter = "", final] of output.matchAll(TOKEN)) {
    const count = Number(parameter) || 1;
    if (final !== undefined) {
      if (final === "A") row = Math.max(0, row - count);
      if (final === "B") row += count;
      if (final === "C") column = Math.min(columns - 1, column + count);
      if (final === "D") column = Math.max(0, column - count);
      if (final === "G") column = count - 1;
      if (final === "K" && parameter === "2") line().length = 0;
      if (final === "K" && parameter !== "2") line().length = column;
      if (final === "J") {
        rows.length = row + 1;
        line().length = Math.min(line().length, column);
      }
    } else if (token === "\r") column = 0;
    else if (token === "\n") row++;
    else if (token === "\b") column = Math.max(0, column - 1);
    else if (token >= " " && token !== "\x7f") {
      const width = stringWidth(token);
      if (column + width > columns) {
        row++;
        column = 0;
      }
      for (let at = line().length; at < column; at++) line()[at] = " ";
      if (width === 0 && column > 0) line()[column - 1] += token;
      else line()[column] = token;
      for (let more = 1; more < width; more++) line()[column + more] = "";
      column += width;
    }
  }
  return Array.from(rows, (cells = []) => cells.join("").trimEnd());
}
