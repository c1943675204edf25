/** The machine, in words. */

/** Describes the machine that this runs on. */
export function describeMachine(): string {
  const cpu = /^model name\s*:\s*(.+)$/m.exec(read("/proc/cpuinfo"))?.[1] ??
    Deno.build.arch;
  const kilobytes = Number(
    /^MemTotal:\s+(\d+)/m.exec(read("/proc/meminfo"))?.[1],
  );
  const load = Deno.loadavg().map((one) => one.toFixed(1)).join(", ");
  return `${cpu.trim()}, ${navigator.hardwareConcurrency} cores, ` +
    `${Math.round(kilobytes / 1024 / 1024)} GiB, Linux ${Deno.osRelease()}; ` +
    `load at the end ${load}`;
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
