/** Ports that no other test has, for as long as a test needs them. */

/**
 * Outside of what Linux, macOS and Windows give to clients by themselves, and
 * others for Windows: Wine does not see the locks of Linux beside it.
 */
const FIRST = Deno.build.os === "windows" ? 10_000 : 20_000;
const LAST = FIRST + 9_999;

/** Ports that belong to one test until they are disposed of. */
export interface Ports extends Disposable {
  /** The ports. */
  readonly numbers: readonly number[];
}

/**
 * Reserves ports by a lock of the OS on a file a port, so that the tests of all
 * processes of a user keep out of each other's way.
 *
 * @returns The ports; each was free when it was reserved.
 */
export function reservePorts(count: number): Ports {
  const folder = lockFolder();
  Deno.mkdirSync(folder, { recursive: true });
  const locks: Deno.FsFile[] = [];
  const numbers: number[] = [];
  const span = LAST - FIRST + 1;
  const begin = Math.floor(Math.random() * span);
  const kept = keptPorts();
  for (let step = 0; step < span && numbers.length < count; step++) {
    const port = FIRST + (begin + step) % span;
    const file = Deno.openSync(`${folder}/${port}`, {
      create: true,
      write: true,
    });
    if (file.tryLockSync(true) && !kept.has(port) && isFree(port)) {
      locks.push(file);
      numbers.push(port);
    } else file.close();
  }
  if (numbers.length < count) throw new Error("Cannot reserve ports");
  return {
    numbers,
    [Symbol.dispose]: () => locks.forEach((file) => file.close()),
  };
}

/** A folder for each user: others may not write there. */
function lockFolder(): string {
  const temp = Deno.env.get("TMPDIR") ?? Deno.env.get("TEMP") ?? "/tmp";
  return `${temp}/devsvc-test-ports-${Deno.uid() ?? "user"}`;
}

/**
 * The local ports of all connections, where the kernel shows them: one that it
 * keeps after the connections of an earlier test (TIME_WAIT) can be listened on
 * with SO_REUSEADDR, as Deno does, but not without.
 */
function keptPorts(): ReadonlySet<number> {
  if (Deno.build.os !== "linux") return new Set();
  return new Set(
    ["tcp", "tcp6"].flatMap((table) =>
      [...readSockets(table).matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)]
        .map(([, port = ""]) => parseInt(port, 16))
    ),
  );
}

function readSockets(table: string): string {
  try {
    return Deno.readTextFileSync(`/proc/net/${table}`);
  } catch {
    // The kernel has no IPv6.
    return "";
  }
}

function isFree(port: number): boolean {
  return ["127.0.0.1", "0.0.0.0", "::1", "::"].every((hostname) => {
    try {
      Deno.listen({ hostname, port }).close();
      return true;
    } catch (error) {
      return !(error instanceof Deno.errors.AddrInUse);
    }
  });
}
