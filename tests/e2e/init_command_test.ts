/** `devsvc init` as a command: what it asks, keeps, refuses and may touch. */

import {
  deepStrictEqual,
  doesNotMatch,
  match,
  ok,
  strictEqual,
} from "node:assert/strict";
import { ON_POSIX } from "../kit/os_tags.ts";
import config from "../../deno.json" with { type: "json" };
import { EXAMPLE_CONFIG } from "../../lib/report/config_report.ts";
import { JSON_SCHEMA } from "../../scripts/json_schema.ts";
import { schemaErrors } from "../kit/schema_errors.ts";
import { permissionFlags } from "../../lib/runtime/self_program.ts";
import { fromFileUrl } from "../kit/paths.ts";
import { openTerminalRun } from "../kit/pty.ts";
import { ENGLISH } from "../kit/run_devsvc.ts";
import { copySample, type Sample } from "../kit/samples.ts";

const START =
  '@if exist "%~dp0devsvc.exe" ("%~dp0devsvc.exe" start --config "%~dp0services.toml" %*) else devsvc start --config "%~dp0services.toml" %*\r\n';

const MINE = "# mine\n[services.a]\ncommand = 'sleep 1'\n";

function filesOf({ root }: Sample): readonly string[] {
  return [...Deno.readDirSync(root)].map(({ name }) => name).toSorted();
}

Deno.test("init does not touch a services.toml that is there, unless --force says so", async () => {
  await using sample = copySample("fastapi_env");
  sample.write("services.toml", MINE);
  const refused = await sample.run("init");
  strictEqual(refused.code, 3);
  match(refused.stderr, /^devsvc: Already there: services\.toml\. Nothing was/);
  match(refused.stderr, /devsvc init --force/);
  strictEqual(sample.read("services.toml"), MINE);

  const forced = await sample.run("init", "--force");
  strictEqual(forced.code, 0, forced.stderr);
  match(sample.read("services.toml"), /^\[services\.fastapi\]$/m);
  ok(!sample.has("services.toml.new"));

  // Once it is so already, there is nothing to ask.
  const again = await sample.run("init");
  strictEqual(again.code, 0, again.stderr);
  match(again.stdout, /services\.toml is already so/);
});

Deno.test(
  "init follows no link, neither for its files nor for its draft",
  ON_POSIX,
  async () => {
    await using sample = copySample("fastapi_env");
    const home = await Deno.makeTempDir();
    const precious = `${home}/precious`;
    await Deno.writeTextFile(precious, "precious");
    const at = (name: string) => `${sample.root}/${name}`;
    for (const target of [precious, `${home}/new`]) {
      await Deno.symlink(target, at("services.toml.new"));
      const { code, stderr } = await sample.run("init", "--force");
      strictEqual(code, 0, stderr);
      ok((await Deno.lstat(at("services.toml"))).isFile);
      await Deno.remove(at("services.toml"));
    }
    for (const name of ["services.toml", "start.bat"]) {
      await Deno.symlink(precious, at(name));
      for (const flags of [["--batch"], ["--batch", "--force"]]) {
        const { code, stderr } = await sample.run("init", ...flags);
        strictEqual(code, 2);
        match(
          stderr,
          new RegExp(`^devsvc: ${name} is a link, or no plain file`),
        );
      }
      ok((await Deno.lstat(at(name))).isSymlink);
      await Deno.remove(at(name));
    }
    strictEqual(await Deno.readTextFile(precious), "precious");
    const names = await Array.fromAsync(Deno.readDir(home));
    deepStrictEqual(names.map(({ name }) => name), ["precious"]);
    await Deno.remove(home, { recursive: true });
  },
);

