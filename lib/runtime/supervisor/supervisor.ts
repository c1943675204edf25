/**
 * The supervisor: the one resident process of a project. It watches the services
 * and starts again what ended by itself, where services.toml asks for it.
 *
 * It can be killed at any time: services and their logs go on without it, the next
 * command starts another one, and that reads all state from run records and the OS.
 */

import { diagnose } from "../../core/diagnose.ts";
import type { ServiceEvent } from "../../core/events.ts";
import type { Identity, Project, Service } from "../../core/model.ts";
import {
  supervise,
  type SupervisedState,
  type SupervisionAction,
  type SupervisionEvent,
  type SupervisionPolicy,
  UNKNOWN,
} from "../../core/supervision.ts";
import type { Host } from "../../platform/host.ts";
import type { ActContext } from "../act_context.ts";
import { archiveEnded } from "../log/rotation.ts";
import { watchLogs } from "../log/watch_logs.ts";
import { observe } from "../observe.ts";
import { pause } from "../poll.ts";
import { awaitService } from "../start/start_service.ts";
import { removeStaleTemporaryFiles } from "../state/atomic_file.ts";
import {
  acquireLock,
  type ProjectLock,
  tryAcquireLock,
} from "../state/file_lock.ts";
import { openJournal } from "../state/journal.ts";
import { markReported, readRunRecord } from "../state/run_record.ts";
import { type StateDir, stateDirOf } from "../state/state_dir.ts";
import { findEscaped } from "./escaped.ts";
import { ProjectFile } from "./project_file.ts";
import {
  readEvents,
  type RunRecordWatch,
  watchRunRecords,
} from "./read_events.ts";
import {
  type RestartRequest,
  type RestartResult,
  restartService,
} from "./restart.ts";
import {
  debounceTime,
  HealthSchedule,
  isStale,
  pauseTime,
} from "./schedule.ts";
import { type SingletonLock, takeSingletonLock } from "./singleton_lock.ts";
import {
  type EscapedProcesses,
  type PendingRestart,
  readStatusFile,
  StatusWriter,
} from "../state/status_file.ts";
import { Tasks } from "./tasks.ts";
import { Wrappers } from "./wrappers.ts";

/** What a supervisor needs. */
interface SupervisorOptions {
  /** services.toml, absolute. */
  readonly file: string;
  readonly host: Host;
  /** Ends the supervisor. */
  readonly signal: AbortSignal;
}

/**
 * Supervises a project until none of its services runs or is to be started again;
 * returns at once where the project has a supervisor.
 */
export async function superviseProject(
  options: SupervisorOptions,
): Promise<void> {
  const { host } = options;
  const file = await ProjectFile.open(host, options.file);
  const dir = stateDirOf(file.project.root, host.fs);
  using singletonLock = await takeSingletonLock(dir, host.clock);
  if (!singletonLock) return;
  removeStaleTemporaryFiles(dir.fs, dir.work, host.clock);
  const identity = await host.platform.identity(Deno.pid);
  const start = identity.ok ? identity.value?.start ?? "" : "";
  const self = { pid: Deno.pid, start };
  await new Supervisor(options, file, self).run(singletonLock);
}

class Supervisor {
  readonly #host: Host;
  readonly #signal: AbortSignal;
  readonly #file: ProjectFile;
  readonly #dir: StateDir;
  readonly #context: Omit<ActContext, "project">;
  readonly #statusWriter: StatusWriter;
  readonly #wrappers: Wrappers;
  readonly #tasks = new Tasks(() => this.#wake());
  readonly #healthSchedule = new HealthSchedule();
  readonly #states = new Map<string, SupervisedState>();
  /** Runs that another process launched and that are waited for here. */
  readonly #adoptedRuns = new Set<string>();
  #escaped: ReadonlyMap<string, EscapedProcesses> = new Map();
  #logs: AsyncDisposable | undefined;
  /** When all run records were last read, in milliseconds since 1970. */
  #readAt = 0;
  /** How long that took, in milliseconds. */
  #readingTime = 0;
  #hasChanges = true;
  #wakeController = new AbortController();

  constructor(
    { host, signal }: SupervisorOptions,
    file: ProjectFile,
    self: Identity,
  ) {
    this.#host = host;
    this.#signal = signal;
    this.#file = file;
    this.#dir = stateDirOf(file.project.root, host.fs);
    this.#statusWriter = new StatusWriter(this.#dir, self);
    this.#wrappers = new Wrappers(this.#dir, host.platform);
    this.#context = {
      dir: this.#dir,
      ...host,
      emit: openJournal(this.#dir, host.clock),
      signal,
      exclusively: (work) => this.#withProjectLock(work),
    };
  }

