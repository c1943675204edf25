/** TAB behind `devsvc`, pressed in real shells. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { runDevsvc } from "../kit/run_devsvc.ts";
import { openProgramRun, type TerminalRun } from "../kit/pty.ts";
import { installDevsvc, needs } from "../kit/interactive_shell.ts";

const SERVICES = `language = "en"
[services.web-app]
label = "The site"
command = ["false"]
[services.api]
command = ["false"]
[services.worker-2]
command = ["false"]
`;

/** What TAB does to a line. */
interface Case {
  /** What is typed before it. */
  readonly typed: string;
  /** What the line is then. */
  readonly line: string;
  /** What is offered, if more than one goes on from there. */
  readonly offered?: readonly string[];
  /** What is not. */
  readonly absent?: readonly string[];
  /** The services.toml of the folder, if not the usual one. */
  readonly toml?: string;
}

/** Not all of these begin alike, so nothing is added to the line. */
const CASES: readonly Case[] = [
  {
    typed: "devsvc sta",
    line: "devsvc sta",
    offered: ["start", "status"],
    absent: ["stop", "__complete"],
  },
  { typed: "devsvc compl", line: "devsvc completions " },
  { typed: "devsvc completions f", line: "devsvc completions fish " },
  { typed: "devsvc start we", line: "devsvc start web-app " },
  { typed: "devsvc why ap", line: "devsvc why api " },
  {
    typed: "devsvc start web-app ",
    line: "devsvc start web-app ",
    offered: ["api", "worker-2"],
    absent: ["--force"],
  },
  { typed: "devsvc start --forc", line: "devsvc start --force " },
  { typed: "devsvc --no-c", line: "devsvc --no-color " },
  { typed: "devsvc check --lang f", line: "devsvc check --lang fr " },
  { typed: "devsvc check --lang=f", line: "devsvc check --lang=fr " },
  {
    typed: "devsvc start --on-conflict ",
    line: "devsvc start --on-conflict ",
    offered: ["ask", "fail", "restart", "keep"],
    absent: ["web-app"],
  },
  {
    typed: "devsvc start --on-conflict=re",
    line: "devsvc start --on-conflict=restart ",
  },
  {
    typed: "devsvc check --config servi",
    line: "devsvc check --config services.toml ",
  },
  // Whatever is typed is never run, nor taken from the file to be run.
  {
    typed: "devsvc start $(touch gone) we",
    line: "devsvc start $(touch gone) web-app ",
  },
  {
    typed: "devsvc start ",
    line: "devsvc start good ",
    toml: '[services."$(touch gone)"]\n[services."`touch gone`"]\n' +
      '[services."a;touch gone"]\n[services.good]\n',
  },
  // Nothing is said into the prompt, whatever is wrong with the file.
  { typed: "devsvc start ", line: "devsvc start ", toml: "[services\n!" },
  { typed: "devsvc stop w", line: "devsvc stop w", toml: "services = 1" },
  { typed: "devsvc nonsense x", line: "devsvc nonsense x" },
];

/** How a shell is begun and told of the script. */
interface Shell {
  readonly words: readonly string[];
  readonly load: string;
}

const SHELLS = {
  bash: {
    words: ["bash", "--norc", "--noprofile", "-i"],
    load: "bind 'set show-all-if-ambiguous on' 'set bell-style none'; " +
      'eval "$(devsvc completions bash)"',
  },
  zsh: {
    words: ["zsh", "-f", "-i"],
    load: "autoload -Uz compinit && compinit -D -u; unsetopt list_beep; " +
      "source <(devsvc completions zsh)",
  },
} as const satisfies Readonly<Record<string, Shell>>;

/** Opens a shell that knows devsvc, and waits until it takes keys itself. */
async function openShell(
  { words, load }: Shell,
  { folder, env }: Folder,
): Promise<TerminalRun> {
  const run = openProgramRun(words, { cwd: folder, env });
  // What is typed before the shell reads keys itself is shown twice.
  await run.waitFor(/^>$/m);
  run.type(`${load}; echo loa''ded\r`);
  await run.waitFor(/^loaded\n>$/m);
  return run;
}

