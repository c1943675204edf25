/** Issues in services.toml and in the call: reported well, and nothing starts. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { makeFolder, type TestFolder, until } from "../kit/test_process.ts";
import { type Run, runDevsvc } from "../kit/run_devsvc.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { processesIn } from "../kit/processes.ts";
import { reportOf } from "../kit/report.ts";

/** A services.toml that cannot be used. */
interface BadFile {
  readonly title: string;
  readonly toml: readonly string[];
  /** Line and column of the issue. */
  readonly at: string;
  readonly en: RegExp;
  readonly fr: RegExp;
}

const ONE = ["[services.a]", 'command = "sleep 1000"'];
const TWO = ["[services.b]", 'command = "sleep 1000"'];

const BAD_FILES: readonly BadFile[] = [
  {
    title: "broken TOML",
    toml: [...ONE, "port = "],
    at: "3:8",
    en: /a value is missing after =/,
    fr: /il manque une valeur après =/,
  },
  {
    title: "a head of a table that is not closed",
    toml: ["[services.a", 'command = "sleep 1000"'],
    at: "1:12",
    en: /services\.toml/,
    fr: /services\.toml/,
  },
  {
    title: "an unknown key",
    toml: [...ONE, "prot = 8000"],
    at: "3:1",
    en: /unknown key "prot"[^]*did you mean "port"\?/,
    fr: /clé inconnue « prot »[^]*vouliez-vous dire « port » \?/,
  },
  {
    title: "port 0",
    toml: [...ONE, "port = 0"],
    at: "3:8",
    en: /port 0 is out of range: expected an integer from 1 to 65535/,
    fr: /port 0 est hors limites : un entier de 1 à 65535 est attendu/,
  },
  {
    title: "port 70000",
    toml: [...ONE, "port = 70000"],
    at: "3:8",
    en: /port 70000 is out of range: expected an integer from 1 to 65535/,
    fr: /port 70000 est hors limites : un entier de 1 à 65535 est attendu/,
  },
  {
    title: "a port between quotes with a space",
    toml: [...ONE, 'port = "8000 "'],
    at: "3:8",
    en: /found the text "8000 "[^]*write it without quotes: port = 8000/,
    fr: /trouvé le texte « 8000 {2}»[^]*port = 8000/,
  },
  {
    title: "a port that two services want",
    toml: [...ONE, "port = 8000", ...TWO, "port = 8000"],
    at: "6:8",
    en: /port 8000 is already that of service "a"/,
    fr: /le port 8000 est déjà celui du service « a »/,
  },
  {
    title: "services that wait for each other",
    toml: [...ONE, 'depends_on = ["b"]', ...TWO, 'depends_on = ["a"]'],
    at: "3:15",
    en: /services wait for each other: a → b → a/,
    fr: /s'attendent .*a → b → a/,
  },
  {
    title: "an empty command",
    toml: ["[services.a]", 'command = ""'],
    at: "2:11",
    en: /"command" is empty/,
    fr: /« command » est vide/,
  },
  {
    title: "a table where a signal belongs",
    toml: [...ONE, "stop.signal = {}"],
    at: "3:15",
    en: /"signal" takes SIGTERM, SIGINT, .*: found a table/,
    fr: /« signal » attend SIGTERM, SIGINT, .* : trouvé une table/,
  },
  {
    title: "a table where a language belongs",
    toml: ["language = { a = 1 }", ...ONE],
    at: "1:12",
    en: /"language" takes fr, en: found a table/,
    fr: /« language » attend fr, en : trouvé une table/,
  },
  {
    title: "a table where a word for restart belongs",
    toml: [...ONE, "restart = { when = {} }"],
    at: "3:20",
    en: /"when" takes never, on-failure, always: found a table/,
    fr: /« when » attend never, on-failure, always : trouvé une table/,
  },
  {
    title: "an unknown key alone in a table that may be a word",
    toml: [...ONE, "restart = { limt = 3 }"],
    at: "3:13",
    en: /unknown key "limt"[^]*did you mean "limit"\?/,
    fr: /clé inconnue « limt »[^]*vouliez-vous dire « limit » \?/,
  },
  {
    title: "an unknown key alone in a table that may be false",
    toml: [...ONE, "live = { evry = '5s' }"],
    at: "3:10",
    en: /unknown key "evry"[^]*did you mean "every"\?/,
    fr: /clé inconnue « evry »[^]*vouliez-vous dire « every » \?/,
  },
  {
    title: "an unknown key in a table that may be a path",
    toml: [...ONE, "port = 8000", "ready.http = { pth = '/' }"],
    at: "4:16",
    en: /unknown key "pth"[^]*did you mean "path"\?/,
    fr: /clé inconnue « pth »[^]*vouliez-vous dire « path » \?/,
  },
  {
    title: "a table where true belongs, without a port",
    toml: [...ONE, "ready.tcp = {}"],
    at: "3:13",
    en: /"tcp" takes true: found a table/,
    fr: /« tcp » attend true : trouvé une table/,
  },
  {
    title: "a folder that is missing",
    toml: [...ONE, 'cwd = "nowhere"'],
    at: "3:7",
    en: /cannot use folder ".*\/nowhere": it does not exist/,
    fr: /dossier « .*\/nowhere » .*introuvable/,
  },
  {
    title: "an env_file that is missing",
    toml: [...ONE, 'env_file = "no.env"'],
    at: "3:12",
    en: /cannot read ".*\/no\.env": it does not exist/,
    fr: /impossible de lire « .*\/no\.env » : introuvable/,
  },
  {
    title: "an env_file that is a folder",
    toml: [...ONE, 'env_file = "."'],
    at: "3:12",
    en: /cannot read ".*": it is a folder/,
    fr: /impossible de lire « .* » : c'est un dossier/,
  },
];

