/**
 * The supervisor: the one resident process of a project. It watches what runs, and
 * starts again what ended by itself where services.toml asks for it.
 *
 * It can be killed at any moment: services and their logs go on without it, all
 * that it knows it reads again from run records and the OS, and the next command
 * brings another one.
 *
 * @module
 */

import { diagnose } from "../../core/diagnose.ts";
import {
  supervise,
  type SupervisedState,
  type SupervisionAction,
  type SupervisionEvent,
  UNKNOWN,
} from "../../core/supervision.ts";
import type { Project, Service } from "../../core/model.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Host } from "../../platform/host.ts";
import { pause } from "../poll.ts";
import type { ActContext } from "../act_context.ts";
import { HealthSchedule } from "./health_schedule.ts";
import { openJournal } from "../state/journal.ts";
import {
  readStatusFile,
  removeOldDrafts,
  type SingletonLock,
  takeSingletonLock,
} from "./status_file.ts";
import { eventOf, StatusWriter } from "./status_writer.ts";
import { Wrappers } from "./wrappers.ts";
import { type RunRecordWatch, watchRunRecords } from "./record_watch.ts";
import { type LogWatch, watchLogs } from "../log/watch_logs.ts";
import { markTold, readRunRecord } from "../state/run_record.ts";
import {
  acquireLock,
  type ProjectLock,
  tryAcquireLock,
} from "../state/file_lock.ts";
import { observe } from "../observe.ts";
import { gatherTime, isStale, restTime } from "./schedule.ts";
import { ProjectFile } from "./project_file.ts";
import { readEvents } from "./read_events.ts";
import {
  type RestartRequest,
  type RestartResult,
  restartService,
} from "./restart.ts";
import { awaitService } from "../start/start_service.ts";
import { type StateDir, stateDirOf } from "../state/state_dir.ts";
import { Tasks } from "./tasks.ts";

/** Who is to be kept. */
export interface SupervisorOptions {
  /** services.toml, absolute. */
  readonly file: string;
  /** The machine. */
  readonly host: Host;
  /** Ends the supervisor. */
  readonly signal: AbortSignal;
}

/**
 * Keeps a project until nothing is left to be kept; not at all where another
 * supervisor does.
 */
export async function keep(options: SupervisorOptions): Promise<void> {
  const file = await ProjectFile.open(options.file);
  const dir = stateDirOf(file.project.root, options.host.fs);
  using singletonLock = await takeSingletonLock(dir, options.host.clock);
  if (!singletonLock) return;
  removeOldDrafts(dir, options.host.clock);
  const self = await options.host.platform.identity(Deno.pid);
  const start = self.ok ? self.value?.start ?? "" : "";
  const statusWriter = new StatusWriter(dir, { pid: Deno.pid, start });
  await new Supervisor(options, file, statusWriter).run(singletonLock);
}

