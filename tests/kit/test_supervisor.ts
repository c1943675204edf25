/** The supervisor of a test's project, observed and killed from outside. */

import { until } from "./test_process.ts";
import { devsvcCommand } from "./run_devsvc.ts";
import { allProcessesIn, isAlive, withoutForks } from "./processes.ts";
import type { TestProject } from "./test_project.ts";

type Place = Pick<TestProject, "root">;

/** Lists the supervisors of a project. */
export function supervisorsOf({ root }: Place): readonly number[] {
  return withoutForks(
    allProcessesIn(root).filter((pid) => isSupervisorOf(root, pid)),
  );
}

function isSupervisorOf(root: string, pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`)
      .endsWith(`\0__supervisor\0${root}/services.toml\0`);
  } catch {
    return false;
  }
}

/**
 * Finds the supervisor that has taken its place: the one that `supervisor.json` names.
 *
 * @returns Its id, or `undefined` where there is none at work.
 */
export function supervisorOf({ root }: Place): number | undefined {
  try {
    const { pid } = JSON.parse(
      Deno.readTextFileSync(`${root}/.devsvc/supervisor.json`),
    );
    return isAlive(pid) && isSupervisorOf(root, pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Waits until a supervisor is at work. */
export function untilSupervised(project: Place): Promise<number> {
  return until(() => supervisorOf(project));
}

/** Ends the supervisor by `kill -9`, once it is at work. */
export async function killSupervisor(project: Place): Promise<number> {
  const pid = await untilSupervised(project);
  Deno.kill(pid, "SIGKILL");
  await until(() => !isAlive(pid));
  return pid;
}

/**
 * Brings a supervisor, as every command does; it leaves by itself where there is
 * one, and with the last service.
 *
 * @returns The process; it is not waited for.
 */
export function bringSupervisor({ root }: Place): Deno.ChildProcess {
  const [program, ...before] = devsvcCommand();
  return new Deno.Command(program, {
    args: [...before, "__supervisor", `${root}/services.toml`],
    cwd: root,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Reads what the journal says, without times and authors. */
export function journalOf(
  project: Pick<TestProject, "read">,
): readonly string[] {
  try {
    return project.read(".devsvc/devsvc.log").trimEnd().split("\n")
      .map((line) => line.replace(/^\S+ /, "").replace(/ by=\d+$/, ""));
  } catch {
    return [];
  }
}