for (const [name, shell] of Object.entries(SHELLS)) {
  for (const { typed, line, offered = [], absent = [], toml } of CASES) {
    const about = toml === undefined
      ? typed
      : `${typed} in ${toml.split("\n")[0]}`;
    Deno.test(`${name} completes at TAB: ${about}`, needs(name), async () => {
      using project = makeFolder(toml ?? SERVICES);
      await using run = await openShell(shell, project);
      // The shell takes the last sign only when it is done with the TAB.
      run.type(`${typed}\t#`);
      await run.waitFor(/^> .*#$/m);
      const screen = run.screen().join("\n");
      const after = screen.slice(screen.indexOf("\nloaded\n") + 8);
      const last = after.split("\n").findLast((text) => text.includes("#"));
      strictEqual(last, `> ${line}#`, screen);
      const words = after.split(/\s+/);
      for (const word of offered) ok(words.includes(word), screen);
      for (const word of absent) ok(!words.includes(word), screen);
      if (offered.length === 0) strictEqual(after.trim(), `> ${line}#`);
      deepStrictEqual(project.files(), ["services.toml"]);
    });
  }
}

/** What fish offers for a line, by the word. */
async function askFish(
  line: string,
  project: Folder,
): Promise<ReadonlyMap<string, string>> {
  const { stdout, stderr } = await new Deno.Command("fish", {
    args: [
      "--no-config",
      "-c",
      "devsvc completions fish | source; complete -C $argv[1]",
      line,
    ],
    cwd: project.folder,
    env: { ...project.env },
  }).output();
  strictEqual(new TextDecoder().decode(stderr), "");
  const lines = new TextDecoder().decode(stdout).split("\n").slice(0, -1);
  return new Map(
    lines.map((text): [string, string] => {
      const [word = "", about = ""] = text.split("\t");
      return [word, about];
    }),
  );
}

for (const { typed, line, offered = [], absent = [], toml } of CASES) {
  const about = toml === undefined
    ? typed
    : `${typed} in ${toml.split("\n")[0]}`;
  Deno.test(`fish completes: ${about}`, needs("fish"), async () => {
    using project = makeFolder(toml ?? SERVICES);
    const found = await askFish(typed, project);
    const word = /\S+ $/.exec(line)?.[0].trim();
    const expected = offered.length > 0
      ? offered
      : line === typed || word === undefined
      ? []
      : [word];
    deepStrictEqual([...found.keys()].toSorted(), [...expected].toSorted());
    for (const other of absent) ok(!found.has(other));
    deepStrictEqual(project.files(), ["services.toml"]);
  });
}

Deno.test(
  "fish completes: it tells what the words mean",
  needs("fish"),
  async () => {
    using project = makeFolder(SERVICES.replace('"en"', '"fr"'));
    const commands = await askFish("devsvc chec", project);
    match(commands.get("check") ?? "", /^Dit quels ports sont libres/);
    const flags = await askFish("devsvc start --dry", project);
    match(flags.get("--dry-run") ?? "", /^Écrit ce qui serait fait/);
    const services = await askFish("devsvc stop we", project);
    strictEqual(services.get("web-app"), "The site");
  },
);

Deno.test(
  "zsh completes at TAB: it tells what the words mean",
  needs("zsh"),
  async () => {
    using project = makeFolder(SERVICES);
    await using run = await openShell(SHELLS.zsh, project);
    run.type("devsvc stop \t");
    await run.waitFor(/^web-app +-- The site$/m);
  },
);

Deno.test(
  "zsh completes at TAB: from a file in its $fpath",
  needs("zsh"),
  async () => {
    using project = makeFolder(SERVICES);
    const { HOME } = project.env;
    const made = await runDevsvc(["completions", "zsh"], { cwd: "." });
    await Deno.writeTextFile(`${HOME}/_devsvc`, made.stdout);
    const load = "fpath=(~ $fpath); autoload -Uz compinit && compinit -D -u";
    await using run = await openShell({ ...SHELLS.zsh, load }, project);
    run.type("devsvc restart work\t#");
    await run.waitFor("> devsvc restart worker-2 #");
  },
);

Deno.test(
  "bash completes at TAB: files, without what bash 3.2 lacks",
  needs("bash"),
  async () => {
    using project = makeFolder(SERVICES);
    const load = `enable -n compopt; ${SHELLS.bash.load}`;
    for (const flag of ["--config ", "--config="]) {
      await using run = await openShell({ ...SHELLS.bash, load }, project);
      run.type(`devsvc check ${flag}servi\t#`);
      await run.waitFor(`> devsvc check ${flag}services.toml #`);
    }
  },
);

Deno.test("the names are those of the file that --config names", async () => {
  using project = makeFolder(SERVICES);
  await Deno.writeTextFile(`${project.folder}/other.toml`, "[services.db]\n");
  for (const words of [["--config", "other.toml"], ["--config=other.toml"]]) {
    const run = await runDevsvc(["__complete", "=", "start", ...words], {
      cwd: project.folder,
    });
    deepStrictEqual(run, { code: 0, stdout: "db\n", stderr: "" });
  }
});

Deno.test("the names are found from a folder of the project", async () => {
  using project = makeFolder(SERVICES);
  await Deno.mkdir(`${project.folder}/sub`);
  const run = await runDevsvc(["__complete", "=a", "start"], {
    cwd: `${project.folder}/sub`,
  });
  deepStrictEqual(run, { code: 0, stdout: "api\n", stderr: "" });
});

Deno.test("a wrong shell is an error with a suggestion, in both languages", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["en", /^devsvc: There is no completion for "bsh": did you mean bash\? /],
    ["fr", /^devsvc : Pas de complétion pour « bsh » : vouliez-vous dire bash/],
  ];
  for (const [language, expected] of cases) {
    const words = ["completions", "bsh", "--lang", language];
    const run = await runDevsvc(words, { cwd: "." });
    strictEqual(run.code, 2);
    strictEqual(run.stdout, "");
    match(run.stderr, expected);
    match(run.stderr, /bash, zsh, fish, powershell\n$/);
  }
  strictEqual((await runDevsvc(["completions"], { cwd: "." })).code, 2);
});

