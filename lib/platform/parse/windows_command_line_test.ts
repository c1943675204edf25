import assert from "node:assert/strict";
import { splitCommandLine } from "./windows_command_line.ts";

Deno.test("splitCommandLine() splits as programs of Windows do", () => {
  for (
    const [line, args] of [
      ["", []],
      ["  ", []],
      ["python -m  uvicorn", ["python", "-m", "uvicorn"]],
      ['"C:\\Program Files\\x.exe" a', ["C:\\Program Files\\x.exe", "a"]],
      ['x ""', ["x", ""]],
      ['x "" y', ["x", "", "y"]],
      ['x "a b" c', ["x", "a b", "c"]],
      ['x "ab\\"c" "\\\\" d', ["x", 'ab"c', "\\", "d"]],
      ['x a\\\\b d"e f"g h', ["x", "a\\\\b", "de fg", "h"]],
      ['x a\\\\\\"b c d', ["x", 'a\\"b', "c", "d"]],
      ['x a\\\\\\\\"b c" d e', ["x", "a\\\\b c", "d", "e"]],
      ['x "a""b"', ["x", 'a"b']],
      ['x "open end', ["x", "open end"]],
    ] as const
  ) assert.deepEqual(splitCommandLine(line), args, line);
});
