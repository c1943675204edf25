/** What is said of a file that means harm, and what is not looked at. */

import {
  deepStrictEqual,
  doesNotMatch,
  match,
  ok,
  strictEqual,
} from "node:assert/strict";
import {
  errorOf,
  type Folder,
  makeFolder,
  short,
} from "../../tests/kit/config_folder.ts";
import { ON_LINUX, ON_POSIX } from "../../tests/kit/os_tags.ts";
import { LANGUAGES } from "../core/model.ts";
import { join, windowsHazard } from "../core/path.ts";
import { renderConfigError } from "../report/config_report.ts";
import type { ConfigError } from "./errors/config_error.ts";
import { loadProject } from "./load.ts";

const API = '[services.api]\ncommand = "x"\n';
const PLAIN = { color: false, emoji: false, unicode: true } as const;

/** The error of a file that is there already. */
function errorOfFile(folder: Folder): Promise<ConfigError> {
  return errorOf({ ...folder, write: () => Promise.resolve() }, "");
}

async function allTexts(error: ConfigError): Promise<string> {
  const texts = await Promise.all(
    LANGUAGES.map((language) => renderConfigError(error, language, PLAIN)),
  );
  return [...texts, JSON.stringify(error.issues), error.message].join("\n");
}

const SECRET = "hunter2";

/** Files of others, and what is wrong with each as a services.toml. */
const SECRETS: readonly (readonly [string, string])[] = [
  [`-----BEGIN ${SECRET} KEY-----\n${SECRET}\n`, "syntax"],
  [`password = ${SECRET}\n`, "syntax"],
  [`password = "${SECRET}\n`, "syntax"],
  [`password: ${SECRET}\n`, "syntax"],
  [`a = "\\${SECRET}"\n`, "syntax"],
  [`"${SECRET}" = 1\n"${SECRET}" = 2\n`, "syntax"],
  [`${SECRET} = 1\n`, "unknown-key"],
  [`[${SECRET}]\na = 1\n`, "unknown-key"],
  [`prot = "${SECRET}"\n`, "unknown-key"],
  [`language = "${SECRET}"\n`, "bad-choice"],
  [`[services."${SECRET}!"]\ncommand = "x"\n`, "bad-name"],
  [`[services.${SECRET}]\nlabel = "x"\n`, "missing-key"],
  [`${API}port = "${SECRET}"\n`, "wrong-type"],
  [`${API}port = 7777777\n`, "out-of-range"],
  [`${API}stop.timeout = "${SECRET}"\n`, "bad-duration"],
  [`${API}log.size = "${SECRET}"\n`, "bad-size"],
  [`${API}port = 1\nready.http = "${SECRET}"\n`, "bad-http-path"],
  [`${API}ready.log = "(${SECRET}"\n`, "bad-pattern"],
  [`${API}cwd = "${SECRET}"\n`, "missing-folder"],
  [`${API}env_file = "${SECRET}"\n`, "unreadable-file"],
  [`${API}depends_on = ["${SECRET}"]\n`, "unknown-dependency"],
  [`${API}env = { "${SECRET}=" = "1" }\n`, "bad-env-name"],
  [
    `[services.a]\ncommand = "x"\n[services.${SECRET}]\ncommand = "x"\nport = 77\n` +
    "[services.b]\ncommand = 'x'\nport = 77\n",
    "duplicate-port",
  ],
];

Deno.test(
  "loadProject() quotes nothing of a file outside that services.toml is a link to",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    await using outside = await makeFolder();
    await Deno.symlink(outside.file, folder.file);
    for (const [text, code] of SECRETS) {
      await outside.write(text);
      const error = await errorOfFile(folder);
      ok(error.issues.some((issue) => issue.code === code), text);
      for (const { source, width } of error.issues) {
        deepStrictEqual([source, width], ["", 0]);
      }
      const shown = await allTexts(error);
      doesNotMatch(shown, /hunter2|7777777|BEGIN/, text);
      match(shown, /services\.toml:\d+:\d+ {2}\S/);
    }
    await outside.write(
      new TextEncoder().encode(`${SECRET} \xe9`).map((byte) =>
        byte === 0xc3 ? 0xff : byte
      ),
    );
    doesNotMatch(await allTexts(await errorOfFile(folder)), /hunter2/);
  },
);

Deno.test(
  "loadProject() quotes a file inside that services.toml is a link to",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    const real = join(folder.root, "app", "real.toml");
    await Deno.writeTextFile(real, `${API}prot = 1\n`);
    await Deno.symlink(real, folder.file);
    match(await allTexts(await errorOfFile(folder)), /prot = 1/);
  },
);

Deno.test(
  "an env_file that is wrong is told by its lines, never their text",
  ON_POSIX,
  async () => {
    await using folder = await makeFolder();
    await using outside = await makeFolder();
    await Deno.writeTextFile(join(outside.root, "key"), `-- ${SECRET} --\n`);
    await Deno.symlink(join(outside.root, "key"), join(folder.root, "e"));
    const shown = await allTexts(
      await errorOf(folder, `${API}env_file = "e"\n`),
    );
    doesNotMatch(shown, /hunter2/);
    match(shown, /cannot read line 1 of/);
  },
);