  async run(singletonLock: SingletonLock): Promise<void> {
    const { clock } = this.#host;
    const signal = this.#signal;
    using watch = watchRunRecords(this.#dir, () => this.#wake());
    // Not `AbortSignal.any`: a signal keeps something of each that depends on it.
    signal.addEventListener("abort", () => this.#wake());
    await this.#refreshProject();
    this.#logs ??= this.#watchLogs();
    this.#restoreStatus();
    while (!signal.aborted) {
      if (this.#wakeController.signal.aborted) {
        this.#wakeController = new AbortController();
      }
      if (!singletonLock.isCurrent()) break;
      await this.#tick(watch);
      if (this.#isIdle() && await this.#tryExit(singletonLock)) return;
      const wake = this.#wakeController.signal;
      await pause(clock, this.#pauseTime(), wake);
      if (wake.aborted) {
        await pause(clock, debounceTime(this.#readingTime), signal);
      }
    }
    await this.#tasks.settled();
    await this.#logs?.[Symbol.asyncDispose]();
    if (singletonLock.isCurrent()) this.#statusWriter.close(this.#states);
  }

  /** Reads what an earlier supervisor did not finish, and does not restart again. */
  #restoreStatus(): void {
    const status = readStatusFile(this.#dir);
    this.#escaped = new Map(Object.entries(status?.escaped ?? {}));
    for (const service of this.#project.services) {
      const { name } = service;
      const pendingRestart = status?.pendingRestarts[name];
      const { run, restarts, gaveUp, outdated } = status?.services[name] ?? {};
      if (run !== undefined && restarts !== undefined && (gaveUp || outdated)) {
        this.#states.set(name, {
          phase: "ended",
          run,
          restarts,
          failures: 0,
          ...(gaveUp ? { gaveUp } : {}),
          ...(outdated ? { outdated } : {}),
        });
      }
      if (!pendingRestart) continue;
      const { configHash, ...replaced } = pendingRestart;
      const isOutdated = this.#file.isOutdated(name) ||
        configHash !== this.#file.hashOf(name);
      if (isOutdated) this.#leaveAlone(name, replaced);
      else this.#beginRestart(service, { cause: "interrupted", ...replaced });
    }
  }

  /** Only the user may start what the user did not see in services.toml. */
  #leaveAlone(
    service: string,
    { run, restarts }: Pick<PendingRestart, "run" | "restarts">,
  ): void {
    this.#context.emit({ kind: "outdated", service });
    this.#states.set(service, {
      phase: "ended",
      run,
      restarts,
      failures: 0,
      outdated: true,
    });
  }

  /** Ends the present pause, so that run records are read. */
  #wake(): void {
    this.#hasChanges = true;
    this.#wakeController.abort();
  }