Deno.test("init --dry-run prints the file alone, and writes nothing", async () => {
  await using sample = copySample("guide");
  const before = filesOf(sample);
  const { code, stdout, stderr } = await sample.run(
    "init",
    "--dry-run",
    "--batch",
  );
  strictEqual(code, 0);
  match(stdout, /^#:schema /);
  match(stderr, /3 services found in /);
  deepStrictEqual(filesOf(sample), before);

  strictEqual((await sample.run("init")).code, 0);
  strictEqual(sample.read("services.toml"), stdout);
});

Deno.test("init says what it looked for where it finds nothing, and writes nothing", async () => {
  await using sample = copySample();
  sample.write("README.md", "# x\n");
  const { code, stdout, stderr } = await sample.run("init");
  strictEqual(code, 1);
  strictEqual(stdout, "");
  for (
    const word of ["start.bat", "Procfile", "FastAPI", "manage.py", "Deno"]
  ) {
    ok(stderr.includes(word), stderr);
  }
  ok(stderr.includes(EXAMPLE_CONFIG.split("\n")[0] ?? ""), stderr);
  deepStrictEqual(filesOf(sample), ["README.md"]);
  const french = await sample.run("init", "--lang", "fr");
  match(french.stderr, /^Aucun service trouvé\. Cherché :/);
  const json = await sample.run("init", "--json");
  strictEqual(json.code, 1);
  deepStrictEqual(JSON.parse(json.stdout).services, []);
});

Deno.test("init --batch leaves one line each, and keeps the old files", async () => {
  await using sample = copySample("guide");
  const old = sample.read("start.bat");
  const refused = await sample.run("init", "--batch");
  strictEqual(refused.code, 3);
  match(refused.stderr, /Already there: start\.bat, stop\.bat\./);
  ok(!sample.has("services.toml"));

  const forced = await sample.run("init", "--batch", "--force");
  strictEqual(forced.code, 0, forced.stderr);
  match(forced.stdout, /the old start\.bat is kept as start\.bat\.old/);
  strictEqual(sample.read("start.bat"), START);
  strictEqual(sample.read("stop.bat"), START.replaceAll(" start ", " stop "));
  strictEqual(sample.read("start.bat.old"), old);

  // What it knows from the old file is not lost with it.
  const toml = sample.read("services.toml");
  const again = await sample.run("init", "--batch", "--force");
  strictEqual(again.code, 0, again.stderr);
  strictEqual(
    sample.read("services.toml").replaceAll(".bat.old", ".bat"),
    toml,
  );
  strictEqual(sample.read("start.bat.old"), old);
});

Deno.test("init --batch never loses a file that was kept before", async () => {
  await using sample = copySample("guide");
  sample.write("stop.bat.old", "the first");
  const before = filesOf(sample);
  const { code, stderr } = await sample.run("init", "--batch", "--force");
  strictEqual(code, 3);
  match(stderr, /Cannot keep the old stop\.bat as stop\.bat\.old/);
  deepStrictEqual(filesOf(sample), before);
  strictEqual(sample.read("stop.bat.old"), "the first");
});

for (
  const [answer, code] of [["\x1b[D\r", 0], ["\r", 130], ["\x03", 130]] as const
) {
  Deno.test(
    `init asks at a terminal; ${JSON.stringify(answer)} ends with ${code}`,
    ON_POSIX,
    async () => {
      await using sample = copySample("fastapi_env");
      sample.write("services.toml", MINE);
      await using run = openTerminalRun(["init"], { cwd: sample.root });
      await run.waitFor("Déjà là : services.toml. Remplacer ?");
      match(run.output(), /FastAPI : port 8123/);
      run.type(answer);
      strictEqual(await run.exit(), code);
      const text = sample.read("services.toml");
      strictEqual(text === MINE, code !== 0);
      if (code !== 0) match(run.output(), /Annulé : rien n'a été écrit\./);
      else match(text, /^# Compris d'après main\.py:3 : app = /m);
    },
  );
}

Deno.test("init speaks French in the file, and sets it where it was asked for", async () => {
  await using sample = copySample("guide");
  const { code, stdout } = await sample.run("init", "--lang=fr");
  strictEqual(code, 0);
  match(stdout, /3 services trouvés dans /);
  match(stdout, /FastAPI : port 8000 · dans backend · start\.bat:\d+ \(start /);
  match(stdout, /Relisez services\.toml, puis : devsvc start/);
  const toml = sample.read("services.toml");
  match(toml, /^language = "fr"$/m);
  match(toml, /^# Compris d'après start\.bat:\d+ : start "FastAPI" /m);
  doesNotMatch(toml, /Understood/);
});

Deno.test("init --json says what it found, wrote and met, as the schema says", async () => {
  await using sample = copySample("two_defaults");
  const first = await sample.run("init", "--json");
  strictEqual(first.code, 0);
  strictEqual(first.stderr, "");
  const report = JSON.parse(first.stdout);
  deepStrictEqual(schemaErrors(JSON_SCHEMA, report), []);
  deepStrictEqual(report.written, ["services.toml"]);
  strictEqual(report.toml, sample.read("services.toml"));
  deepStrictEqual(report.composeServices, [{
    file: "docker-compose.yml",
    names: ["db", "cache"],
    ports: [5432, 6379, 8001],
  }]);

  sample.write("services.toml", MINE);
  const second = await sample.run("init", "--json");
  strictEqual(second.code, 3);
  const refused = JSON.parse(second.stdout);
  deepStrictEqual(schemaErrors(JSON_SCHEMA, refused), []);
  deepStrictEqual([refused.written, refused.inTheWay], [[], ["services.toml"]]);

  const dry = JSON.parse(
    (await sample.run("init", "--json", "--dry-run")).stdout,
  );
  deepStrictEqual(schemaErrors(JSON_SCHEMA, dry), []);
  deepStrictEqual([dry.dryRun, dry.written], [true, []]);
  strictEqual(sample.read("services.toml"), MINE);
});

Deno.test("init --config writes beside that file, and no other name", async () => {
  await using sample = copySample();
  sample.write("sub/main.py", "app = FastAPI()\n");
  const other = await sample.run(
    "init",
    "--config",
    "sub/other.toml",
    "--json",
  );
  strictEqual(other.code, 2);
  deepStrictEqual(schemaErrors(JSON_SCHEMA, JSON.parse(other.stdout)), []);
  match(
    other.stderr,
    /init writes a file called services\.toml, not other\.toml/,
  );
  const good = await sample.run("init", "--config", "sub/services.toml");
  strictEqual(good.code, 0, good.stderr);
  match(sample.read("sub/services.toml"), /^command = "uvicorn main:app/m);
});

/** Runs the source with the permissions of deno.json, and no question. */
function runConfined(
  { root }: Sample,
  ...args: readonly string[]
): Promise<Deno.CommandOutput> {
  const main = fromFileUrl(new URL("../../main.ts", import.meta.url));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...permissionFlags(), main, ...args],
    cwd: root,
    env: ENGLISH,
    stdin: "null",
  }).output();
}

Deno.test("init needs no more than deno.json allows", async () => {
  await using sample = copySample("guide");
  const text = new TextDecoder();
  const run = await runConfined(sample, "init", "--batch", "--force");
  strictEqual(run.code, 0, text.decode(run.stderr));
  strictEqual(sample.read("start.bat"), START);
  ok(sample.has("stop.bat.old"));

  // It may write nowhere else, so it runs itself there.
  await Deno.remove(`${sample.root}/services.toml`);
  sample.write("sub/main.py", "app = FastAPI()\n");
  const below = await runConfined(sample, "init", "--config=sub/services.toml");
  strictEqual(below.code, 0, text.decode(below.stderr));
  ok(sample.has("sub/services.toml"));
  ok(!sample.has("services.toml"));
});

Deno.test("deno.json lets init write its own files, and no more", () => {
  deepStrictEqual(
    config.permissions.default.write.filter((path) =>
      !path.startsWith("./.devsvc/")
    ),
    [
      "./services.toml",
      "./services.toml.new",
      "./start.bat",
      "./start.bat.old",
      "./stop.bat",
      "./stop.bat.old",
    ],
  );
});
