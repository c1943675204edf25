/** A page that takes longer than a connection may (diegosouzapw/OmniRoute#12484). */

import { match, strictEqual } from "node:assert/strict";
import { slowWebServer } from "../kit/cheap.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { makeProject } from "../kit/test_project.ts";

Deno.test(
  "a service whose page takes 3 s is ready, and stays so",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, ([port = 0]) =>
      `[services.web]
command = ${slowWebServer(port, 3)}
port = ${port}
ready = { http = "/", timeout = "30s" }
`);
    const start = await project.run(["start"]);
    strictEqual(start.code, 0, start.stdout + start.stderr);
    const status = await project.run(["status"]);
    strictEqual(status.code, 0, status.stdout);
    match(status.stdout, /^web +ready /m);
  },
);

Deno.test(
  "an attempt takes no longer than ready.attempt",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, ([port = 0]) =>
      `[services.web]
command = ${slowWebServer(port, 30)}
port = ${port}
ready = { http = "/", timeout = "1s", attempt = "200ms" }
live = { timeout = "200ms" }
`);
    const start = await project.run(["start"]);
    strictEqual(start.code, 1);
    match(start.stdout, /waiting for GET \/: no answer/);
    const status = await project.run(["status"]);
    match(status.stdout, /^web +unhealthy /m);
  },
);
