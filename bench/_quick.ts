/**
 * The quick mode: what devsvc costs beside an empty script, in a minute.
 *
 * @module
 */

import { devsvcCommand } from "../tests/kit/run_devsvc.ts";
import { makeProject, plainServers } from "../tests/kit/test_project.ts";
import { timed } from "./_command.ts";
import { emptyScript } from "./_launcher.ts";
import { inTurn } from "./_measure.ts";
import { ROWS, type Table } from "./_model.ts";
import { renderTable } from "./_table.ts";

/** What is done: the words of devsvc, whether its services run, its exit code. */
const CASES: readonly (readonly [
  words: readonly string[],
  services: "free" | "ready",
  code: number,
])[] = [
  [["check"], "free", 0],
  [["check"], "ready", 1],
  [["status", "--json"], "free", 1],
  [["status", "--json"], "ready", 0],
  [["start"], "ready", 0],
];

/**
 * Measures devsvc in a project of three services, stopped and running.
 *
 * @throws {Error} Where the services do not start.
 */
export async function runQuick(runs: number): Promise<string> {
  await using free = makeProject(3, plainServers);
  await using ready = makeProject(3, plainServers);
  const { code, stderr } = await ready.run(["start"]);
  if (code !== 0) throw new Error(`Cannot start the services: ${stderr}`);
  const folders = { free: free.root, ready: ready.root };
  const contenders = CASES.map(([words, services, right]) => ({
    name: `${words.join(" ")}, 3 services, all ${services}`,
    measure: () =>
      timed([...devsvcCommand(), ...words], {
        cwd: folders[services],
        codes: [right],
      }),
  }));
  const empty = emptyScript(free.root);
  const rows = await inTurn(
    [{ name: ROWS.empty, measure: () => timed(empty) }, ...contenders],
    { runs, limit: Infinity },
  );
  const table: Table = {
    id: "quick",
    title: "Quick",
    unit: "ms",
    base: ROWS.empty,
    text: "",
    rows,
  };
  return `${runs} rounds, ${navigator.hardwareConcurrency} cores, ` +
    `${Deno.build.os} ${Deno.osRelease()}, Deno ${Deno.version.deno}\n\n` +
    renderTable(table);
}
