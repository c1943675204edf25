/**
 * A platform on top of a machine in memory: queries take time, are outdated
 * when they are answered, and sometimes fail.
 */

import type { Exit } from "../../lib/core/exit.ts";
import type {
  Identity,
  Lookup,
  ProcessTable,
  TaggedProcess,
  UnidentifiedHolder,
} from "../../lib/core/model.ts";
import type { Platform, SpawnRequest } from "../../lib/platform/platform.ts";
import { readIdentity, signalExactly } from "../../lib/platform/posix/posix.ts";
import { signalExactly as signalOnWindows } from "../../lib/platform/windows/windows_signal.ts";
import type { Machine, Proc, Traits } from "./fake_machine.ts";
import { SELF } from "./fake_machine.ts";

/** The longest that a query takes, in milliseconds. */
export const QUERY_MAX = 30;

/** What a started service does. */
export const LAUNCHES = [
  "serves",
  "forks",
  "daemonizes",
  "dies",
  "mute",
] as const;

/** One of {@linkcode LAUNCHES}. */
export type Launch = typeof LAUNCHES[number];

/** The rules that can be left out. */
export const RULES = [
  /** Only the process that was meant is signalled, whoever has its pid now. */
  "identity check",
  /** The processes of a run are known where there is no run record of it. */
  "runs without a record",
  /** What names another project is not of this one, wherever it works. */
  "other projects",
  /** What a devsvc started that set no root is of the project it works in. */
  "runs without a root",
  /** A search that failed has not found nothing. */
  "failed search",
  /** Services count that are not in services.toml any more. */
  "removed services",
  /** A folder is of the project whose services.toml is nearest. */
  "nearest project",
  /** What only works in the folder of the project is not its service. */
  "command of a service",
  /** What another devsvc runs is stopped by that one. */
  "other checkouts",
  /** What is left in the session of a dead wrapper is of its run. */
  "session of a run",
  /** A process id of another namespace says nothing. */
  "pid namespaces",
  /** A suspended process is continued, so that it can act on a signal. */
  "suspension",
  /** The OS knows how long it keeps a port. */
  "closing ports",
] as const;

/** One of {@linkcode RULES}. */
export type LeftOut = typeof RULES[number];

/** How a platform behaves. */
export interface FakePlatformOptions {
  /** The ports of the project. */
  readonly ports: readonly number[];
  /** The probability that something happens during a query. */
  readonly unrest: number;
  /** The probability that a query fails. */
  readonly failing: number;
  /** Ports that a container publishes without a process. */
  readonly published: ReadonlySet<number>;
  /** Whether there is a valid run record of a run. */
  readonly hasRecord: (run: string) => boolean;
  /** What a service does when it is started, and where it listens. */
  readonly launchOf: (
    service: string,
  ) => {
    readonly launch: Launch;
    readonly port?: number;
    readonly lag: number;
  };
  /** A rule that is left out, to show that it is needed. */
  readonly without: LeftOut | undefined;
}

/** Makes the platform of a machine. */
export function makeFakePlatform(
  machine: Machine,
  options: FakePlatformOptions,
): Platform {
  const { time } = machine;
  const signals = {
    self: SELF,
    kill: (pid: number, signal: string) => machine.kill(pid, signal),
  };
  const wait = async () => {
    machine.disturb(options.unrest, options.ports);
    await time.sleep(Math.floor(machine.chance(0.5) ? QUERY_MAX : 5));
  };
  /** The answer is outdated when it arrives. */
  const query = async <T>(take: () => T): Promise<Lookup<T>> => {
    if (machine.chance(options.failing)) {
      await time.sleep(QUERY_MAX);
      return { ok: false, reason: "no answer in time" };
    }
    const value = take();
    await wait();
    return { ok: true, value };
  };
  /** No time passes between this read and the signal. */
  const read = async (): Promise<Lookup<ProcessTable>> => {
    await wait();
    return machine.chance(options.failing)
      ? { ok: false, reason: "no answer in time" }
      : { ok: true, value: shown(machine, options) };
  };
  /** Gives the process that has the pid now the identity of the target. */
  const readAsTarget = (target: Identity) => async () => {
    const seen = await read();
    if (!seen.ok) return seen;
    const entry = seen.value.get(target.pid);
    return entry === undefined ? seen : {
      ok: true,
      value: new Map(seen.value).set(target.pid, {
        ...entry,
        start: target.start,
      }),
    } as const;
  };
  return {
    self: SELF,
    probesFirst: !machine.windows,
    groups: machine.windows ? "tree" : "group",
    listeners: () => query(() => machine.rows()),
    processTable: () => query(() => shown(machine, options)),
    identity: (pid) => readIdentity(read, pid),
    details: async (pids) => {
      const seen = await query(() =>
        new Map(pids.flatMap((pid) => {
          const proc = machine.table.get(pid);
          if (!proc || proc.state !== "alive") return [];
          const { name, cwd, args = [name] } = proc;
          const folder = machine.windows || cwd === undefined ? {} : { cwd };
          return [[pid, { pid, args, ...folder }] as const];
        }))
      );
      return seen.ok ? seen.value : new Map();
    },
    mayExist: (pid) => machine.table.has(pid),
    environments: () => Promise.resolve(new Map()),
    taggedProcesses: async () => {
      if (machine.windows) return { ok: true, value: [] };
      const found = await query(() => tagged(machine, options));
      return !found.ok && options.without === "failed search"
        ? { ok: true, value: [] }
        : found;
    },
    unidentifiedHolders: (ports) =>
      Promise.resolve(
        new Map(
          ports.map((port) => [port, holderOf(port, machine, options)] as const)
            .filter(([, holder]) => Object.keys(holder).length > 0),
        ),
      ),
    probe: async (port) => {
      if (machine.chance(options.failing)) return "unknown";
      const isUsed = options.published.has(port) ||
        machine.socketsOn(port).length > 0 || machine.closingTime(port) > 0;
      await wait();
      return isUsed ? "used" : "free";
    },
    signal: (target, signal, scope) => {
      if (signal === "SIGCONT" && options.without === "suspension") {
        return Promise.resolve("sent");
      }
      const readTable = options.without === "identity check"
        ? readAsTarget(target)
        : read;
      return machine.windows
        ? signalOnWindows(
          {
            read: readTable,
            taskkill: "none",
            signals,
            runTool: () => Promise.resolve({ kind: "missing" }),
          },
          target,
          signal,
          scope,
        )
        : signalExactly(readTable, target, signal, scope, signals);
    },
    spawnSuspended: async (request) => {
      await wait();
      return spawn(machine, request, options);
    },
    punchHole: () => Promise.resolve(false),
    collapseHead: () => Promise.resolve(false),
    spawnBackground: () => Promise.resolve(),
    ownsConsole: () => Promise.resolve(false),
  };
}