for (const { title, toml, at, en, fr } of BAD_FILES) {
  Deno.test(`${title}: one error with its place, nothing started`, async () => {
    await using folder = await makeFolder();
    await Deno.writeTextFile(`${folder.path}/services.toml`, toml.join("\n"));
    const run = (...args: string[]) =>
      runDevsvc(["start", ...args], { cwd: folder.path });

    const english = await run();
    checkError(english, at, en);
    match(english.stderr, /\n1 mistake in services\.toml: nothing was started/);

    const french = await run("--lang", "fr");
    checkError(french, at, fr);
    match(french.stderr, /\n1 erreur dans services\.toml : rien n'a été/);

    const json = await run("--json");
    strictEqual(json.code, 2);
    const { version, error } = reportOf(json);
    strictEqual(version, 1);
    strictEqual(error?.kind, "config");
    match(error?.message ?? "", en);
    deepStrictEqual(
      error?.issues?.map(({ line }) => line),
      [Number(at.split(":")[0])],
    );
    await checkUntouched(folder, ["services.toml"]);
  });
}

function checkError(run: Run, at: string, words: RegExp): void {
  strictEqual(run.code, 2, run.stderr);
  strictEqual(run.stdout, "");
  match(run.stderr, new RegExp(`(^|\\s)services\\.toml:${at}  `));
  match(run.stderr, words);
  strictEqual(
    run.stderr.match(/services\.toml:\d+:\d+/g)?.length,
    1,
    run.stderr,
  );
}

/** No `.devsvc`, no process: nothing was done at all. */
async function checkUntouched(
  folder: TestFolder,
  files: readonly string[],
): Promise<void> {
  const names = (await Array.fromAsync(Deno.readDir(folder.path)))
    .map(({ name }) => name);
  deepStrictEqual(names, files);
  if (ON_LINUX.ignore) return;
  // A tool that looked at the ports may outlive devsvc by a moment.
  await until(() => processesIn(folder.path).length === 0);
}

Deno.test("several issues are reported at once, in the order of the file", async () => {
  await using folder = await makeFolder();
  const toml = [...ONE, "port = 0", 'cwd = "nowhere"', "prot = 1"].join("\n");
  await Deno.writeTextFile(`${folder.path}/services.toml`, toml);
  const run = await runDevsvc(["start"], { cwd: folder.path });
  strictEqual(run.code, 2);
  deepStrictEqual(run.stderr.match(/services\.toml:\d+/g), [
    "services.toml:3",
    "services.toml:4",
    "services.toml:5",
  ]);
  match(run.stderr, /3 mistakes in services\.toml: nothing was started/);
  await checkUntouched(folder, ["services.toml"]);
});

Deno.test("50,000 issues, or a key of 100,000 parts: a short answer", async () => {
  await using folder = await makeFolder();
  const many = Array.from({ length: 50_000 }, (_, index) => `k${index} = 1`);
  const long = Array(100_000).fill("a").join(".") + " = 1";
  for (const [lines, count] of [[many, 50_000], [[long], 1]] as const) {
    const toml = [...ONE, ...lines].join("\n");
    await Deno.writeTextFile(`${folder.path}/services.toml`, toml);
    const run = await runDevsvc(["check", "--json"], { cwd: folder.path });
    strictEqual(run.code, 2);
    const { error } = reportOf(run);
    strictEqual(error?.issueCount, count);
    strictEqual(error?.issues?.length, Math.min(20, count));
    ok(run.stdout.length + run.stderr.length < 30_000);
  }
});

for (const command of ["start", "stop", "restart", "check", "status", "logs"]) {
  Deno.test(`${command} without services.toml says where it looked`, async () => {
    await using folder = await makeFolder();
    const { path } = folder;
    await Deno.mkdir(`${path}/sub`);
    const english = await runDevsvc([command], { cwd: `${path}/sub` });
    strictEqual(english.code, 2);
    strictEqual(english.stdout, "");
    match(english.stderr, /^devsvc: There is no services\.toml\./);
    match(
      english.stderr,
      new RegExp(`Looked in:\n  ${path}/sub\n  ${path}\n`),
    );
    match(english.stderr, /looks like this:\n\n +\[services\.api\]\n/);

    const french = await runDevsvc([command, "--lang=fr"], { cwd: path });
    strictEqual(french.code, 2);
    match(french.stderr, /^devsvc : Il n'y a pas de services\.toml\./);

    const json = await runDevsvc([command, "--json"], { cwd: path });
    strictEqual(json.code, 2);
    strictEqual(reportOf(json).error?.kind, "usage");
    await checkUntouched(folder, ["sub"]);
  });
}

Deno.test("the example that is offered is a services.toml that works", async () => {
  await using folder = await makeFolder();
  const { path } = folder;
  const { stderr } = await runDevsvc(["check"], { cwd: path });
  const example = stderr.split("\n").filter((line) => line.startsWith("    "))
    .map((line) => line.slice(4)).join("\n");
  await Deno.writeTextFile(`${path}/services.toml`, example);
  const status = await runDevsvc(["status", "--json"], { cwd: path });
  deepStrictEqual(
    reportOf(status).services.map(({ name }) => name),
    ["api", "web"],
  );
});

Deno.test("--config that names no file says which", async () => {
  await using folder = await makeFolder();
  const run = await runDevsvc(["start", "--config", "other.toml"], {
    cwd: folder.path,
  });
  strictEqual(run.code, 2);
  match(run.stderr, /other\.toml.*cannot read ".*\/other\.toml": it does not/);
  await checkUntouched(folder, []);
});

Deno.test("a service that does not exist: did you mean", async () => {
  await using folder = await makeFolder();
  await Deno.writeTextFile(
    `${folder.path}/services.toml`,
    '[services.backend]\ncommand = "sleep 1000"\n',
  );
  const run = (...args: string[]) => runDevsvc(args, { cwd: folder.path });

  for (const command of ["start", "stop", "restart", "check", "status"]) {
    const { code, stdout, stderr } = await run(command, "backendd");
    strictEqual(code, 2);
    strictEqual(stdout, "");
    strictEqual(
      stderr,
      'devsvc: There is no service "backendd" in services.toml: did you mean backend? Services: backend\n',
    );
  }
  strictEqual(
    (await run("start", "xyz")).stderr,
    'devsvc: There is no service "xyz" in services.toml. Services: backend\n',
  );
  strictEqual(
    (await run("start", "--lang", "fr", "Backend")).stderr,
    "devsvc : Pas de service « Backend » dans services.toml : vouliez-vous dire backend ? Services : backend\n",
  );
  const { error } = reportOf(await run("start", "--json", "xyz"));
  strictEqual(error?.kind, "usage");
  await checkUntouched(folder, ["services.toml"]);
});

for (
  const [args, words] of [
    [["strat"], /There is no command "strat": did you mean `start`\?/],
    [["start", "--forse"], /There is no flag --forse: did you mean --force\?/],
    [["start", "--on-conflict", "x"], /takes one of ask, fail, restart, keep/],
    [["logs", "-n", "many"], /cannot be "many": expected a whole number/],
    [["logs", "--grep", "("], /cannot be "\(": expected a regular expression/],
    [
      ["logs", "--since", "yesterday"],
      /--since cannot be "yesterday": expected a duration \(10m, .*\) or a time \(09:12, /,
    ],
    [["start", "--lang", "de"], /--lang takes one of fr, en, not "de"/],
  ] as const
) {
  Deno.test(`devsvc ${args.join(" ")}: the call is wrong`, async () => {
    await using folder = await makeFolder();
    await Deno.writeTextFile(`${folder.path}/services.toml`, ONE.join("\n"));
    const { code, stderr } = await runDevsvc(args, { cwd: folder.path });
    strictEqual(code, 2);
    match(stderr, words);
    await checkUntouched(folder, ["services.toml"]);
  });
}
