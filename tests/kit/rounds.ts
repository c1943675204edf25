/** How often the long loops of the tests go round. */

/**
 * The rounds of a loop. `.ci/run` sets `DEVSVC_THOROUGH`, to find what happens
 * once in a hundred rounds.
 */
export function rounds(
  { usual, thorough }: { readonly usual: number; readonly thorough: number },
): number {
  return Deno.env.get("DEVSVC_THOROUGH") ? thorough : usual;
}
