import { doesNotMatch, match, notStrictEqual, ok } from "node:assert/strict";
import type {
  ConfigIssue,
  ConfigIssueCode,
  Expected,
  HeaderReason,
  SyntaxReason,
  TomlKind,
} from "../../config/errors/config_issue.ts";
import { details as en } from "./en_details.ts";
import { details as fr } from "./fr_details.ts";
import type { Details } from "./load_messages.ts";

const PLACE = {
  line: 1,
  column: 1,
  source: "",
  indent: 0,
  width: 1,
  path: [],
} as const;

const ISSUES: { readonly [C in ConfigIssueCode]: ConfigIssue<C> } = {
  "syntax": {
    ...PLACE,
    code: "syntax",
    reason: "other",
    text: "x",
    detail: "d",
  },
  "unknown-key": { ...PLACE, code: "unknown-key", key: "k", allowed: ["a"] },
  "wrong-type": {
    ...PLACE,
    code: "wrong-type",
    key: "k",
    expected: "env",
    found: "integer",
    value: "8000",
  },
  "missing-key": { ...PLACE, code: "missing-key", key: "command", table: "t" },
  "out-of-range": {
    ...PLACE,
    code: "out-of-range",
    key: "port",
    min: 1,
    max: 2,
    found: 3,
  },
  "not-a-port-text": {
    ...PLACE,
    code: "not-a-port-text",
    found: "8000 ",
    port: 8000,
  },
  "duplicate-port": {
    ...PLACE,
    code: "duplicate-port",
    port: 80,
    service: "s",
  },
  "cycle": { ...PLACE, code: "cycle", names: ["a", "b"] },
  "unknown-dependency": {
    ...PLACE,
    code: "unknown-dependency",
    name: "n",
    services: ["s"],
  },
  "empty-value": { ...PLACE, code: "empty-value", key: "k" },
  "slow-pattern": {
    ...PLACE,
    code: "slow-pattern",
    found: "a(?=b)",
    part: "(?=",
  },
  "hidden-character": {
    ...PLACE,
    code: "hidden-character",
    key: "label",
    character: "U+202E",
  },
  "windows-path": {
    ...PLACE,
    code: "windows-path",
    key: "cwd",
    found: "NUL",
    reason: "device",
  },
  "missing-folder": {
    ...PLACE,
    code: "missing-folder",
    folder: "/f",
    reason: "not-found",
  },
  "unreadable-file": {
    ...PLACE,
    code: "unreadable-file",
    file: "/f",
    reason: "not-permitted",
  },
  "bad-env-line": {
    ...PLACE,
    code: "bad-env-line",
    file: "/f",
    envLine: 3,
    reason: "nul",
  },
  "bad-env-name": { ...PLACE, code: "bad-env-name", name: "A=B" },
  "bad-duration": { ...PLACE, code: "bad-duration", key: "k", found: "1" },
  "bad-size": { ...PLACE, code: "bad-size", key: "k", found: "1" },
  "bad-header-name": {
    ...PLACE,
    code: "bad-header-name",
    name: "n",
    reason: "framing",
  },
  "bad-header-value": { ...PLACE, code: "bad-header-value", name: "n" },
  "bad-http-path": { ...PLACE, code: "bad-http-path", found: "x" },
  "bad-pattern": { ...PLACE, code: "bad-pattern", found: "(", detail: "d" },
  "bad-choice": {
    ...PLACE,
    code: "bad-choice",
    key: "k",
    found: "f",
    choices: ["c"],
  },
  "bad-name": { ...PLACE, code: "bad-name", name: "n", reason: "device" },
  "needs-port": { ...PLACE, code: "needs-port", check: "tcp" },
  "no-services": { ...PLACE, code: "no-services" },
};

const REASONS: readonly SyntaxReason[] = [
  "invalid-value",
  "missing-value",
  "missing-equals",
  "missing-line-end",
  "missing-comma",
  "unclosed-text",
  "bad-escape",
  "bad-key",
  "bad-number",
  "bad-date",
  "control-character",
  "duplicate",
  "encoding",
  "other",
];

const VALUES = ["npm", "True", "“x”"];

/** Each kind of value that a key takes, and what was written instead. */
const TYPES: readonly (readonly [Expected, TomlKind, string | undefined])[] = [
  ["size", "integer", "10"],
  ["boolean", "string", undefined],
  ["statuses", "integer", "200"],
  ["header", "integer", "3"],
  ["http", "array", undefined],
  ["restart", "boolean", "true"],
  ["live", "boolean", "true"],
  ["table", "string", undefined],
  ["choice", "table", undefined],
];

const HEADER_REASONS: readonly HeaderReason[] = [
  "characters",
  "framing",
  "reserved",
];

function linesOf({ config }: Details): readonly string[] {
  function line<C extends ConfigIssueCode>(issue: ConfigIssue<C>): string {
    const { text, advice = "" } = config.issue[issue.code](issue);
    return `${text} / ${advice}`;
  }
  const { syntax } = ISSUES;
  return [
    ...Object.values(ISSUES).map((issue) => line(issue)),
    ...REASONS.map((reason) => line({ ...syntax, reason })),
    ...TYPES.map(([expected, found, value]) =>
      line({
        ...PLACE,
        code: "wrong-type",
        key: "log",
        expected,
        found,
        ...(value === undefined ? {} : { value }),
      })
    ),
    ...HEADER_REASONS.map((reason) =>
      line({ ...ISSUES["bad-header-name"], reason })
    ),
    line({ ...ISSUES["bad-duration"], key: "every" }),
    line({ ...ISSUES["bad-size"], suggestion: "10MB" }),
    ...VALUES.map((text) => line({ ...syntax, reason: "invalid-value", text })),
  ];
}

Deno.test("the messages say what is wrong without a final period", () => {
  for (const line of [...linesOf(en), ...linesOf(fr)]) {
    doesNotMatch(line, /undefined|\[object|\. \/|\.$/, line);
    ok(line.length > 10, line);
  }
});

Deno.test("the French messages are French, with a space before : ; ? and !", () => {
  const english = linesOf(en);
  for (const [index, line] of linesOf(fr).entries()) {
    notStrictEqual(line, english[index]);
    // Not in a name of a file such as `'C:\`, nor in a port such as `:8000`.
    doesNotMatch(
      line.replaceAll(/'C:|\(dev|\(\./g, ""),
      /[^\s][:;?!](?=\s|$)/,
      line,
    );
    doesNotMatch(line, /"[a-z]+" (?:takes|attend)/, line);
  }
});

Deno.test("the messages give the value to write", () => {
  for (const { config } of [en, fr]) {
    match(
      config.issue["wrong-type"](ISSUES["wrong-type"]).advice ?? "",
      /"8000"/,
    );
    match(
      config.issue["not-a-port-text"](ISSUES["not-a-port-text"]).advice ?? "",
      /port = 8000$/,
    );
    match(config.issue["cycle"](ISSUES["cycle"]).text, /a → b → a/);
    const alone = { ...ISSUES["cycle"], names: ["a"] };
    doesNotMatch(config.issue["cycle"](alone).text, /→/);
  }
});
