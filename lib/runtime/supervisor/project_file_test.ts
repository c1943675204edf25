import { strictEqual } from "node:assert/strict";
import { makeHost, makeMachine } from "../../../tests/kit/builders.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import { configHash } from "../../config/config_hash.ts";
import type { Service } from "../../core/model.ts";
import { ProjectFile } from "./project_file.ts";

const HOST = makeHost(makeMachine().platform);

/** A services.toml whose changes are always seen, however quick they are. */
class TestFile {
  readonly path: string;
  #time = 1_000_000;

  constructor(folder: string) {
    this.path = `${folder}/services.toml`;
  }

  write(...commands: readonly string[]): void {
    const text = commands.map((command, index) =>
      `[services.s${index}]\ncommand = "${command}"\n`
    ).join("\n");
    Deno.writeTextFileSync(this.path, text);
    this.#time += 10;
    Deno.utimeSync(this.path, this.#time, this.#time);
  }
}

function serviceIn(file: ProjectFile, name = "s0"): Service {
  const found = file.project.services.find((one) => one.name === name);
  if (!found) throw new Error(`Cannot find ${name}`);
  return found;
}

Deno.test("ProjectFile keeps the configuration that a service was started with", async () => {
  await using folder = await makeFolder();
  const toml = new TestFile(folder.path);
  toml.write("old");
  const file = await ProjectFile.open(HOST, toml.path);
  const hash = file.hashOf("s0");
  strictEqual(hash, await configHash(serviceIn(file), HOST.sha256));
  strictEqual(await file.refresh(() => hash), false);

  toml.write("new");
  strictEqual(await file.refresh(() => hash), false);
  strictEqual(serviceIn(file).command, "old");
  strictEqual(file.isOutdated("s0"), false);
  strictEqual(file.hashOf("s0"), hash);
});

Deno.test("ProjectFile takes up what the user starts", async () => {
  await using folder = await makeFolder();
  const toml = new TestFile(folder.path);
  toml.write("old");
  const file = await ProjectFile.open(HOST, toml.path);
  const hash = file.hashOf("s0");
  toml.write("new");
  await file.refresh(() => hash);
  const started = await configHash(
    { ...serviceIn(file), command: "new" },
    HOST.sha256,
  );
  strictEqual(await file.refresh(() => started), true);
  strictEqual(serviceIn(file).command, "new");
  strictEqual(file.hashOf("s0"), started);
});

Deno.test("ProjectFile runs nothing of a file that does not fit a run", async () => {
  await using folder = await makeFolder();
  const toml = new TestFile(folder.path);
  toml.write("changed", "same");
  const file = await ProjectFile.open(HOST, toml.path);
  const same = file.hashOf("s1");
  const recorded = (name: string) => name === "s0" ? "another" : same;
  strictEqual(await file.refresh(recorded), true);
  strictEqual(file.isOutdated("s0"), true);
  strictEqual(file.isOutdated("s1"), false);
  strictEqual(await file.refresh(recorded), false);
  // Its run is over: what the file says may be started by the user.
  strictEqual(await file.refresh(() => undefined), true);
  strictEqual(file.isOutdated("s0"), false);
});

Deno.test("ProjectFile ignores a file that is not valid, and follows its services", async () => {
  await using folder = await makeFolder();
  const toml = new TestFile(folder.path);
  toml.write("one");
  const file = await ProjectFile.open(HOST, toml.path);
  toml.write('one" "');
  strictEqual(await file.refresh(() => undefined), false);
  strictEqual(serviceIn(file).command, "one");
  toml.write("one", "two");
  strictEqual(await file.refresh(() => undefined), true);
  strictEqual(serviceIn(file, "s1").command, "two");
});