class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #file: ProjectFile;
  readonly #statusWriter: StatusWriter;
  readonly #dir: StateDir;
  readonly #context: Omit<ActContext, "project">;
  readonly #states = new Map<string, SupervisedState>();
  readonly #wrappers: Wrappers;
  readonly #tasks = new Tasks(() => this.#wakeUp());
  readonly #healthSchedule = new HealthSchedule();
  /** The runs whose readiness was waited for. */
  readonly #awaited = new Set<string>();
  #logs: LogWatch | undefined;
  #readAt = 0;
  #readCost = 0;
  #hasNews = true;
  #wake = new AbortController();

  constructor(
    options: SupervisorOptions,
    file: ProjectFile,
    statusWriter: StatusWriter,
  ) {
    this.#options = options;
    this.#file = file;
    this.#statusWriter = statusWriter;
    const dir = stateDirOf(file.project.root, options.host.fs);
    this.#dir = dir;
    this.#wrappers = new Wrappers(dir, options.host.platform);
    this.#context = {
      dir,
      ...options.host,
      emit: openJournal(dir, options.host.clock),
      signal: options.signal,
      exclusively: (work) => this.#exclusively(work),
    };
  }

  async run(singletonLock: SingletonLock): Promise<void> {
    const { signal } = this.#options;
    using watch = watchRunRecords(this.#dir, () => this.#wakeUp());
    this.#logs = this.#watchLogs();
    this.#resume();
    while (!signal.aborted) {
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
      if (!await singletonLock.isCurrent()) break;
      await this.#round(watch);
      if (this.#isIdle() && await this.#leave(singletonLock)) return;
      await pause(
        this.#clock,
        this.#restTime(),
        AbortSignal.any([signal, this.#wake.signal]),
      );
      if (this.#wake.signal.aborted) {
        await pause(this.#clock, gatherTime(this.#readCost), signal);
      }
    }
    await this.#tasks.settled();
    await this.#logs?.[Symbol.asyncDispose]();
    if (await singletonLock.isCurrent()) this.#statusWriter.leave(this.#states);
  }

  /** Goes on where an earlier supervisor was killed, or left. */
  #resume(): void {
    const note = readStatusFile(this.#dir);
    for (const service of this.#project.services) {
      const { name } = service;
      const pendingRestart = note?.again[name];
      if (pendingRestart) {
        this.#begin(service, { cause: "stopped", ...pendingRestart });
      }
      const said = note?.services[name];
      if (!said?.gaveUp) continue;
      const { run, restarts } = said;
      const phase = "ended";
      this.#states.set(name, {
        phase,
        run,
        restarts,
        failures: 0,
        gaveUp: true,
      });
    }
  }

  get #host(): Host {
    return this.#options.host;
  }

  get #clock(): Clock {
    return this.#options.host.clock;
  }

  get #project(): Project {
    return this.#file.project;
  }

  /** Something is new: what is waited for is looked at now. */
  #wakeUp(): void {
    this.#hasNews = true;
    this.#wake.abort();
  }

  #watchLogs(): LogWatch {
    return watchLogs({
      dir: this.#dir,
      services: this.#project.services,
      ...this.#host,
      onTrouble: (trouble) =>
        this.#context.emit({ ...trouble, kind: "log-degraded" }),
    });
  }

  #restTime(): number {
    const { isBusy } = this.#tasks;
    return restTime({
      isIdle: this.#isIdle(),
      state: [...this.#states].flatMap(([name, state]) =>
        isBusy(name) ? [] : [state]
      ),
      nextCheck: this.#healthSchedule.next(isBusy),
      now: this.#clock.now(),
    });
  }

  async #round(watch: RunRecordWatch): Promise<void> {
    if (
      this.#hasNews || isStale(this.#readAt, this.#clock.now()) ||
      watch.isBlind() ||
      this.#wrappers.isOneMissing()
    ) {
      await this.#read();
    }
    await this.#checkHealth();
    await this.#awaitOrphans();
    const now = this.#clock.now();
    for (const service of this.#project.services) {
      const { phase, dueAt = 0, run, restarts } = this.#stateOf(service);
      if (phase !== "pausing" || dueAt > now) continue;
      this.#begin(service, { cause: "ended", run, restarts });
    }
    this.#statusWriter.write(this.#states);
  }

  async #read(): Promise<void> {
    const begun = this.#clock.elapsed();
    this.#hasNews = false;
    this.#readAt = this.#clock.now();
    await this.#readConfig();
    const services = this.#project.services
      .filter(({ name }) => !this.#tasks.isBusy(name));
    // All at once: what asks the OS is then asked for all.
    const seen = await Promise.all(
      services.map(async (service) => ({
        service,
        events: await readEvents(service, this.#stateOf(service), {
          dir: this.#dir,
          ...this.#host,
        }),
      })),
    );
    for (const { service, events } of seen) {
      for (const event of events) await this.#handle(service, event);
    }
    const begins = seen
      .filter(({ events }) => events.some(({ kind }) => kind === "spawned"));
    await this.#wrappers.meet(
      begins.map(({ service }) => service.name),
      (name) => this.#states.get(name) ?? UNKNOWN,
    );
    this.#readCost = this.#clock.elapsed() - begun;
  }

  async #readConfig(): Promise<void> {
    if (!await this.#file.refresh()) return;
    this.#forgetOthers();
    await this.#logs?.[Symbol.asyncDispose]();
    this.#logs = this.#watchLogs();
  }

  /** What services.toml no longer names is nobody's to keep. */
  #forgetOthers(): void {
    const { services } = this.#project;
    const names = new Set(services.map(({ name }) => name));
    for (const name of this.#states.keys()) {
      if (names.has(name)) continue;
      this.#states.delete(name);
      this.#wrappers.forget(name);
      this.#healthSchedule.drop(name);
    }
    for (const service of services) {
      const { phase } = this.#stateOf(service);
      if (phase === "ready" || phase === "unhealthy") this.#plan(service);
    }
  }

  #stateOf({ name }: Service): SupervisedState {
    return this.#states.get(name) ?? UNKNOWN;
  }

  async #handle(service: Service, event: SupervisionEvent): Promise<void> {
    const { name } = service;
    const before = this.#stateOf(service);
    const now = this.#clock.now();
    const { state, action } = supervise(before, event, service, now);
    this.#states.set(name, state);
    if (state === before) return;
    if (event.kind === "ready") this.#plan(service);
    if (event.kind === "exited" || event.kind === "record-removed") {
      this.#wrappers.forget(name);
      this.#healthSchedule.drop(name);
    }
    // Who starts a first run tells itself that it was never ready.
    const isStarters = before.phase === "starting" && before.restarts === 0;
    if (event.kind === "exited" && state.phase !== "down" && !isStarters) {
      await this.#reportExit(service, event);
    }
    if (action) this.#perform(service, action, now);
  }

  #plan(service: Service): void {
    this.#healthSchedule.plan(service, this.#clock.now());
  }

  async #reportExit(
    { name }: Service,
    { exit, isOld }: Extract<SupervisionEvent, { kind: "exited" }>,
  ): Promise<void> {
    const reading = readRunRecord(this.#dir, name);
    if (reading.kind !== "valid" || isOld) return;
    if (!await markTold(this.#dir, reading.record)) return;
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
    this.#begin(service, { cause: "unhealthy", run, restarts: restarts + 1 });
  }

  /** One look at all whose time has come, or soon will. */
  async #checkHealth(): Promise<void> {
    const due = this.#healthSchedule.due(this.#clock.now(), this.#tasks.isBusy);
    if (due.size === 0) return;
    const services = this.#project.services.filter(({ name }) => due.has(name));
    for (const service of services) this.#plan(service);
    const world = await observe(this.#project, services, this.#host);
    for (const { service, state, record } of diagnose(services, world)) {
      const isTold = state === "running" || state === "unhealthy" ||
        state === "orphan";
      if (!record || !isTold) continue;
      const healthy = state === "running";
      const { run } = record;
      await this.#handle(service, { kind: "checked", run, healthy });
    }
  }

  /** Whoever started them was killed while it waited: somebody must see them. */
  async #awaitOrphans(): Promise<void> {
    const services = this.#project.services.filter((service) => {
      const { phase, run = "" } = this.#stateOf(service);
      return phase === "starting" && !this.#awaited.has(run) &&
        !this.#tasks.isBusy(service.name);
    });
    if (services.length === 0) return;
    // Who holds the lock waits for them itself.
    using lock = await this.#tryLock();
    if (!lock) return;
    for (const service of services) {
      const reading = readRunRecord(this.#dir, service.name);
      if (reading.kind !== "valid" || reading.record.readyAt) continue;
      this.#awaited.add(reading.record.run);
      this.#tasks.begin(service.name, async () => {
        await awaitService(service, reading.record, this.#actContext());
      });
    }
  }

  #actContext(): ActContext {
    return { ...this.#context, project: this.#project };
  }

  async #exclusively(work: () => Promise<void> | void): Promise<void> {
    using lock = await acquireLock(this.#dir, "supervisor", {
      clock: this.#clock,
      signal: this.#options.signal,
      onWait: () => {},
    });
    if (lock) await work();
  }

  #begin(service: Service, again: Omit<RestartRequest, "env" | "mark">): void {
    const { name } = service;
    const env = this.#wrappers.environmentOf(name);
    this.#tasks.begin(name, async () => {
      const result = await this.#restart(service, {
        ...again,
        ...(env ? { env } : {}),
        mark: (pendingRestart) => {
          if (pendingRestart) {
            this.#statusWriter.again.set(name, pendingRestart);
          } else this.#statusWriter.again.delete(name);
          this.#statusWriter.write(this.#states);
        },
      });
      // A start that could not be made counts as one that failed at once.
      const state = this.#stateOf(service);
      const { run } = state;
      if (result !== "blocked" || state.phase !== "pausing" || !run) return;
      this.#states.set(name, { ...state, phase: "starting" });
      await this.#handle(service, { kind: "exited", run });
    });
  }

  async #restart(
    service: Service,
    again: RestartRequest,
  ): Promise<RestartResult> {
    try {
      return await restartService(service, again, this.#actContext());
    } catch {
      // Such as a disk that cannot be written: at once is too soon to retry.
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
   * Gives up its place where nothing is left, unless somebody is at work who
   * counts on it.
   */
  async #leave(singletonLock: Disposable): Promise<boolean> {
    using lock = await this.#tryLock();
    if (!lock) return false;
    await this.#read();
    if (!this.#isIdle()) return false;
    await this.#logs?.[Symbol.asyncDispose]();
    this.#statusWriter.leave(this.#states);
    // While the project is locked: a start that begins now brings a new one.
    singletonLock[Symbol.dispose]();
    return true;
  }

  /** Takes the lock of the project; not where its folder was taken away. */
  async #tryLock(): Promise<ProjectLock | undefined> {
    try {
      return await tryAcquireLock(this.#dir, "supervisor");
    } catch {
      return undefined;
    }
  }
}
