/**
 * Issues in `ready.http`, `stop.command`, `restart`, `live` and `log`, for
 * the tests of this folder.
 */

import { API, type Case } from "./config_cases.ts";

const WITH_PORT = API + "port = 1\n";

/** Every kind of issue in these keys. */
export const TABLE_CASES: readonly Case[] = [
  {
    name: "lists, dates and numbers where a path or a table belongs",
    text: WITH_PORT + 'ready.http = ["/"]\nwindows.ready.http = 2026-01-01\n' +
      "linux.ready.http = 80\n",
    found: ["4:14+5 wrong-type", "5:22+10 wrong-type", "6:20+2 wrong-type"],
    detail: { expected: "http", found: "array" },
  },
  {
    name: "a table for a check without its path",
    text: WITH_PORT + "ready.http = { status = [200] }\n",
    found: ["4:7+4 missing-key"],
    detail: { path: ["services", "api", "ready", "http"], key: "path" },
  },
  {
    name: "a misspelt path is reported once",
    text: WITH_PORT + 'ready.http = { pth = "/" }\n',
    found: ["4:16+3 unknown-key"],
    detail: { suggestion: "path" },
  },
  {
    name: "a URL in the table of a check",
    text: WITH_PORT + 'ready.http = { path = "localhost:1/x", url = "/" }\n',
    found: ["4:23+15 bad-http-path", "4:40+3 unknown-key"],
  },
  {
    name: "status codes that are none",
    text: WITH_PORT +
      'ready.http = { path = "/", status = [200, 99, "204", 2.5] }\n',
    found: ["4:43+2 out-of-range", "4:47+5 wrong-type", "4:54+3 wrong-type"],
    detail: { key: "status", min: 100, max: 599, found: 99 },
  },
  {
    name: "one status code, and none",
    text: WITH_PORT + 'ready.http = { path = "/", status = 200 }\n' +
      'linux.ready.http = { path = "/", status = [] }\n',
    found: ["4:37+3 wrong-type", "5:43+2 empty-value"],
    detail: { expected: "statuses", value: "200" },
  },
  {
    name: "names of headers",
    text: WITH_PORT +
      'ready.http.path = "/"\n[services.api.ready.http.headers]\n' +
      '"X Y" = "1"\n"é" = "1"\n"" = "1"\ncontent-length = "1"\n' +
      'CONNECTION = "x"\nTransfer-Encoding = "x"\nconstructor = "x"\n' +
      'Host = "shop.test"\n',
    found: [
      "6:1+5 bad-header-name",
      "7:1+3 bad-header-name",
      "8:1+2 bad-header-name",
      "9:1+14 bad-header-name",
      "10:1+10 bad-header-name",
      "11:1+17 bad-header-name",
      "12:1+11 bad-header-name",
    ],
    detail: { name: "X Y", reason: "characters" },
  },
  {
    name: "values of headers that end the line, or are no text",
    text: WITH_PORT + 'ready.http.path = "/"\nready.http.headers = { A = ' +
      '"x\\r\\nB: y", C = "\\u0000", D = 1 }\n',
    found: [
      "5:28+11 bad-header-value",
      "5:45+8 bad-header-value",
      "5:59+1 wrong-type",
    ],
    detail: { name: "A" },
  },
  {
    name: "an array of headers",
    text: WITH_PORT + 'ready.http = { path = "/", headers = ["A: 1"] }\n',
    found: ["4:38+8 wrong-type"],
    detail: { expected: "table", found: "array" },
  },
  {
    name: "a check in a table needs a port, too",
    text: API + 'ready.http = { path = "/" }\n',
    found: ["3:7+4 needs-port"],
  },
  {
    name: "stop commands that are none",
    text: API + 'stop.command = " "\nlinux.stop.command = [1]\n' +
      "windows.stop.command = true\n",
    found: ["3:16+3 empty-value", "4:23+1 wrong-type", "5:24+4 wrong-type"],
    detail: { key: "command" },
  },
  {
    name: "the stop command of another tool",
    text: API + 'stop = { exec = "x", kill = true }\n',
    found: ["3:10+4 unknown-key", "3:22+4 unknown-key"],
    detail: { suggestion: "command" },
  },
  {
    name: "a word for restart that is none",
    text: API + 'restart = "on_failure"\nlinux.restart = "allways"\n' +
      'windows.restart = { when = "Never" }\n',
    found: ["3:11+12 bad-choice", "4:17+9 bad-choice", "5:28+7 bad-choice"],
    detail: {
      key: "restart",
      suggestion: "on-failure",
      choices: ["never", "on-failure", "always"],
    },
  },
  {
    name: "restart that is neither a word nor a table",
    text: API + 'restart = true\nlinux.restart = ["always"]\n',
    found: ["3:11+4 wrong-type", "4:17+10 wrong-type"],
    detail: { expected: "restart", found: "boolean", value: "true" },
  },
  {
    name: "numbers and pauses of restart",
    text: API + 'restart = { limit = 0, delay = "0s", retries = 3 }\n' +
      'linux.restart = { limit = "3", delay = 5 }\n',
    found: [
      "3:21+1 out-of-range",
      "3:32+4 bad-duration",
      "3:38+7 unknown-key",
      "4:27+3 wrong-type",
      "4:40+1 wrong-type",
    ],
    detail: { key: "limit", min: 1, max: 1_000_000, found: 0 },
  },
  {
    name: "live that is neither false nor a table",
    text: API + 'live = true\nlinux.live = "30s"\nwindows.live = []\n',
    found: ["3:8+4 wrong-type", "4:14+5 wrong-type", "5:16+2 wrong-type"],
    detail: { expected: "live", value: "true" },
  },
  {
    name: "values of live",
    text: API + 'live = { every = "0s", failures = 0, restart = "yes" }\n' +
      "linux.live = { interval = 1, failures = 1.5 }\n",
    found: [
      "3:18+4 bad-duration",
      "3:35+1 out-of-range",
      "3:48+5 wrong-type",
      "4:16+8 unknown-key",
      "4:41+3 wrong-type",
    ],
    detail: { key: "every", found: "0s" },
  },
  {
    name: "a pattern where the log of the service is meant",
    text: API + 'log = "ready in"\nlinux.log = []\n',
    found: ["3:7+10 wrong-type", "4:13+2 wrong-type"],
    detail: { key: "log", expected: "table", found: "string" },
  },
  {
    name: "sizes that are none",
    text: API + 'log.size = "10 MiB"\nlinux.log.size = "63kB"\n' +
      'windows.log.size = 10\nmacos.log.size = "11GB"\n',
    found: [
      "3:12+8 bad-size",
      "4:18+6 bad-size",
      "5:20+2 wrong-type",
      "6:18+6 bad-size",
    ],
    detail: { key: "size", found: "10 MiB", suggestion: "10MB" },
  },
  {
    name: "how many parts of a log",
    text: API + "log = { keep = -1, files = 3 }\nlinux.log.keep = 1001\n",
    found: ["3:16+2 out-of-range", "3:20+5 unknown-key", "4:18+4 out-of-range"],
    detail: { key: "keep", min: 0, max: 1000, found: -1 },
  },
  {
    name: "keys of these tables in the wrong place, and by other names",
    text: API + "autorestart = true\nheaders = {}\nliveness = {}\n" +
      'max_size = "1MB"\nstop_command = "x"\n',
    found: [
      "3:1+11 unknown-key",
      "4:1+7 unknown-key",
      "5:1+8 unknown-key",
      "6:1+8 unknown-key",
      "7:1+12 unknown-key",
    ],
    detail: { suggestion: "restart" },
  },
  {
    name: "a table, a list or a number where a word belongs",
    text: "language = { a = 1 }\n" + API +
      'stop.signal = {}\nrestart = { when = {} }\nlinux.stop.signal = ["SIGINT"]\n' +
      "windows.stop.signal = 15\n",
    found: [
      "1:12+9 wrong-type",
      "4:15+2 wrong-type",
      "5:20+2 wrong-type",
      "6:21+10 wrong-type",
      "7:23+2 wrong-type",
    ],
    detail: { expected: "choice", found: "table", choices: ["fr", "en"] },
  },
  {
    name: "an unknown key alone in restart",
    text: API + "restart = { limt = 3 }\n",
    found: ["3:13+4 unknown-key"],
    detail: { suggestion: "limit" },
  },
  {
    name: "an unknown key alone in live",
    text: API + 'live = { evry = "1s" }\n',
    found: ["3:10+4 unknown-key"],
    detail: { suggestion: "every" },
  },
  {
    name: "an unknown key alone in ready.http",
    text: WITH_PORT + 'ready.http = { path = "/", stats = [200] }\n',
    found: ["4:28+5 unknown-key"],
    detail: { suggestion: "status" },
  },
];
