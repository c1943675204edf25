import assert from "node:assert/strict";
import { assertSurvivesDamage } from "../../../tests/kit/damage.ts";
import {
  parseArguments,
  parseEnvironments,
  parsePlaces,
  parseTaggedProcesses,
} from "./proc_details.ts";

const PLACES = [
  ["/proc/12", "anna 1000", "/proc/12"],
  ["/proc/12/cwd", "anna 1000", "/proc/12/cwd -> /home/anna/mon été\n -> x"],
  ["/proc/13", "UNKNOWN 4242", "/proc/13"],
  // Of another user: the link is there, its target is hidden.
  ["/proc/13/cwd", "root 0", "/proc/13/cwd"],
  ["/proc/14", "bob 1001", "'/proc/14'"],
  ["/proc/14/cwd", "bob 1001", "'/proc/14/cwd' -> '/srv'"],
].flat().join("\0") + "\0";

Deno.test("parsePlaces() reads users and folders", () => {
  assert.deepEqual(
    parsePlaces(PLACES),
    new Map([
      [12, { user: "anna", cwd: "/home/anna/mon été\n -> x" }],
      [13, { user: "4242" }],
      [14, { user: "bob", cwd: "/srv" }],
    ]),
  );
});

const ARGUMENTS = [
  "/proc/12/cmdline:python3",
  "/proc/12/cmdline:",
  "/proc/12/cmdline:-c",
  "/proc/12/cmdline:print('a')\nprint(\"é\")",
  "/proc/12/cmdline:/proc/13/cmdline:x",
  "/proc/14/cmdline:nginx: master process",
  "/proc/14/cmdline:",
  "/proc/14/cmdline:",
  "/proc/15/cmdline:",
].join("\0") + "\0";

Deno.test("parseArguments() keeps arguments as they are", () => {
  assert.deepEqual(
    parseArguments(ARGUMENTS),
    new Map([
      [12, [
        "python3",
        "",
        "-c",
        "print('a')\nprint(\"é\")",
        "/proc/13/cmdline:x",
      ]],
      [14, ["nginx: master process"]],
      [15, [""]],
    ]),
  );
});

const ENVIRONMENTS = [
  "/proc/12/environ:PATH=/usr/bin:/bin",
  "/proc/12/environ:EMPTY=",
  "/proc/12/environ:SUM=1=1\nand /proc/9/environ:x=y",
  "/proc/12/environ:TWICE=first",
  "/proc/12/environ:TWICE=second",
  "/proc/12/environ:no sign",
  "/proc/13/environ:LANG=fr",
].join("\0") + "\0";

const TAGS = [
  "/proc/12/environ:DEVSVC_RUN=0b9c-1",
  "/proc/12/environ:DEVSVC_ROOT=/home/ada/two\nlines",
  "/proc/12/environ:DEVSVC_SERVICE=api",
  "/proc/13/environ:DEVSVC_SERVICE=api",
  "/proc/13/environ:DEVSVC_RUN=0b9c-1",
  "/proc/14/environ:DEVSVC_RUN=77",
  "/proc/14/environ:DEVSVC_RUN=78",
  "/proc/14/environ:DEVSVC_ROOT=",
  "/proc/17/environ:X=1\nDEVSVC_RUN=99",
  "/proc/18/environ:DEVSVC_ROOT=/home/ada",
  "/proc/15/environ:DEVSVC_RUN=",
  "/proc/16/environ:DEVSVC_RUN=a b",
].join("\0") + "\0";

Deno.test("parseTaggedProcesses() reads run, service and project", () => {
  assert.deepEqual(parseTaggedProcesses(TAGS), [
    { pid: 12, run: "0b9c-1", service: "api", root: "/home/ada/two\nlines" },
    { pid: 13, run: "0b9c-1", service: "api" },
    { pid: 14, run: "77", service: "" },
  ]);
  assert.deepEqual(parseTaggedProcesses(""), []);
});

Deno.test("the parsers of details survive damage", () => {
  assertSurvivesDamage(
    [PLACES, ARGUMENTS, TAGS, ENVIRONMENTS],
    (text) => [
      ...parseEnvironments(text).keys(),
      ...parsePlaces(text).keys(),
      ...parseArguments(text).keys(),
      ...parseTaggedProcesses(text).map(({ pid }) => pid),
    ],
  );
});

Deno.test("parseEnvironments() keeps values as they are", () => {
  assert.deepEqual(
    parseEnvironments(ENVIRONMENTS),
    new Map([
      [12, {
        PATH: "/usr/bin:/bin",
        EMPTY: "",
        SUM: "1=1\nand /proc/9/environ:x=y",
        TWICE: "first",
      }],
      [13, { LANG: "fr" }],
    ]),
  );
});
