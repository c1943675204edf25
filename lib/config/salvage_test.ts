import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { errorOf, makeFolder } from "../../tests/kit/config_folder.ts";
import { makeEntry, makeRunRecord } from "../../tests/kit/builders.ts";
import type { RunRecord } from "../core/model.ts";
import { type Salvaged, salvageProject } from "./salvage.ts";

async function salvaged(
  text: string | Uint8Array,
  records: Readonly<Record<string, RunRecord>> = {},
): Promise<Salvaged> {
  await using folder = await makeFolder();
  const error = await errorOf(folder, text);
  return salvageProject(error, (name) => records[name], "linux");
}

const RIGHT = `[services.api]
label = "API"
command = "serve"
port = 8000
stop = { signal = "SIGINT", timeout = "3s", command = "quit" }
`;

for (
  const [title, more] of [
    ["a mistake in another service", '[services.web]\ncomand = "x"\n'],
    ["a folder that is gone", 'cwd = "gone"\n'],
    ["an env_file that is gone", 'env_file = "gone.env"\n'],
  ] as const
) {
  Deno.test(`salvageProject() takes a right service as it is: ${title}`, async () => {
    const { project, hasNames } = await salvaged(RIGHT + more);
    strictEqual(hasNames, true);
    const [api] = project.services;
    deepStrictEqual(
      [api?.label, api?.command, api?.port, api?.stop],
      ["API", "serve", 8000, {
        command: "quit",
        signal: "SIGINT",
        timeout: 3_000,
      }],
    );
  });
}

Deno.test("salvageProject() takes of a service with a mistake what is right and runs nothing", async () => {
  const { project } = await salvaged(`[services.api]
label = "API"
command = "serve"
prot = 8001
port = 8000
stop = { signal = "SIGINT", timeout = 3, command = "rm -rf /" }
`);
  const [api] = project.services;
  deepStrictEqual(
    [api?.label, api?.command, api?.port, api?.stop],
    ["API", ["\0"], 8000, { signal: "SIGINT", timeout: 10_000 }],
  );
});

Deno.test("salvageProject() goes by the run record where a service has a mistake", async () => {
  const record = makeRunRecord(makeEntry(100), { port: 8001 });
  const { project } = await salvaged(
    "[services.api]\ncommand = 1\nport = 8000\n",
    { api: record },
  );
  const [api] = project.services;
  deepStrictEqual([api?.command, api?.port], [record.command, 8001]);
});

Deno.test("salvageProject() breaks cycles, and leaves out names that are none", async () => {
  const { project } = await salvaged(`[services.a]
command = "x"
depends_on = ["b", "nobody"]
[services.b]
command = "x"
depends_on = ["a"]
[services.A]
command = "x"
[services."../c"]
command = "x"
`);
  deepStrictEqual(
    project.services.map(({ name, dependsOn }) => [name, dependsOn]),
    [["a", []], ["b", []]],
  );
});

Deno.test("salvageProject() gives no port to two services", async () => {
  const { project } = await salvaged(
    RIGHT + '[services.web]\ncommand = "x"\nport = 8000\n',
  );
  deepStrictEqual(project.services.map(({ port }) => port), [8000, undefined]);
});

for (
  const [title, text] of [
    ["a conflict mark of git", `<<<<<<< HEAD\n${RIGHT}`],
    ["no text", new Uint8Array([0xff, 0xfe, 0])],
    ["nothing", ""],
    ["services that are no table", 'language = "en"\nservices = 1\n'],
  ] as const
) {
  Deno.test(`salvageProject() knows no names in ${title}`, async () => {
    const { project, hasNames } = await salvaged(text);
    deepStrictEqual([project.services, hasNames], [[], false]);
  });
}
