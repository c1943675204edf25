/**
 * How often the long loops of the tests go round.
 *
 * @module
 */

/**
 * The rounds of a loop: a usual run shows that it holds, the gate
 * (`DEVSVC_THOROUGH`) looks for what happens once in a hundred times.
 */
export function rounds(
  { usual, thorough }: { readonly usual: number; readonly thorough: number },
): number {
  return Deno.env.get("DEVSVC_THOROUGH") ? thorough : usual;
}
