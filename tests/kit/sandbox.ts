/**
 * A part of Linux that only the processes of one test see: other tools in
 * `/usr/bin`, another network, another user. It takes root to make one.
 */

import { ON_LINUX } from "./os_tags.ts";
import { devsvcCommand, ENGLISH, isRoot, type Run } from "./run_devsvc.ts";
import { fromFileUrl } from "./paths.ts";

/** Another user, who owns nothing here: `nobody` on every Linux. */
export const NOBODY = 65_534;

/** A namespace that the test can enter; it ends with the test. */
export interface Sandbox extends AsyncDisposable {
  /** Runs devsvc inside. */
  run(
    args: readonly string[],
    options: SandboxRun,
  ): Promise<Run & { readonly elapsed: number }>;
  /** Starts any program inside. */
  command(
    program: string,
    args: readonly string[],
    options?: Deno.CommandOptions,
  ): Deno.Command;
}

/** How devsvc is run inside. */
export interface SandboxRun {
  /** The folder that it is called in. */
  readonly cwd: string;
  /** Set on top of the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** As `nobody`, not as root. */
  readonly powerless?: boolean;
}

/** `/srv` is on every Linux, and no program uses it. */
const OWN_GROUND = "mount -t tmpfs -o mode=755 tmpfs /srv\n";

/**
 * Gives `/usr/bin` and `/usr/sbin` of their own, to be changed at will: what is
 * changed is seen inside only.
 */
export const OWN_TOOLS = `
base=/srv/tools
for dir in /usr/bin /usr/sbin; do
  mkdir -p $base$dir/upper $base$dir/work
  mount -t overlay overlay \\
    -o lowerdir=$dir,upperdir=$base$dir/upper,workdir=$base$dir/work $dir
done
`;

const SOURCE = fromFileUrl(new URL("../../", import.meta.url));
const CACHE = Deno.env.get("DENO_DIR") ??
  `${Deno.env.get("HOME")}/.cache/deno`;

/** A folder that `nobody` may read, unlike the home of root. */
const OPEN = "/srv/open";

const OPEN_TO_ALL = `
mkdir ${OPEN}
cd ${OPEN}
mkdir source cache upper work
touch program
mount --bind '${devsvcCommand()[0]}' program
mount --bind '${SOURCE}' source
if [ -d '${CACHE}' ]; then
  mount -t overlay overlay \\
    -o lowerdir='${CACHE}',upperdir=$PWD/upper,workdir=$PWD/work cache
fi
chmod a+rwx cache
cd /
`;

/** Options of a test that needs a sandbox. */
export const SANDBOX = { ignore: !canMake(OWN_GROUND + OWN_TOOLS) } as const;

/** What is said of a test that is left out because of that. */
export const SANDBOX_NEEDS = "(root, unshare and overlay)";

/** Takes tools away. */
export function withoutTools(...names: readonly string[]): string {
  return names.map((name) => `rm -f /usr/bin/${name} /usr/sbin/${name}`)
    .join("\n");
}

/**
 * Puts a shell script in the place of a tool.
 *
 * @param script What it does instead; \`$real\` is the tool itself.
 */
export function toolInstead(name: string, script: string): string {
  return `
real=$(command -v ${name} || echo /nowhere)
[ -e $real ] && cp -p $real $base/real-${name}
{
  echo "#!/bin/sh"
  echo "real=$base/real-${name}"
  echo '${script.replaceAll("'", "'\\''")}'
} >$base/new-${name}
chmod 755 $base/new-${name}
mv -f $base/new-${name} /usr/bin/${name}
`;
}

/**
 * Makes a sandbox.
 *
 * @param options With a network of its own, of which only loopback is up.
 */
export async function openSandbox(
  setup: string,
  options: { readonly network?: boolean } = {},
): Promise<Sandbox> {
  const inside = options.network ? ["--mount", "--net"] : ["--mount"];
  const network = options.network ? "ip link set lo up\n" : "";
  const script = `set -e
${OWN_GROUND}${OPEN_TO_ALL}${network}${setup}
echo ready
read -r end || exit 0`;
  const holder = new Deno.Command("unshare", {
    args: [...inside, "/bin/sh", "-c", script],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = holder.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  const dispose = async () => {
    await holder.stdin.close().catch(() => {});
    await holder.status;
    await output.cancel();
  };
  const { value = "" } = await output.read();
  if (!value.startsWith("ready")) {
    await dispose();
    throw new Error(`Cannot make a sandbox: ${value}`);
  }
  const command: Sandbox["command"] = (program, args, { cwd, ...more } = {}) =>
    new Deno.Command("nsenter", {
      args: [
        `--target=${holder.pid}`,
        ...inside,
        ...["env", "-C", String(cwd ?? "/"), program, ...args],
      ],
      ...more,
    });
  return {
    command,
    run: (args, run) => runInside(command, args, run),
    [Symbol.asyncDispose]: dispose,
  };
}

async function runInside(
  command: Sandbox["command"],
  args: readonly string[],
  { cwd, env = {}, powerless = false }: SandboxRun,
): Promise<Run & { readonly elapsed: number }> {
  const words = [...devsvcCommand(), ...args].map((word, index) =>
    index === 0 ? `${OPEN}/program` : word.replace(SOURCE, `${OPEN}/source/`)
  );
  const [program = "", ...rest] = powerless
    ? [
      "setpriv",
      `--reuid=${NOBODY}`,
      `--regid=${NOBODY}`,
      "--clear-groups",
      ...words,
    ]
    : words;
  const begun = performance.now();
  const { code, stdout, stderr } = await command(program, rest, {
    cwd,
    env: {
      ...ENGLISH,
      NO_COLOR: "",
      ...(powerless ? { HOME: cwd, DENO_DIR: `${OPEN}/cache` } : {}),
      ...env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
    elapsed: performance.now() - begun,
  };
}

function canMake(setup: string): boolean {
  if (ON_LINUX.ignore || !isRoot()) return false;
  try {
    return new Deno.Command("unshare", {
      args: ["--mount", "--net", "/bin/sh", "-c", `set -e\n${setup}`],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).outputSync().success;
  } catch {
    return false;
  }
}
