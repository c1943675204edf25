/**
 * Splits a command line into its arguments, the program first, as programs of
 * Windows do
 * (https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments).
 */
export function splitCommandLine(line: string): readonly string[] {
  const args: string[] = [];
  let current: string | undefined;
  let quoted = false;
  for (const match of line.matchAll(/(\\*)("{1,2})|\\+|\s+|[^\s"\\]+/g)) {
    const [whole, slashes = "", quotes] = match;
    if (quotes !== undefined) {
      current = (current ?? "") + slashes.slice(0, slashes.length >> 1);
      const literal = slashes.length % 2;
      // Two quotes within quotes are one; the rest opens or closes.
      let left = quotes.length - literal;
      if (literal === 1) current += '"';
      if (left === 2 && quoted) current += '"';
      else while (left-- > 0) quoted = !quoted;
    } else if (/^\s/.test(whole) && !quoted) {
      if (current !== undefined) args.push(current);
      current = undefined;
    } else {
      current = (current ?? "") + whole;
    }
  }
  if (current !== undefined) args.push(current);
  return args;
}
