/**
 * overmind and hivemind: a Procfile, in the foreground. They have no
 * readiness; overmind can restart and list.
 */

import { timed } from "../_command.ts";
import type { Rivals } from "../rivals.ts";
import { foreground } from "./_foreground.ts";
import {
  type BenchProject,
  type Managed,
  type Manager,
  shellLine,
} from "./manager.ts";

/**
 * overmind as a manager.
 *
 * @returns The manager; `undefined` where it or tmux is missing.
 */
export function overmindManager({ tools }: Rivals): Manager | undefined {
  const tool = tools.get("overmind");
  return tool && tools.has("tmux")
    ? {
      name: "overmind",
      ready: "no",
      stopped: "no",
      restarts: true,
      open: (project) => openOvermind(project, tool.path),
    }
    : undefined;
}

/**
 * hivemind as a manager.
 *
 * @returns The manager; `undefined` where it is missing.
 */
export function hivemindManager({ tools }: Rivals): Manager | undefined {
  const tool = tools.get("hivemind");
  return tool && {
    name: "hivemind",
    ready: "no",
    stopped: "no",
    restarts: false,
    open: (project) => {
      const { procfile, output, folder } = writeProcfile(project);
      return {
        ...foreground([tool.path, procfile], { cwd: folder, file: output }),
        logs: { kind: "joint", file: output },
      };
    },
  };
}

function openOvermind(project: BenchProject, path: string): Managed {
  const { procfile, output, folder } = writeProcfile(project);
  const socket = `${project.home}/overmind.sock`;
  const cwd = folder;
  const auto = project.restart ? ["-r", "all"] : [];
  const overmind = async (...words: readonly string[]) => {
    await timed([path, ...words, "-s", socket], { cwd });
  };
  return {
    ...foreground(
      [path, "start", "-N", "-f", procfile, "-s", socket, ...auto],
      { cwd, file: output, env: { TMUX_TMPDIR: project.home } },
    ),
    restart: async (service) => {
      await timed([path, "restart", "-s", socket, service], { cwd });
    },
    status: () => overmind("ps"),
    logs: { kind: "joint", file: output },
  };
}

function writeProcfile(project: BenchProject): {
  readonly procfile: string;
  readonly output: string;
  readonly folder: string;
} {
  const { folder, services } = project;
  const procfile = `${folder}/Procfile`;
  const lines = services.map((one) => `${one.name}: ${shellLine(one)}\n`);
  Deno.writeTextFileSync(procfile, lines.join(""));
  return { procfile, output: `${folder}/output.log`, folder };
}
