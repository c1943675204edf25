/** The processes of Windows: who lives, with which command line and environment. */

import type {
  Identity,
  Lookup,
  ProcessDetail,
  ProcessTable,
  TaggedProcess,
} from "../../core/model.ts";
import { toTaggedProcess } from "../parse/fields.ts";
import { splitCommandLine } from "../parse/windows_command_line.ts";
import { type Kernel, type OpenProcess, RIGHTS } from "./kernel.ts";
import { type ProcessParameters, readParameters } from "./process_memory.ts";
import { readProcessList } from "./process_list.ts";

/** The calls of Windows; not ok where devsvc may not make them. */
export type FindKernel = () => Lookup<Kernel>;

/** Reads all processes now. */
export function readProcessTable(find: FindKernel): Lookup<ProcessTable> {
  const kernel = find();
  if (!kernel.ok) return kernel;
  const list = kernel.value.processList();
  return list.ok ? readProcessList(list.value) : list;
}

/** Finds the identity of a living process. */
export function readIdentity(
  find: FindKernel,
  pid: number,
): Lookup<Identity | undefined> {
  const table = readProcessTable(find);
  if (!table.ok) return table;
  const entry = table.value.get(pid);
  if (entry === undefined) return { ok: true, value: undefined };
  return entry.start === ""
    ? { ok: false, reason: `Windows does not show the start of process ${pid}` }
    : { ok: true, value: { pid, start: entry.start } };
}

/** Reads arguments and folders of processes; what is unknown is absent. */
export function readDetails(
  find: FindKernel,
  pids: readonly number[],
): ReadonlyMap<number, ProcessDetail> {
  return readEach(find, pids, (pid, reader) => {
    const { cwd, commandLine = reader.commandLine() } = reader
      .parameters(false);
    return commandLine === undefined ? undefined : {
      pid,
      args: splitCommandLine(commandLine),
      ...(cwd === undefined ? {} : { cwd }),
    };
  });
}

/** Reads the environments of processes; what is unknown is absent. */
export function readEnvironments(
  find: FindKernel,
  pids: readonly number[],
): ReadonlyMap<number, Readonly<Record<string, string>>> {
  return readEach(
    find,
    pids,
    (_, reader) => reader.parameters(true).environment,
  );
}

/** Finds the processes of this user that name their run. */
export function readTaggedProcesses(
  find: FindKernel,
): Lookup<readonly TaggedProcess[]> {
  const table = readProcessTable(find);
  if (!table.ok) return table;
  const environments = readEnvironments(find, [...table.value.keys()]);
  const value = [...environments]
    .flatMap(([pid, variables]) => toTaggedProcess(pid, variables) ?? []);
  return { ok: true, value };
}

/** Reads one process, held meanwhile. */
interface Reader {
  commandLine(): string | undefined;
  parameters(environment: boolean): ProcessParameters;
}

function readEach<T>(
  find: FindKernel,
  pids: readonly number[],
  read: (pid: number, reader: Reader) => T | undefined,
): ReadonlyMap<number, T> {
  const kernel = find();
  if (!kernel.ok) return new Map();
  const { open } = kernel.value;
  const own = ownerOf(open(Deno.pid, RIGHTS.look));
  const found = new Map<number, T>();
  for (const pid of pids) {
    if (!Number.isSafeInteger(pid) || pid < 1) continue;
    using looked = open(pid, RIGHTS.look);
    if (!looked) continue;
    const value = read(pid, {
      commandLine: () => looked.commandLine(),
      parameters: (environment) => {
        // Not the memory of the system, even where the rights would allow it:
        // programs that watch over passwords raise the alarm.
        if (own === undefined || looked.owner() !== own) return {};
        using opened = open(pid, RIGHTS.read);
        const basic = opened?.basicInformation();
        return opened && basic
          ? readParameters(basic, opened.read, { environment })
          : {};
      },
    });
    if (value !== undefined) found.set(pid, value);
  }
  return found;
}

function ownerOf(process: OpenProcess | undefined): string | undefined {
  using held = process;
  return held?.owner();
}