  #pauseTime(): number {
    const { isBusy } = this.#tasks;
    return pauseTime({
      isIdle: this.#isIdle(),
      states: [...this.#states].flatMap(([name, state]) =>
        isBusy(name) ? [] : [state]
      ),
      nextCheck: this.#healthSchedule.next(isBusy),
      now: this.#host.clock.now(),
    });
  }

  async #tick(watch: RunRecordWatch): Promise<void> {
    if (
      this.#hasChanges || isStale(this.#readAt, this.#host.clock.now()) ||
      !watch.isActive() || this.#wrappers.hasEnded()
    ) {
      await this.#readServices();
    }
    await this.#checkHealth();
    await this.#adoptStarting();
    this.#beginDueRestarts();
    this.#statusWriter.write(this.#states);
  }

  async #readServices(): Promise<void> {
    const { clock } = this.#host;
    const begun = clock.elapsed();
    this.#hasChanges = false;
    this.#readAt = clock.now();
    await this.#refreshProject();
    const services = this.#project.services
      .filter(({ name }) => !this.#tasks.isBusy(name));
    // Concurrently, so that queries of the OS are coalesced.
    const readings = await Promise.all(
      services.map(async (service) => ({
        service,
        events: await readEvents(service, this.#stateOf(service), {
          dir: this.#dir,
          ...this.#host,
        }),
      })),
    );
    for (const { service, events } of readings) {
      for (const event of events) this.#handle(service, event);
    }
    await this.#rememberEscaped();
    const spawned = readings
      .filter(({ events }) => events.some(({ kind }) => kind === "spawned"));
    await this.#wrappers.add(
      spawned.map(({ service }) => service.name),
      (name) => this.#states.get(name) ?? UNKNOWN,
    );
    this.#readingTime = clock.elapsed() - begun;
  }

  /** Only while their parents live can such processes be found. */
  async #rememberEscaped(): Promise<void> {
    const services = [...this.#states].flatMap(([name, { phase }]) =>
      phase === "down" ? [] : [name]
    );
    if (services.length === 0 && this.#escaped.size === 0) return;
    this.#escaped = await findEscaped(services, this.#escaped, {
      dir: this.#dir,
      platform: this.#host.platform,
    });
    this.#statusWriter.setEscaped(this.#escaped);
  }

  async #refreshProject(): Promise<void> {
    const isOther = await this.#file.refresh((name) => {
      const reading = readRunRecord(this.#dir, name);
      return reading.kind === "valid" ? reading.record.configHash : undefined;
    });
    if (!isOther) return;
    const { services } = this.#project;
    const names = new Set(services.map(({ name }) => name));
    for (const name of this.#states.keys()) {
      if (names.has(name)) continue;
      this.#states.delete(name);
      this.#wrappers.remove(name);
      this.#healthSchedule.cancel(name);
    }
    for (const service of services) {
      const { phase } = this.#stateOf(service);
      if (phase === "ready" || phase === "unhealthy") this.#planCheck(service);
    }
    await this.#logs?.[Symbol.asyncDispose]();
    this.#logs = this.#watchLogs();
  }

  #watchLogs(): AsyncDisposable {
    return watchLogs({
      dir: this.#dir,
      services: this.#project.services,
      ...this.#host,
      onDegraded: (degradation) =>
        this.#context.emit({ kind: "log-degraded", ...degradation }),
    });
  }

  #handle(service: Service, event: SupervisionEvent): void {
    const { name } = service;
    const before = this.#stateOf(service);
    const now = this.#host.clock.now();
    const decided = supervise(before, event, service, now);
    const isRestart = decided.action?.kind === "back-off" ||
      decided.action?.kind === "replace";
    // Nothing of services.toml may be run for it: it is not restarted.
    const isLeft = isRestart && this.#file.isOutdated(name);
    const { state, action } = isLeft
      ? supervise(before, event, neverRestarted(service), now)
      : decided;
    this.#states.set(name, isLeft ? { ...state, outdated: true } : state);
    if (state === before) return;
    if (event.kind === "ready") this.#planCheck(service);
    if (event.kind === "exited" || event.kind === "record-removed") {
      this.#wrappers.remove(name);
      this.#healthSchedule.cancel(name);
    }
    // The command that starts a first run reports its failure itself.
    const isFirstStart = before.phase === "starting" && before.restarts === 0;
    if (event.kind === "exited" && state.phase !== "down" && !isFirstStart) {
      this.#reportExit(service, event);
    }
    if (isLeft) this.#context.emit({ kind: "outdated", service: name });
    if (action) this.#perform(service, action, now);
  }

  #reportExit(
    { name }: Service,
    { exit, isOld }: Extract<SupervisionEvent, { kind: "exited" }>,
  ): void {
    const reading = readRunRecord(this.#dir, name);
    if (reading.kind !== "valid" || isOld) return;
    if (!markReported(this.#dir, reading.record)) return;
    const { pid, main = pid } = reading.record;
    this.#context.emit({
      kind: "crashed",
      service: name,
      pid: main,
      ...(exit ? { exit } : {}),
    });
  }

  #perform(service: Service, action: SupervisionAction, now: number): void {
    this.#context.emit(eventOf(service.name, action, now));
    if (action.kind !== "replace") return;
    const { run, restarts } = this.#stateOf(service);
    this.#beginRestart(service, {
      cause: "unhealthy",
      run,
      restarts: restarts + 1,
    });
  }

  #planCheck(service: Service): void {
    const { name } = service;
    if (this.#file.isOutdated(name)) this.#healthSchedule.cancel(name);
    else this.#healthSchedule.plan(service, this.#host.clock.now());
  }

  async #checkHealth(): Promise<void> {
    const { isBusy } = this.#tasks;
    const due = this.#healthSchedule.due(this.#host.clock.now(), isBusy);
    if (due.size === 0) return;
    const services = this.#project.services.filter(({ name }) => due.has(name));
    for (const service of services) this.#planCheck(service);
    const world = await observe(this.#project, services, this.#host, {
      checks: this.#host,
    });
    for (const { service, state, record } of diagnose(services, world)) {
      const healthy = state === "running";
      const isChecked = healthy || state === "unhealthy" ||
        state === "suspended" || state === "orphan";
      if (!record || !isChecked) continue;
      this.#handle(service, { kind: "checked", run: record.run, healthy });
    }
  }

  /**
   * Waits for the readiness of services that were launched by a command which was
   * killed since: their run records must say when they are ready.
   */
  async #adoptStarting(): Promise<void> {
    const services = this.#project.services.filter((service) => {
      const { phase, run = "" } = this.#stateOf(service);
      return phase === "starting" && !this.#adoptedRuns.has(run) &&
        !this.#tasks.isBusy(service.name) &&
        !this.#file.isOutdated(service.name);
    });
    if (services.length === 0) return;
    // A command that holds the lock waits for them itself.
    using lock = await this.#tryProjectLock();
    if (!lock) return;
    for (const service of services) {
      const reading = readRunRecord(this.#dir, service.name);
      if (reading.kind !== "valid" || reading.record.readyAt) continue;
      this.#adoptedRuns.add(reading.record.run);
      this.#tasks.begin(service.name, async () => {
        await awaitService(service, reading.record, this.#actContext());
      });
    }
  }

  #beginDueRestarts(): void {
    const now = this.#host.clock.now();
    for (const service of this.#project.services) {
      const { phase, dueAt = 0, run, restarts } = this.#stateOf(service);
      if (phase !== "backing-off" || dueAt > now) continue;
      this.#beginRestart(service, { cause: "exited", run, restarts });
    }
  }

  #beginRestart(
    service: Service,
    request: Omit<RestartRequest, "env" | "onPending">,
  ): void {
    const { name } = service;
    const env = this.#wrappers.environmentOf(name);
    this.#tasks.begin(name, async () => {
      const result = await this.#restart(service, {
        ...request,
        ...(env ? { env } : {}),
        onPending: (restart) => {
          const configHash = this.#file.hashOf(name) ?? "";
          this.#statusWriter.setPendingRestart(
            name,
            restart && { ...restart, configHash },
          );
          this.#statusWriter.write(this.#states);
        },
      });
      // A start that failed counts as one that exited at once.
      const state = this.#stateOf(service);
      const { run } = state;
      if (result !== "blocked" || state.phase !== "backing-off" || !run) return;
      this.#states.set(name, { ...state, phase: "starting" });
      this.#handle(service, { kind: "exited", run });
    });
  }

  async #restart(
    service: Service,
    request: RestartRequest,
  ): Promise<RestartResult> {
    try {
      return await restartService(service, request, this.#actContext());
    } catch {
      // Such as a disk that cannot be written: the next attempt backs off.
      return "blocked";
    }
  }

  #isIdle(): boolean {
    return this.#tasks.size === 0 &&
      [...this.#states.values()].every(({ phase }) =>
        phase === "down" || phase === "ended"
      );
  }

  /**
   * Gives up the singleton lock, unless a service was started in between. The
   * lock of the project is held meanwhile, so that a command which starts a
   * service afterwards finds no supervisor and starts one.
   */
  async #tryExit(singletonLock: Disposable): Promise<boolean> {
    using lock = await this.#tryProjectLock();
    if (!lock) return false;
    await this.#readServices();
    if (!this.#isIdle()) return false;
    await this.#logs?.[Symbol.asyncDispose]();
    await this.#archiveStopped();
    this.#statusWriter.close(this.#states);
    singletonLock[Symbol.dispose]();
    return true;
  }

  /**
   * Only a stop that left no process removes the run record: what ended by itself
   * may have left some that write on.
   */
  async #archiveStopped(): Promise<void> {
    for (const service of this.#project.services) {
      const { kind } = readRunRecord(this.#dir, service.name);
      if (kind !== "none") continue;
      await archiveEnded(this.#dir, service, this.#host.clock);
    }
  }

  async #withProjectLock(work: () => Promise<void> | void): Promise<void> {
    using lock = await acquireLock(this.#dir, "supervisor", {
      clock: this.#host.clock,
      signal: this.#signal,
      onWait: () => {},
    });
    if (lock) await work();
  }

  async #tryProjectLock(): Promise<ProjectLock | undefined> {
    try {
      return await tryAcquireLock(this.#dir, "supervisor");
    } catch {
      // The folder of the project was removed.
      return undefined;
    }
  }

  #actContext(): ActContext {
    return { ...this.#context, project: this.#project };
  }

  #stateOf({ name }: Service): SupervisedState {
    return this.#states.get(name) ?? UNKNOWN;
  }

  get #project(): Project {
    return this.#file.project;
  }
}

function neverRestarted(service: Service): SupervisionPolicy {
  return {
    restart: { ...service.restart, when: "never" },
    live: { ...service.live, restart: false },
  };
}

/** The event by which the journal shows an action. */
function eventOf(
  service: string,
  action: SupervisionAction,
  now: number,
): ServiceEvent {
  switch (action.kind) {
    case "back-off": {
      const { restarts, dueAt } = action;
      return { kind: "backoff", service, restarts, delay: dueAt - now };
    }
    case "give-up":
      return { kind: "gave-up", service, restarts: action.restarts };
    case "report-healthy":
      return { kind: "healthy", service };
    case "replace":
    case "report-unhealthy":
      return { kind: "unhealthy", service };
  }
}
