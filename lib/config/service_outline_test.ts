import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { readServiceNames, type ServiceOutline } from "./service_outline.ts";

async function outlineOf(text: string): Promise<ServiceOutline> {
  const file = await Deno.makeTempFile({ suffix: ".toml" });
  try {
    await Deno.writeTextFile(file, text);
    return readServiceNames(file);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("readServiceNames() reads language, names and labels in the order of the file", async () => {
  const outline = await outlineOf(`
language = "fr"
[services.web-app]
label = "Le site"
[services.api]
command = "x"
`);
  strictEqual(outline.language, "fr");
  deepStrictEqual([...outline.labels], [["web-app", "Le site"], [
    "api",
    "api",
  ]]);
});

Deno.test("readServiceNames() does not check what else the file says", async () => {
  const outline = await outlineOf(`
language = "klingon"
bogus = 1
[services.api]
port = "99999"
label = 3
`);
  strictEqual(outline.language, undefined);
  deepStrictEqual([...outline.labels], [["api", "api"]]);
});

Deno.test("readServiceNames() leaves out names that a shell would take for more", async () => {
  const outline = await outlineOf(`
[services."$(touch gone)"]
[services."a b"]
[services."-rf"]
[services.good_1]
`);
  deepStrictEqual([...outline.labels.keys()], ["good_1"]);
});

Deno.test("readServiceNames() finds nothing of a file that is none", async () => {
  deepStrictEqual([...(await outlineOf("[services")).labels], []);
  deepStrictEqual([...(await outlineOf("services = 3")).labels], []);
  const nowhere = readServiceNames("/nowhere/services.toml");
  deepStrictEqual([...nowhere.labels], []);
});