Deno.test("the script of PowerShell asks devsvc and nothing else", async () => {
  const { code, stdout } = await runDevsvc(["completions", "powershell"], {
    cwd: ".",
  });
  strictEqual(code, 0);
  match(stdout, /^Register-ArgumentCompleter -Native -CommandName 'devsvc'/m);
  match(stdout, /& devsvc __complete "=\$typed" @before 2>\$null/);
  ok(!/Invoke-Expression/.test(stdout.replaceAll(/^#.*$/gm, "")));
  for (const [open, close] of ["{}", "()", "[]"]) {
    const count = (sign = "") => stdout.split(sign).length;
    strictEqual(count(open), count(close), `${open}${close}`);
  }
});

Deno.test("PowerShell parses its script", needs("pwsh"), async () => {
  using devsvc = installDevsvc();
  const { code, stdout } = await new Deno.Command("pwsh", {
    args: [
      "-NoProfile",
      "-Command",
      "devsvc completions powershell | Out-String | Invoke-Expression; " +
      "(TabExpansion2 'devsvc completions f' 20).CompletionMatches.CompletionText",
    ],
    env: { PATH: devsvc.path },
  }).output();
  strictEqual(code, 0);
  strictEqual(new TextDecoder().decode(stdout).trim(), "fish");
});

/** A folder with a services.toml, and the environment of a shell in it. */
interface Folder extends Disposable {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  files(): readonly string[];
}

function makeFolder(toml: string): Folder {
  const devsvc = installDevsvc();
  const base = Deno.makeTempDirSync({ prefix: "devsvc-" });
  const folder = `${base}/project`;
  Deno.mkdirSync(folder);
  Deno.mkdirSync(`${base}/home`);
  Deno.writeTextFileSync(`${folder}/services.toml`, toml);
  return {
    folder,
    env: {
      PATH: devsvc.path,
      HOME: `${base}/home`,
      PS1: "> ",
      LANG: "C.UTF-8",
      LC_ALL: "",
    },
    files: () => [...Deno.readDirSync(folder)].map(({ name }) => name),
    [Symbol.dispose]: () => {
      Deno.removeSync(base, { recursive: true });
      devsvc[Symbol.dispose]();
    },
  };
}
