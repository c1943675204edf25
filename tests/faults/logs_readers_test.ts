/** A reader that is slow or dead is nobody's trouble but its own. */

import { match, ok, strictEqual } from "node:assert/strict";
import { startProcess, until } from "../kit/test_process.ts";
import { devsvcCommand, ENGLISH } from "../kit/run_devsvc.ts";
import {
  archivesIn,
  makeLogs,
  silentServices,
  startLogSupervisor,
} from "../kit/test_logs.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { isAlive } from "../kit/processes.ts";
import { makeProject } from "../kit/test_project.ts";

const LIMITS = { size: 400_000, keep: 3 };

/** A service that never stops writing. */
const CHATTER = 'while :; do seq 10000; sleep 0.02; done >>"$1"';

Deno.test(
  "a reader that does not read blocks neither the service nor the supervisor",
  ON_LINUX,
  async () => {
    await using project = makeProject(0, () => silentServices("api"));
    const folder = makeLogs(project);
    const log = `${folder}/api.log`;
    await using _service = startProcess("/bin/sh", ["-c", CHATTER, "sh", log]);
    await using _supervisor = await startLogSupervisor(
      project.root,
      LIMITS,
      "api",
    );
    await until(async () => await sizeOf(log) > 0);

    const reader = project.spawn(["logs", "-f"]);
    const errors = new Response(reader.stderr).text();
    const stdout = reader.stdout.getReader();
    await stdout.read();
    // Its pipe holds less than a tenth of what is written from now on.
    const size = await sizeOf(log);
    await until(async () => await sizeOf(log) > size + 1_000_000);
    await until(
      async () => (await archivesIn(folder, "api")).length > 1,
    );
    ok(isAlive(reader.pid));

    // It dies without a word, and the service does not notice either.
    await stdout.cancel();
    strictEqual((await reader.status).code, 0);
    strictEqual(await errors, "");
    const later = await sizeOf(log);
    await until(async () => await sizeOf(log) > later);
  },
);

Deno.test(
  "logs -f ends when its reader has seen enough",
  ON_LINUX,
  async () => {
    await using project = makeProject(0, () => silentServices("api"));
    const folder = makeLogs(project);
    const log = `${folder}/api.log`;
    await using _service = startProcess("/bin/sh", ["-c", CHATTER, "sh", log]);
    await until(async () => await sizeOf(log) > 0);
    const [program, ...words] = devsvcCommand();
    const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
      args: ["-c", '"$@" | head -n 1', "sh", program, ...words, "logs", "-f"],
      cwd: project.root,
      env: ENGLISH,
    }).output();
    const decoder = new TextDecoder();
    strictEqual(code, 0);
    strictEqual(decoder.decode(stderr), "");
    match(decoder.decode(stdout), /^~?[\d:]+ api \| \d+\n$/);
  },
);

/** The size of a file in bytes; 0 while there is none. */
async function sizeOf(file: string): Promise<number> {
  return (await Deno.stat(file).catch(() => undefined))?.size ?? 0;
}
