/**
 * Checks that every exported symbol of `lib/` is documented: `deno task doc`.
 *
 * `deno doc --lint` also wants every type that a signature names to be public
 * in the same file, which packages and shared types cannot be; those findings
 * are left out.
 *
 * @module
 */

const LEFT_OUT = "error[private-type-ref]";

function* sources(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sources(path);
    else if (/^(?!_).*(?<!_test)\.ts$/.test(entry.name)) yield path;
  }
}

const files = [...sources("lib"), "main.ts"].toSorted();
const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...files],
  env: { NO_COLOR: "1" },
}).output();
const decoder = new TextDecoder();
const findings = (decoder.decode(stdout) + decoder.decode(stderr))
  .split(/\n(?=error\[)/)
  .filter((text) => text.startsWith("error[") && !text.startsWith(LEFT_OUT));
const told = findings.length > 0
  ? findings.join("\n")
  : `${files.length} files documented\n`;
await Deno.stdout.write(new TextEncoder().encode(told));
Deno.exit(findings.length > 0 ? 1 : 0);
