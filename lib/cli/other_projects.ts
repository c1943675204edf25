/**
 * Stopping what the devsvc of another project runs: by that devsvc, since its
 * supervisor would start again what is ended from here.
 */

import type { Holder } from "../core/model.ts";
import { join } from "../core/path.ts";
import type { Plan } from "../core/plan.ts";
import { CONFIG_NAME } from "../config/locate.ts";
import { statOrUndefined } from "../platform/file_system.ts";
import { selfProgram } from "../runtime/self_program.ts";
import type { ActingSession } from "./session.ts";

/** Lists the holders of ports that a plan leaves to the devsvc of their projects. */
export function holdersElsewhere({ steps }: Plan): readonly Holder[] {
  return steps.filter(({ kind }) => kind === "stop-elsewhere")
    .flatMap(({ diagnosis }) => diagnosis.holders)
    .filter(({ isRunElsewhere }) => isRunElsewhere);
}

/**
 * Has each devsvc stop its services. The next snapshot shows what came of it;
 * what a devsvc says of a failure goes to standard error.
 *
 * A project of another user is left alone: a command to stop with may stand in
 * its services.toml.
 */
export async function stopElsewhere(
  session: ActingSession,
  holders: readonly Holder[],
): Promise<void> {
  const { host: { fs }, context: { terminal }, view } = session;
  const projects = Map.groupBy(
    holders.filter(({ project }) =>
      project !== undefined && isOwn(project, fs.uid(), fs)
    ),
    ({ project = "" }) => project,
  );
  for (const [root, found] of projects) {
    const names = found.flatMap(({ service }) => service ?? []);
    // Without a name it would be all of them.
    if (names.length === 0) continue;
    terminal.writeError(
      `${view.messages.stoppingElsewhere([...new Set(names)], root)}\n`,
    );
    const { path, args } = selfProgram([
      "stop",
      ...new Set(names),
      `--config=${join(root, CONFIG_NAME)}`,
      `--lang=${view.language}`,
      "--no-color",
    ]);
    const { success, stdout, stderr } = await new Deno.Command(path, {
      args: [...args],
      cwd: root,
      stdin: "null",
    }).output();
    if (success) continue;
    const decoder = new TextDecoder();
    terminal.writeError(decoder.decode(stdout) + decoder.decode(stderr));
  }
}

/** Windows shows no such ids, and names no project in the first place. */
function isOwn(
  root: string,
  uid: number | undefined,
  fs: ActingSession["host"]["fs"],
): boolean {
  return [root, join(root, CONFIG_NAME)].every((path) =>
    statOrUndefined(fs, path)?.uid === uid
  );
}
