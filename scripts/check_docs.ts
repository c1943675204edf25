/**
 * Checks that every exported symbol of `lib/` is documented by a sentence, and
 * that no tag only repeats a name and its type: `deno task doc`.
 *
 * `deno doc --lint` also wants every type that a signature names to be public
 * in the same file, which packages and shared types cannot be; those findings
 * are left out.
 */

const LEFT_OUT = "error[private-type-ref]";

/** What a documented declaration says, as `deno doc --json` prints it. */
export interface Declaration {
  readonly jsDoc?: {
    readonly doc?: string;
    readonly tags?: readonly Tag[];
  };
  readonly def?: {
    readonly params?: readonly {
      readonly name?: string;
      readonly tsType?: unknown;
    }[];
    readonly returnType?: unknown;
  };
}

interface Tag {
  readonly kind: string;
  readonly name?: string;
  readonly doc?: string;
}

interface DocFile {
  readonly symbols?: readonly {
    readonly name: string;
    readonly declarations: readonly (Declaration & {
      readonly location: { readonly filename: string; readonly line: number };
    })[];
  }[];
}

/** Words that say nothing beside a name. */
const FILLERS = new Set(
  "a an and as by for if in is it its of on or that the their them these this those to which with"
    .split(" "),
);

/** Says what is wrong with the documentation of a symbol. */
export function docIssues(
  name: string,
  { jsDoc: { doc = "", tags = [] } = {}, def }: Declaration,
): readonly string[] {
  const issues: string[] = [];
  const [paragraph = ""] = doc.trim().split(/\n\n/);
  if (paragraph !== "" && !isSentence(paragraph)) {
    issues.push(`not a sentence: ${JSON.stringify(paragraph)}`);
  }
  for (const tag of tags) {
    const type = tag.kind === "param"
      ? def?.params?.find((param) => param.name === tag.name)?.tsType
      : def?.returnType;
    const known = tag.kind === "param"
      ? tag.name ?? ""
      : tag.kind === "return"
      ? name
      : undefined;
    if (known === undefined || !isRepetition(tag.doc ?? "", known, type)) {
      continue;
    }
    const label = tag.kind === "param" ? `@param ${tag.name}` : "@returns";
    issues.push(`${label} only repeats the name: ${tag.doc?.trim() ?? ""}`);
  }
  return issues;
}

/**
 * A sentence begins with a capital letter or code (a file name is code too) and
 * ends with a period, or with a colon before a list.
 */
function isSentence(paragraph: string): boolean {
  return /^(?:[A-Z\d`]|\{@link|devsvc\b|\w+\.\w)/.test(paragraph) &&
    /[.:]$/.test(paragraph);
}

function isRepetition(text: string, name: string, type: unknown): boolean {
  const known = new Set([...wordsOf(name), ...wordsOf(typeNames(type))]);
  return wordsOf(text).every((word) => FILLERS.has(word) || known.has(word));
}

/** The words of a text or of a name in camel case, in the singular. */
function wordsOf(text: string): readonly string[] {
  return text.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()
    .match(/[a-z0-9]+/g)?.map((word) =>
      FILLERS.has(word) ? word : word.replace(/(?<=..)s$/, "")
    ) ?? [];
}

function typeNames(type: unknown): string {
  return [...JSON.stringify(type ?? "").matchAll(/"repr":"(\w+)"/g)]
    .map(([, repr]) => repr).join(" ");
}

function* sources(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sources(path);
    else if (/^(?!_).*(?<!_test)\.ts$/.test(entry.name)) yield path;
  }
}

async function denoDoc(args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

async function lintFindings(files: readonly string[]): Promise<string[]> {
  return (await denoDoc(["--lint", ...files]))
    .split(/\n(?=error\[)/)
    .filter((text) => text.startsWith("error[") && !text.startsWith(LEFT_OUT));
}

async function wordFindings(files: readonly string[]): Promise<string[]> {
  const { nodes }: { readonly nodes: Readonly<Record<string, DocFile>> } = JSON
    .parse(await denoDoc(["--quiet", "--json", ...files]));
  const found = Object.values(nodes).flatMap(({ symbols = [] }) =>
    symbols.flatMap(({ name, declarations }) =>
      declarations.flatMap((declaration) => {
        const { filename, line } = declaration.location;
        const at = `${filename.replace(/^.*\/(?=lib\/|main\.ts)/, "")}:${line}`;
        return docIssues(name, declaration)
          .map((issue) => `${at} ${name}: ${issue}`);
      })
    )
  );
  return [...new Set(found)];
}

if (import.meta.main) {
  const files = [...sources("lib"), "main.ts"].toSorted();
  const findings = (await Promise.all([
    lintFindings(files),
    wordFindings(files),
  ])).flat();
  const text = findings.length > 0
    ? `${findings.join("\n")}\n`
    : `${files.length} files documented\n`;
  await Deno.stdout.write(new TextEncoder().encode(text));
  Deno.exit(findings.length > 0 ? 1 : 0);
}