Deno.test(
  "loadProject() reads no pipe, no device and nothing large",
  ON_LINUX,
  async () => {
    await using folder = await makeFolder();
    const pipe = join(folder.root, "pipe");
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    await Deno.writeTextFile(join(folder.root, "large"), "#".repeat(1048577));
    await Deno.symlink("/dev/zero", join(folder.root, "zero"));
    const FOUND = [
      ["pipe", "not-file"],
      ["zero", "not-file"],
      ["large", "too-large"],
      ["app", "is-folder"],
    ] as const;
    for (const [name, reason] of FOUND) {
      const { issues } = await errorOf(folder, `${API}env_file = "${name}"\n`);
      deepStrictEqual(issues.map(short), [
        `3:12+${name.length + 2} unreadable-file`,
      ]);
      ok(issues[0]?.code === "unreadable-file");
      strictEqual(issues[0].reason, reason);
    }
    for (const [name, reason] of FOUND) {
      await Deno.remove(folder.file);
      await Deno.symlink(join(folder.root, name), folder.file);
      const { issues } = await errorOfFile(folder);
      ok(issues[0]?.code === "unreadable-file");
      strictEqual(issues[0].reason, reason);
    }
  },
);

/** Characters that are a mistake in a text for people. */
const HIDDEN: readonly (readonly [string, string])[] = [
  ["\\u001b[2J", "U+001B"],
  ["\\u009b31m", "U+009B"],
  ["\\u007f", "U+007F"],
  ["\\n", "U+000A"],
  ["\\t", "U+0009"],
  ["\\u202e", "U+202E"],
  ["\\u2066", "U+2066"],
  ["\\u200f", "U+200F"],
  ["\\u061c", "U+061C"],
  ["\\u2028", "U+2028"],
  ["\\u200b", "U+200B"],
  ["\\u200d", "U+200D"],
  ["\\ufeff", "U+FEFF"],
  ["\\U000e0041", "U+E0041"],
];

Deno.test("loadProject() takes no label or path with a character that is not seen", async () => {
  await using folder = await makeFolder();
  for (const [escape, character] of HIDDEN) {
    for (const key of ["label", "cwd", "env_file", "linux.label"]) {
      const text = `${API}${key} = "a${escape}b"\n`;
      const error = await errorOf(folder, text);
      const found = error.issues.find(({ code }) =>
        code === "hidden-character"
      );
      ok(found?.code === "hidden-character", text);
      strictEqual(found.line, 3);
      strictEqual(found.character, character);
      match(
        await allTexts(error),
        new RegExp(`: ${character.replace("+", "\\+")}`),
      );
    }
  }
});

const HARMFUL: readonly (readonly [string, "network" | "device"])[] = [
  ["\\\\host\\share", "network"],
  ["//host/share/x", "network"],
  ["\\/host/share", "network"],
  ["\\\\?\\C:\\x", "device"],
  ["\\\\.\\COM1", "device"],
  ["//./pipe/x", "device"],
  ["\\??\\C:\\x", "device"],
  ["NUL", "device"],
  ["app\\nul.txt", "device"],
  ["app/Con", "device"],
  ["aux.tar.gz", "device"],
  ["C:\\x\\com1", "device"],
  ["C:lpt9.env", "device"],
  ["com\xb9", "device"],
  ["prn .txt", "device"],
  ["nul:stream", "device"],
  ["CONIN$", "device"],
];

Deno.test("on Windows, a path of another machine or a device is refused unseen", async () => {
  for (const [path, hazard] of HARMFUL) {
    strictEqual(windowsHazard(path), hazard, path);
  }
  for (
    const path of ["app", "..\\console", "C:\\x", "a/nul2", "com", "é漢", "."]
  ) {
    strictEqual(windowsHazard(path), undefined, path);
  }
  await using folder = await makeFolder();
  // It is there, and on Linux it is used: only a look at it would tell.
  for (const [path] of HARMFUL) {
    if (Deno.build.os === "windows") break;
    const file = join(folder.root, path);
    await Deno.mkdir(join(file, ".."), { recursive: true });
    await Deno.writeTextFile(file, "A=1\n").catch(() => {});
  }
  for (const [path, hazard] of HARMFUL) {
    for (const key of ["cwd", "env_file", "windows.cwd", "windows.env_file"]) {
      const text = `${API}${key} = '${path}'\n`;
      const { issues } = await errorOf(folder, text, "windows");
      deepStrictEqual(issues.map(({ code }) => code), ["windows-path"], text);
      ok(issues[0]?.code === "windows-path" && issues[0].reason === hazard);
    }
  }
  if (Deno.build.os === "windows") return;
  await folder.write(`${API}env_file = 'NUL'\n`);
  ok((await loadProject(folder.file, "linux")).services[0]?.envFile);
});
