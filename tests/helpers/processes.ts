/**
 * What the OS itself says about processes and ports, told without the code
 * under test.
 *
 * @module
 */

/**
 * Tells whether a process lives; a zombie does not.
 *
 * @param pid The process.
 * @returns Whether it lives.
 */
export function isAlive(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const state = stat.slice(
      stat.lastIndexOf(")") + 2,
      stat.lastIndexOf(")") + 3,
    );
    return state !== "Z" && state !== "X";
  } catch {
    return false;
  }
}

/**
 * Lists the living processes whose environment names a run of devsvc in a
 * folder: their working folder or log lies below it.
 *
 * @param root The folder.
 * @returns Their ids.
 */
export function processesIn(root: string): readonly number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const cwd = Deno.readLinkSync(`/proc/${name}/cwd`);
      if (cwd === root || cwd.startsWith(`${root}/`)) found.push(Number(name));
    } catch {
      // It ended meanwhile, or belongs to somebody else.
    }
  }
  return found.filter(isAlive);
}

/**
 * Tells whether anything answers on a port.
 *
 * @param port The port.
 * @returns Whether a connection is taken, over IPv4 or IPv6.
 */
export async function answers(port: number): Promise<boolean> {
  for (const hostname of ["127.0.0.1", "::1"]) {
    try {
      (await Deno.connect({ hostname, port })).close();
      return true;
    } catch {
      // Not there.
    }
  }
  return false;
}
