/** Wrong files and where their issues are, for the tests of this folder. */

/** A service without issues, on two lines. */
export const API = '[services.api]\ncommand = "x"\n';

/** One issue, or a few that belong together. */
export interface Case {
  /** What is wrong. */
  readonly name: string;
  /** services.toml. */
  readonly text: string | Uint8Array;
  /** `line:column+width code` of every issue. */
  readonly found: readonly string[];
  /** What the first issue says beside its place, as far as it matters. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Every kind of issue at least once. */
export const CASES: readonly Case[] = [
  {
    name: "a pattern that could hold up the search for ever",
    text: API + "ready.log = 'a(?=b)'\n",
    found: ["3:13+8 slow-pattern"],
    detail: { found: "a(?=b)", part: "(?=" },
  },
  {
    name: "a label that could steer the terminal, a folder of another name",
    text: API + 'label = "\\u001b[2JAPI"\nlinux.cwd = "ap\u200bp"\n',
    found: ["3:9+14 hidden-character", "4:13+6 hidden-character"],
    detail: { key: "label", character: "U+001B" },
  },
  {
    name: "a text without quotes",
    text: "[services.api]\ncommand = npm run dev\n",
    found: ["2:11+3 syntax"],
    detail: { reason: "invalid-value", text: "npm" },
  },
  {
    name: "no value",
    text: API + "port =  # todo\n",
    found: ["3:9+1 syntax"],
    detail: { reason: "missing-value" },
  },
  {
    name: "a colon for an equals sign",
    text: API + "port: 8000\n",
    found: ["3:5+1 syntax"],
    detail: { reason: "missing-equals" },
  },
  {
    name: "a key twice",
    text: API + "port = 1\nport = 2\n",
    found: ["4:1+4 syntax"],
    detail: { reason: "duplicate", text: "port" },
  },
  {
    name: "a table twice, after accents and wide letters",
    text: `# été 漢字 😀\n${API}[services.api]\n`,
    found: ["4:2+12 syntax"],
    detail: { reason: "duplicate", text: "services.api" },
  },
  {
    name: "a quote that is not closed",
    text: '[services.api]\nenv = { é = "1" }\n'.replace("é", '"é"') +
      'command = "npm run dev\nport = 1\n',
    found: ["3:11+12 syntax"],
    detail: { reason: "unclosed-text" },
  },
  {
    name: "a Windows path between double quotes",
    text: API + 'cwd = "C:\\projets"\n',
    found: ["3:10+2 syntax"],
    detail: { reason: "bad-escape", text: "\\p" },
  },
  {
    name: "two values on a line",
    text: '[services.api]\ncommand = "x" "y"\n',
    found: ["2:15+3 syntax"],
    detail: { reason: "missing-line-end", text: '"y"' },
  },
  {
    name: "a list that is not closed",
    text: '[services.api]\ncommand = ["x"\nport = 1\n',
    found: ["3:1+4 syntax"],
    detail: { reason: "missing-comma" },
  },
  {
    name: "an accent in a key",
    text: API + "été = 1\n",
    found: ["3:1+3 syntax"],
    detail: { reason: "bad-key" },
  },
  {
    name: "a number with a leading zero",
    text: API + "port = 08000\n",
    found: ["3:8+5 syntax"],
    detail: { reason: "bad-number" },
  },
  {
    name: "a date that is none",
    text: API + "port = 2026-13-01\n",
    found: ["3:8+10 syntax"],
    detail: { reason: "bad-date" },
  },
  {
    name: "a control character",
    text: API + 'label = "a\x07b"\n',
    found: ["3:11+2 syntax"],
    detail: { reason: "control-character" },
  },
  {
    name: "a file in Windows-1252",
    text: new Uint8Array(
      [...`${API}label = "caf`].map((c) => c.charCodeAt(0))
        .concat(0xe9, 0x22, 0x0a),
    ),
    found: ["3:13+1 syntax"],
    detail: { reason: "encoding" },
  },
  {
    name: "a file in UTF-16, as PowerShell writes it",
    text: new Uint8Array([0xff, 0xfe, 0x5b, 0x00]),
    found: ["1:1+1 syntax"],
    detail: { reason: "encoding" },
  },
  {
    name: "an unknown key at the top",
    text: `langage = "fr"\n${API}`,
    found: ["1:1+7 unknown-key"],
    detail: { suggestion: "language", allowed: ["language", "services"] },
  },
  {
    name: "a service without the prefix of its table",
    text: `${API}[web]\ncommand = "x"\n`,
    found: ["3:2+3 unknown-key"],
    detail: { suggestion: "services.web" },
  },
  {
    name: "an unknown key of a service",
    text: API + "prot = 8000\n",
    found: ["3:1+4 unknown-key"],
    detail: { path: ["services", "api", "prot"], suggestion: "port" },
  },
  {
    name: "the key of another tool",
    text: API + "healthcheck = 1\n",
    found: ["3:1+11 unknown-key"],
    detail: { suggestion: "ready" },
  },
  {
    name: "the key of another table",
    text: API + 'timeout = "1s"\n',
    found: ["3:1+7 unknown-key"],
    detail: { suggestion: "ready.timeout" },
  },
  {
    name: "unknown keys in inline tables, dotted keys and tables of an OS",
    text: API + 'ready = { tcp = true, uri = "/" }\n' +
      'stop.sigal = "SIGINT"\n[services.api.windows]\nwindows = {}\n',
    found: [
      "3:11+3 needs-port",
      "3:23+3 unknown-key",
      "4:6+5 unknown-key",
      "6:1+7 unknown-key",
    ],
  },
  {
    name: "a misspelt key that must be there is reported once",
    text: '[services.api]\ncomand = "x"\n',
    found: ["2:1+6 unknown-key"],
  },
  {
    name: "numbers and booleans in the environment",
    text: API + 'env = { A = 1, B = "2", C = true }\n',
    found: ["3:13+1 wrong-type", "3:29+4 wrong-type"],
    detail: { expected: "env", found: "integer", value: "1" },
  },
  {
    name: "columns after accents, wide letters and pictures",
    text: API + 'env = { "é漢😀" = "é漢😀", N = 1.5 }\n',
    found: ["3:28+3 wrong-type"],
    detail: { found: "float", value: "1.5" },
  },
  {
    name: "a port with a fraction",
    text: API + "port = 8000.5\n",
    found: ["3:8+6 wrong-type"],
    detail: { expected: "integer", found: "float" },
  },
  {
    name: "a number in a command over several lines",
    text: '[services.api]\ncommand = [\n  "x", # été\n  8000,\n]\n',
    found: ["4:3+4 wrong-type"],
    detail: { path: ["services", "api", "command", 1], expected: "text" },
  },
  {
    name: "a table for a command",
    text: "[services.api]\ncommand.run = 1\n",
    found: ["2:1+7 wrong-type"],
    detail: { path: ["services", "api", "command"], found: "table" },
  },
  {
    name: "lists and dates where tables belong",
    text: API + 'ready = ["http"]\nenv = ["A=1"]\nstop = 2026-01-01\n',
    found: ["3:9+8 wrong-type", "4:7+7 wrong-type", "5:8+10 wrong-type"],
    detail: { expected: "table", found: "array" },
  },
  {
    name: "an array of tables",
    text: '[[services]]\nname = "api"\ncommand = "x"\n',
    found: ["1:3+8 wrong-type"],
    detail: { expected: "table", found: "array" },
  },
  {
    name: "a duration without a unit",
    text: API + "stop.timeout = 10\n",
    found: ["3:16+2 wrong-type"],
    detail: { expected: "duration", value: "10" },
  },
  {
    name: "tcp = false and a name for a list of names",
    text: API + 'ready.tcp = false\ndepends_on = "db"\nport = 1\n',
    found: ["3:13+5 wrong-type", "4:14+4 wrong-type"],
    detail: { expected: "true" },
  },
  {
    name: "no command",
    text: "[services.api]\nport = 1\n",
    found: ["1:11+3 missing-key"],
    detail: { path: ["services", "api"], key: "command", table: "api" },
  },
  {
    name: "a bad name and no command",
    text: '[services."a b"]\nport = 1\n',
    found: ["1:11+5 bad-name", "1:11+5 missing-key"],
  },
  {
    name: "no command in an inline table",
    text: "services = { api = { port = 1 } }\n",
    found: ["1:14+3 missing-key"],
  },
  {
    name: "ports beyond the limits",
    text: API + "port = 99999\nwindows.port = 0\nmacos.port = -1\n",
    found: ["3:8+5 out-of-range", "4:16+1 out-of-range", "5:14+2 out-of-range"],
    detail: { min: 1, max: 65_535, found: 99_999 },
  },
  {
    name: "a port between quotes",
    text: API + 'port = "8000 "\n',
    found: ["3:8+7 not-a-port-text"],
    detail: { found: "8000 ", port: 8000 },
  },
  {
    name: "a port that is no number at all",
    text: API + 'port = "eight"\n',
    found: ["3:8+7 wrong-type"],
  },
  {
    name: "a port for two services",
    text: `${API}port = 80\n[services.web]\nport = 80\ncommand = "x"\n`,
    found: ["5:8+2 duplicate-port"],
    detail: { port: 80, service: "api" },
  },
  {
    name: "a port that is taken on this OS only",
    text: `${API}port = 80\n[services.web]\ncommand = "x"\nport = 81\n` +
      "windows.port = 79\nlinux.port = 80\n",
    found: ["8:14+2 duplicate-port"],
  },
  {
    name: "two cycles",
    text: ["a:b", "b:a", "c:c"].map((pair) => {
      const [name, to] = pair.split(":");
      return `[services.${name}]\ncommand = "x"\ndepends_on = ["${to}"]\n`;
    }).join(""),
    found: ["3:15+3 cycle", "9:15+3 cycle"],
    detail: { names: ["a", "b"] },
  },
  {
    name: "unknown dependencies",
    text: `${API}depends_on = [\n  "apo",\n]\n[services.app]\ncommand = "x"\n`,
    found: ["4:3+5 unknown-dependency"],
    detail: { name: "apo", services: ["app"], suggestion: "app" },
  },
  {
    name: "values of nothing but blanks",
    text: '[services.api]\ncommand = " "\nlabel = ""\ncwd = "\\t"\n' +
      '[services.web]\ncommand = []\nwindows.command = [""]\n',
    found: [
      "2:11+3 empty-value",
      "3:9+2 empty-value",
      "4:7+4 empty-value",
      "6:11+2 empty-value",
      "7:19+4 empty-value",
    ],
    detail: { key: "command" },
  },
  {
    name: "folders that are none",
    text: `${API}cwd = "nowhere"\n[services.web]\ncommand = "x"\n` +
      'linux.cwd = "good.env"\n',
    found: ["3:7+9 missing-folder", "6:13+10 missing-folder"],
    detail: { reason: "not-found" },
  },
  {
    name: "env files that cannot be read",
    text: `${API}env_file = "no.env"\n[services.web]\ncommand = "x"\n` +
      'env_file = "app"\n',
    found: ["3:12+8 unreadable-file", "6:12+5 unreadable-file"],
    detail: { reason: "not-found" },
  },
  {
    name: "lines of an env file",
    text: API + 'env_file = "bad.env"\n',
    found: ["3:12+9 bad-env-line", "3:12+9 bad-env-line"],
    detail: { envLine: 2, reason: "no-equals" },
  },
  {
    name: "names of variables",
    text: API + 'env = { "A=B" = "1", "" = "1", constructor = "1" }\n',
    found: [
      "3:9+5 bad-env-name",
      "3:22+2 bad-env-name",
      "3:32+11 bad-env-name",
    ],
  },
  {
    name: "durations that are none",
    text: API + 'ready.timeout = "10"\nstop.timeout = "0s"\n',
    found: ["3:17+4 bad-duration", "4:16+4 bad-duration"],
    detail: { key: "timeout", found: "10" },
  },
  {
    name: "a URL for a path",
    text: API + 'port = 1\nready.http = "http://localhost:1/santé?x"\n',
    found: ["4:14+28 bad-http-path"],
    detail: { suggestion: "/sant%C3%A9?x" },
  },
  {
    name: "a path that would break the request",
    text: API + 'port = 1\nready.http = "/ HTTP/1.1\\r\\nX: y"\n',
    found: ["4:14+20 bad-http-path"],
  },
  {
    name: "a pattern that is none",
    text: API + "ready.log = '('\n",
    found: ["3:13+3 bad-pattern"],
    detail: { found: "(", detail: "Unterminated group" },
  },
  {
    name: "choices that are none",
    text: `language = "FR"\n${API}stop.signal = "TERM"\n`,
    found: ["1:12+4 bad-choice", "4:15+6 bad-choice"],
    detail: { choices: ["fr", "en"], suggestion: "fr" },
  },
  {
    name: "names that cannot be names of files",
    text: ['"a b"', "été", "NUL", "com1", "_x", '"../x"', "constructor"]
      .map((name) => name === "été" ? '"été"' : name)
      .map((name) => `[services.${name}]\ncommand = "x"\n`).join(""),
    found: [
      "1:11+5 bad-name",
      "3:11+5 bad-name",
      "5:11+3 bad-name",
      "7:11+4 bad-name",
      "9:11+2 bad-name",
      "11:11+6 bad-name",
      "13:11+11 bad-name",
    ],
  },
  {
    name: "names that differ only in case",
    text: `${API}[services.API]\ncommand = "x"\n`,
    found: ["3:11+3 bad-name"],
    detail: { reason: "case", other: "api" },
  },
  {
    name: "checks that need a port",
    text: API + 'ready = { http = "/" }\nlinux.ready.tcp = true\n',
    found: ["3:11+4 needs-port", "4:13+3 needs-port"],
    detail: { check: "http" },
  },
  { name: "an empty file", text: "", found: ["0:0+0 no-services"] },
  {
    name: "an empty table of services",
    text: "# été\n[services]\n",
    found: ["2:2+8 no-services"],
  },
];