function shown(
  machine: Machine,
  { without }: FakePlatformOptions,
): ProcessTable {
  const entries = machine.entries();
  if (without !== "session of a run") return entries;
  return new Map(
    [...entries].map(([pid, entry]) => [
      pid,
      machine.table.get(pid)?.clean
        ? { ...entry, session: pid, group: pid }
        : entry,
    ]),
  );
}

function holderOf(
  port: number,
  machine: Machine,
  { published, without }: FakePlatformOptions,
): UnidentifiedHolder {
  if (published.has(port)) return { container: "web" };
  const left = machine.closingTime(port);
  if (left === 0) return {};
  return { closing: { left: without === "closing ports" ? 0 : left } };
}

function tagged(
  machine: Machine,
  { without, hasRecord }: FakePlatformOptions,
): readonly TaggedProcess[] {
  return machine.living().flatMap((proc) => {
    const { pid, run, tag, party, denied, clean } = proc;
    if (run === undefined || tag === undefined || denied || clean) return [];
    const isLeftOut =
      (without === "runs without a record" && !hasRecord(run)) ||
      (without === "other projects" && party.kind !== "own") ||
      (without === "runs without a root" && tag.root === undefined);
    return isLeftOut ? [] : [{ pid, run, ...tag }];
  });
}

function spawn(
  machine: Machine,
  { env, cwd }: SpawnRequest,
  { launchOf }: FakePlatformOptions,
) {
  const service = env.DEVSVC_SERVICE ?? "";
  const { launch, port, lag } = launchOf(service);
  const { promise: exited, resolve } = Promise.withResolvers<Exit>();
  const traits: Traits = {
    name: "node",
    party: { kind: "own", service },
    run: env.DEVSVC_RUN ?? "",
    tag: { service, ...(env.DEVSVC_ROOT ? { root: env.DEVSVC_ROOT } : {}) },
    cwd,
    leads: "session",
    lag,
  };
  const wrapper = machine.fork(machine.table.get(SELF), traits);
  wrapper.onEnd = () => resolve({ code: 1, signal: null });
  return {
    pid: wrapper.pid,
    start: wrapper.start,
    exited,
    resume: async () => {
      await machine.time.sleep(1);
      machine.time.later(40, () => begin(machine, wrapper, launch, port));
    },
    discard: async () => {
      machine.end(wrapper);
      await exited;
    },
  };
}

/** A resumed service does what was chosen, unless it was ended before. */
function begin(
  machine: Machine,
  wrapper: Proc,
  launch: Launch,
  port: number | undefined,
): void {
  if (wrapper.state !== "alive" || launch === "mute") return;
  if (launch === "dies") return machine.end(wrapper);
  const { lag = 0 } = wrapper;
  const server = launch === "serves" ? wrapper : machine.fork(wrapper, {
    name: "worker",
    lag,
    ...(launch === "daemonizes" ? { leads: "session" } as const : {}),
  });
  const serves = port === undefined || machine.listen(server, port);
  if (!serves) machine.end(server);
  if (!serves || launch === "daemonizes") machine.end(wrapper);
}
