/**
 * Names another version of Deno wherever this repository names one:
 *
 *     deno run -A scripts/update_deno.ts 2.9.7
 *
 * @module
 */

/** Each file that names the version, and how; all others read it there. */
export const PLACES: readonly {
  /** The file. */
  readonly path: string;
  /** What stands there; the version is the only group. */
  readonly pattern: RegExp;
}[] = [
  { path: "README.md", pattern: /(?<=npx -y deno@)([\d.]+\d)/g },
  { path: "tests/windows/setup.sh", pattern: /(?<=deno_version=)([\d.]+\d)/g },
];

const ROOT = new URL("../", import.meta.url);

/** Reads every version that the repository names. */
export async function namedVersions(): Promise<
  ReadonlyMap<string, readonly string[]>
> {
  const named = await Promise.all(PLACES.map(async ({ path, pattern }) => {
    const text = await Deno.readTextFile(new URL(path, ROOT));
    return [path, text.match(pattern) ?? []] as const;
  }));
  return new Map(named);
}

if (import.meta.main) {
  const [version = ""] = Deno.args;
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    await Deno.stderr.write(new TextEncoder().encode(
      `Cannot name Deno "${version}": expected a version such as 2.9.6\n`,
    ));
    Deno.exit(2);
  }
  for (const { path, pattern } of PLACES) {
    const url = new URL(path, ROOT);
    const text = await Deno.readTextFile(url);
    await Deno.writeTextFile(url, text.replaceAll(pattern, version));
  }
}
