/** The messages in English. */

import type {
  NamedProcess,
  Pending,
  ShownCheck,
  StartFailure,
  StopCommandFailure,
  StopFailure,
} from "../../core/events.ts";
import type { StartHint } from "../../core/start_hint.ts";
import type { PathProblem, RunRecordIssue, State } from "../../core/model.ts";
import {
  formatCheck,
  formatNames,
  formatProcesses,
  formatSeconds,
  formatStatusCodes,
  formatTimeout,
} from "../format.ts";
import { FOREIGN_PROC, OTHER_NAMESPACE } from "../../core/pid_namespace.ts";
import { printable, printableName } from "../../core/printable.ts";

/** What is wrong with a file or folder of `.devsvc`. */
const PATH_PROBLEMS: Readonly<Record<PathProblem, string>> = {
  link: "is a link",
  owner: "belongs to another user",
  kind: "is no plain file or folder",
  "hard-link": "has a second name (a hard link)",
  size: "is too large",
  denied: "cannot be accessed",
  outside: "lies outside of .devsvc",
};

/** What to do about it. */
function pathAdvice(problem: PathProblem): string {
  switch (problem) {
    case "owner":
      return "stop its services as that user, then remove it";
    case "denied":
      return "give yourself the right to it, or stop its services as the user who may use it";
    default:
      return "remove it";
  }
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function nameCheck(check: ShownCheck): string {
  switch (check.kind) {
    case "http":
      return `GET ${check.path}${formatStatusCodes(check.status)}`;
    case "tcp":
      return "TCP connection";
    case "log":
      return `log line /${printable(check.pattern)}/`;
    case "command":
      return "ready command";
    default:
      return formatCheck(check);
  }
}

/** Why a check failed, as `lib/runtime/start/probes.ts` says it, or the OS. */
function showDetail(detail: string): string {
  return printable(detail);
}

function namePortMismatch(
  port: number,
  ports: readonly number[],
  holders: readonly NamedProcess[],
): string {
  return `listens on port ${ports.join(", ")}, not on its port ${port}` +
    (holders.length > 0
      ? `, which belongs to ${formatProcesses(holders)}`
      : "");
}

const FOREGROUND =
  "Have it stay in the foreground: leave out its option for the background (--daemon, -D, &), " +
  "or add that for the foreground (nginx -g 'daemon off;', --nodaemon)";

const STATE_NAMES: Readonly<Record<State, string>> = {
  free: "free",
  running: "ready",
  started: "started, nothing to check",
  starting: "starting",
  unhealthy: "unhealthy",
  suspended: "suspended",
  untracked: "not started by devsvc",
  foreign: "held by another program",
  container: "held by a container",
  hidden: "held by another user",
  connected: "in use by a connection, nobody listens",
  closing: "closing (TIME_WAIT), free within a minute",
  reserved: "reserved by the system",
  orphan: "leftovers without their main process",
  duplicate: "running more than once",
  "stale-owner": "held by a dead process",
  restarting: "restarting",
  stopping: "stopping",
  crashed: "crashed",
  stopped: "stopped",
  unknown: "unknown",
};

/** The English messages. */
export const en = {
  cli: {
    brief: "Starts, checks and stops the services of a project, once each",
    description:
      "Reads services.toml in this folder or one above it. Without a command: start.",
    keep: "Leave the services running at the end",
    service: "a service of services.toml; all of them if none is named",
    oneService: "the service of services.toml to explain",
    shell: "the shell that the script is for",
    json: "Print the result as JSON",
    config: "The services.toml to use",
    lang: "The language of the texts",
    color: "Use colours",
    noColor: "No colours",
    dryRun: "Print what would be done, and do nothing",
    force: "Ask nothing and stop whatever holds a port",
    onConflict: "What to do when a port is held",
    watch: "Show it again and again, in place",
    follow: "Go on showing what is written",
    lines:
      "How many lines of each service to show first; 50, or all of --since",
    since: "Show only lines since then: 10m, 2h, 09:12, 2026-11-21",
    grep: "Show only lines that match a regular expression",
    prefix: "Begin each line with its time and the name of its service",
    initDryRun: "Print services.toml, and write no file",
    initForce: "Replace files that are already there, without asking",
    batch: "Also leave start.bat and stop.bat, which call devsvc",
    help: "Print this help",
    version: "Print the version",
    usage: "USAGE",
    commands: "COMMANDS",
    flags: "FLAGS",
    arguments: "ARGUMENTS",
    aliases: "ALIASES",
    defaultWord: "default =",
    unknownCommand: (input: string, corrections: readonly string[]) =>
      corrections.length > 0
        ? `There is no command "${input}": did you mean ${
          corrections.join(" or ")
        }?`
        : `There is no command "${input}": see devsvc --help`,
    unknownShell: (
      name: string,
      known: readonly string[],
      suggestion: string | undefined,
    ) =>
      `There is no completion for "${name}"` +
      (suggestion ? `: did you mean ${suggestion}?` : ".") +
      ` Shells: ${known.join(", ")}`,
    unknownFlag: (input: string, corrections: readonly string[]) =>
      corrections.length > 0
        ? `There is no flag --${input}: did you mean ${
          corrections.map((word) => `--${word}`).join(" or ")
        }?`
        : `There is no flag --${input}: see --help`,
    unknownAlias: (input: string) => `There is no flag -${input}: see --help`,
    badChoice: (flag: string, input: string, values: readonly string[]) =>
      `--${flag} takes one of ${values.join(", ")}, not "${input}"`,
    badValue: (flag: string, input: string, reason: string) =>
      `${flag} cannot be "${input}": ${reason}`,
    missingValue: (flag: string) => `--${flag} needs a value`,
    missingArgument: (name: string) => `It needs one more word: ${name}`,
    tooManyArguments: (count: number, input: string) =>
      `It takes ${plural(count, "word", "words")}, "${input}" is one too many`,
    givenTwice: (flag: string) => `--${flag} is given more than once`,
    noValue: (flag: string) => `--${flag} takes no value`,
    badUsage: (reason: string) => `${reason}: see --help`,
    notALineCount: "expected a whole number from 0 to 1000000",
    notAPattern: "expected a regular expression",
    slowPattern: (part: string) =>
      `${
        printable(part)
      } can hold up the search for ever: expected a regular expression without lookaround and backreferences`,
    notATime:
      'expected a duration (10m, 2h, 1d) or a time (09:12, 2026-11-21, "2026-11-21 09:12", 2026-11-21T09:12:00Z)',
  },
  errors: {
    prefix: "devsvc:",
    unknownService: (
      name: string,
      known: readonly string[],
      suggestion: string | undefined,
    ) =>
      `There is no service "${name}" in services.toml` +
      (suggestion ? `: did you mean ${suggestion}?` : ".") +
      ` Services: ${known.join(", ")}`,
    stateDir: (path: string, reason: string) =>
      `Cannot write ${printable(path)}: ${printable(reason)}\n` +
      "devsvc keeps its logs and run records there: make the folder writable, or remove what is in its place.\n" +
      "Nothing was started or stopped.",
    stoppedUnlocked: (path: string, reason: string) =>
      `Cannot write ${printable(path)}: ${
        printable(reason)
      }; the services are stopped all the same, their run records stay`,
    outputFailed: (reason: string) =>
      `The report could not be written: ${printable(reason)}`,
    unexpected: (reason: string) => `Unexpected error: ${printable(reason)}`,
    lockHeld: (owner: string) =>
      `Another devsvc is at work here (${printable(owner)}): waiting for it…`,
    legacyState: (folder: string) =>
      `${
        printable(folder)
      } is from another version of devsvc and is ignored: remove it`,
    stateCopied: (folder: string) =>
      `${
        printable(folder)
      } was not made by devsvc here, as in a copy of a project: ignored until a start makes it anew`,
    stateRefused: (path: string, problem: PathProblem) => {
      const what = `${printable(path)} ${PATH_PROBLEMS[problem]}`;
      const isUnknown = problem === "owner" || problem === "denied";
      return isUnknown
        ? `${what}, so nobody can tell what runs here: ${pathAdvice(problem)}`
        : `${what}: ignored, ${pathAdvice(problem)}`;
    },
    stateMoved: (folder: string, ignored: string) =>
      `${
        printable(folder)
      } was not made by devsvc here, as in a copy of a project: made anew, what was in it lies in ${
        printable(ignored)
      }`,
    stateLinkRemoved: (folder: string) =>
      `${
        printable(folder)
      } was a link: the link is removed, its target is as it was`,
    untrustedPath: (path: string, problem: PathProblem) =>
      `${printable(path)} ${PATH_PROBLEMS[problem]}: ${
        pathAdvice(problem)
      } (nothing was started or stopped)`,
    unreadableLog: (path: string, problem: PathProblem) =>
      `${printable(path)} ${PATH_PROBLEMS[problem]}, it is not read: ${
        pathAdvice(problem)
      }`,
    unreadableRecord: (label: string, file: string, problem: PathProblem) =>
      `Nobody can tell whether ${label} runs, its run record ${
        printable(file)
      } ${PATH_PROBLEMS[problem]}: ${pathAdvice(problem)}`,
    pathProblem: (path: string, problem: PathProblem) =>
      `${printable(path)} ${PATH_PROBLEMS[problem]}`,
    pathAdvice,
    statusForeign: (file: string) =>
      `${
        printable(file)
      } was not written by devsvc here, as in a copy of a project: ignored`,
    recordIssue: (
      label: string,
      issue: Exclude<RunRecordIssue, "unreadable">,
      file: string,
    ) => {
      switch (issue) {
        case "foreign":
          return `The run record of ${label} was not written by devsvc here, as in a copy of a project (${
            printable(file)
          }): ignored`;
        case "corrupt":
          return `The run record of ${label} cannot be read (${
            printable(file)
          }): ignored`;
        case "version":
          return `The run record of ${label} was written by another version of devsvc (${
            printable(file)
          }): ignored`;
        case "recycled":
          return `The process of ${label} is gone, its number now belongs to another program: run record ignored`;
        case "dead":
          return `The process of ${label} is gone: run record ignored`;
        case "missing":
          return `The run record of ${label} is gone (${
            printable(file)
          }): its processes say what they are`;
      }
    },
  },
  check: {
    title: "Checking ports",
    free: "FREE",
    used: "IN USE",
    closing: "CLOSING",
    reserved: "RESERVED",
    unknown: "UNKNOWN",
    line: (port: number, label: string, word: string) =>
      `Port ${port} (${label}): ${word}`,
    allFree: "All ports are free",
    someUsed: "WARNING: services seem to be running already",
    someConnected:
      "WARNING: a connection uses a port on which no service listens",
    someClosing:
      "No service listens, but a port is still closing: free within a minute",
    someUnknown: "WARNING: the state of some ports could not be told",
    noPorts: "No service has a port",
  },
  holder: {
    pid: (pid: number) => `PID ${pid}`,
    ours: "started by devsvc",
    project: "from this project",
    otherService: (name: string) => `from the service ${name} of this project`,
    foreign: "not from this project",
    otherProject: (root: string) => `from the project in ${root}`,
    silent: (pid: number, port: number) =>
      `runs (PID ${pid}), but nothing listens on port ${port}`,
    connected: "has an end of a connection there",
    inFolder: (cwd: string) => `in ${cwd}`,
    byUser: (user: string) => `user ${user}`,
    since: (time: string) => `since ${time}`,
    healthy: "healthy",
    unhealthy: "not healthy",
    suspended: "suspended (SIGSTOP, Ctrl-Z)",
    protected: "protected",
  },
  states: STATE_NAMES,
  reasons: {
    probe: "the port could not be tried",
    privileged: "ports below 1024 need more rights",
    reserved: "set aside by the system",
    [FOREIGN_PROC]:
      "/proc shows the processes of another container or of the host",
    [OTHER_NAMESPACE]: "it was started in a container, or outside of this one",
  },
  units: { decimal: ".", day: "d", megabyte: "MB" },
  question: {
    title: "WARNING: services seem to be running already",
    ask: "What do you want to do?",
    restart: "Stop the running services and restart",
    cancel: "Cancel (leave the services as they are)",
    keep: "Keep what is healthy, start the rest",
    prompt: (choices: string) => `Your choice (${choices}):`,
    invalid: (choices: string) => `Please type ${choices}`,
    or: "or",
    stopForeign: "Stop them all the same",
    cancelled: "Cancelled: nothing was changed.",
  },
  progress: {
    check: nameCheck,
    checkDetail: showDetail,
    starting: "starting…",
    closing: (port: number, span: string) =>
      `port ${port} is closing (TIME_WAIT): waiting ${span} at most`,
    waitingFor: (pending: Pending) => {
      switch (pending.kind) {
        case "port":
          return `waiting for port ${pending.port}…`;
        case "owner":
          return pending.holders.length > 0
            ? `port ${pending.port} answers, but it belongs to ${
              formatProcesses(pending.holders)
            }`
            : `port ${pending.port} answers, but its owner cannot be seen`;
        case "check":
          return `waiting for ${nameCheck(pending.check)}: ${
            showDetail(pending.detail)
          }`;
        case "address":
          return `it listens on ${
            formatNames(pending.addresses)
          } only, and devsvc asks the loopback of this machine alone: ` +
            "have it listen on 127.0.0.1 or 0.0.0.0, " +
            "or set ready = { log = … } or { command = … }";
        case "port-mismatch":
          return namePortMismatch(
            pending.port,
            pending.mismatchedPorts,
            pending.holders,
          );
        case "lookup":
          return `cannot tell who listens: ${printable(pending.reason)}`;
      }
    },
    slow: (count: number, log: string) =>
      `not ready yet, last ${plural(count, "line", "lines")} of ${
        printable(log)
      }:`,
    upTo: (limit: number) =>
      `still waiting, up to ${formatTimeout(limit)}: ready.timeout`,
    waited: (ms: number, limit: number) =>
      `(${formatSeconds(ms)} of ${formatTimeout(limit)}: ready.timeout)`,
    portMismatch: namePortMismatch,
    portMismatchAdvice: (ports: readonly number[]) =>
      "have it fail rather than take another port (Vite: --strictPort), " +
      `or write port = ${ports[0]} in services.toml`,
    held: (port: number, holders: readonly NamedProcess[]) =>
      `port ${port} belongs to ${formatProcesses(holders)}`,
    stopCommand: (pid: number) => `its stop command runs (PID ${pid})`,
    stopCommandFailed: (failure: StopCommandFailure) => {
      switch (failure.kind) {
        case "spawn":
          return `its stop command cannot be run: ${printable(failure.reason)}`;
        case "exited":
          return failure.signal === undefined
            ? `its stop command failed with exit code ${failure.code}`
            : `its stop command was ended by ${failure.signal}`;
        case "timeout":
          return `its stop command did not end within ${
            formatTimeout(failure.waited)
          }: killed`;
      }
    },
    stillRunning: (processes: readonly NamedProcess[]) =>
      `waiting for the end of ${formatProcesses(processes)}`,
    spawned: "started",
    ready: (pid: number, time: string) => `ready in ${time} (PID ${pid})`,
    startedOnly: (pid: number) => `started, nothing to check (PID ${pid})`,
    stopping: (
      processes: readonly { readonly pid: number; readonly name: string }[],
    ) => `stopping ${formatProcesses(processes)}`,
    escalating: (
      processes: readonly { readonly pid: number; readonly name: string }[],
      time: string,
    ) => `still there after ${time}: killing ${formatProcesses(processes)}`,
    stopped: (time: string) => `stopped in ${time}`,
    failed: (failure: StartFailure) => {
      switch (failure.kind) {
        case "spawn":
          return `not started: ${printable(failure.reason)}`;
        case "exited":
          return failure.signal !== undefined
            ? `ended by ${failure.signal} before it was ready`
            : failure.code !== undefined
            ? `ended with exit code ${failure.code} before it was ready`
            : "ended before it was ready";
        case "timeout":
          return `not ready after ${
            formatTimeout(failure.waited)
          } (ready.timeout); it was left running`;
        case "dependency":
          return `not started, because ${
            failure.names.join(", ")
          } is not ready`;
        case "not-stopped":
          return "not started, because what holds its port was not stopped";
        case "cancelled":
          return "not ready: interrupted";
      }
    },
    notStopped: (failure: StopFailure) => {
      switch (failure.kind) {
        case "survivors":
          return `NOT stopped: still alive: ${
            formatProcesses(failure.processes)
          }`;
        case "held":
          if (failure.tried) {
            return "NOT stopped: the port is still held for a dead process, " +
              `although these were ended: ${formatProcesses(failure.tried)}`;
          }
          return failure.holders.length > 0
            ? `NOT stopped: something listens again: ${
              formatProcesses(failure.holders)
            }. A supervisor may have brought it back`
            : "NOT stopped: the port is still in use";
        case "denied":
          return `NOT stopped: the system refused to signal ${
            formatProcesses(failure.processes)
          }`;
        case "lookup":
          return `cannot tell whether it is stopped: ${
            printable(failure.reason)
          }`;
        case "supervised":
          return "will be started again: .devsvc cannot be written, and its " +
            "supervisor cannot be ended";
        case "cancelled":
          return "interrupted while stopping";
      }
    },
    lastLines: (count: number, log: string) =>
      count > 0
        ? `last ${plural(count, "line", "lines")} of ${printable(log)}:`
        : `it wrote nothing (${printable(log)})`,
    ended: (processes: readonly NamedProcess[]) =>
      `what it left behind was ended: ${formatProcesses(processes)}`,
    hint: (hint: StartHint) => {
      switch (hint.kind) {
        case "source":
          return "source is a command of bash, and sh does not know it: write . in its place, " +
            "run it by bash -c '…', or leave it out and name the program of the venv: .venv/bin/uvicorn …";
        case "not-found": {
          const program = printable(hint.program);
          return hint.at === undefined
            ? `${program} was not found on PATH: install it, or write its path in command (one of a venv: .venv/bin/…)`
            : `${program} was not found on PATH, but it lies in the project: write ${
              printable(hint.at)
            } in command`;
        }
        case "no-file":
          return `there is no file ${
            printable(hint.program)
          }: a relative path starts at cwd of the service`;
        case "folder":
          return `${printable(hint.program)} is a folder, not a program`;
        case "interpreter":
          return `${
            printable(hint.program)
          } is there, but the program that its first line names was not found: install that, or save the file with LF line ends`;
        case "not-executable":
          return `${
            printable(hint.program)
          } must not be run as a program: chmod +x it, or name what runs it (sh …, python …)`;
        case "usual-code":
          return `if the command did not choose it, ${hint.code} means that ${
            hint.code === 126
              ? "a file must not be run as a program"
              : "a program was not found"
          }`;
        case "background":
          return hint.areAlive
            ? `${
              formatProcesses(hint.processes)
            } holds its port now: if that is it, it went into the background. ${FOREGROUND}`
            : `it went into the background as ${
              formatProcesses(hint.processes)
            }, which was ended. ${FOREGROUND}`;
        case "ended":
          return `it ended without an error, but a service runs until it is stopped. If it goes into the background: ${FOREGROUND}`;
      }
    },
    crashed: (pid: number) => `had crashed (PID ${pid})`,
    backoff: (restarts: number, span: string) =>
      `starts again in ${span} (attempt ${restarts})`,
    gaveUp: (restarts: number) =>
      `was started again ${restarts} times in a row; it is left alone now`,
    logDegraded: (reason: string) =>
      `its log cannot be kept as it should: ${printable(reason)}`,
    recordFailed: (reason: string) =>
      `its run record cannot be written: ${printable(reason)}`,
    outdated:
      "is not started again by itself: services.toml changed since it was started",
    unhealthy: "no longer answers well",
    healthy: "answers well again",
  },
  up: {
    following: "Ctrl-C stops everything",
    followingKept: "Ctrl-C ends the view; the services go on",
    stopping: "Stopping the services… (Ctrl-C again: without waiting)",
    forcing: "Stopping by force…",
    kept: "The services go on; to stop them: devsvc stop",
    over: "No service runs any more",
  },
  window: { pressEnter: "Press Enter to close" },
  outcome: {
    /** `started` services have nothing to prove that they are ready. */
    ready: (ready: number, started: number) =>
      [
        ...(ready > 0 || started === 0
          ? [`${plural(ready, "service is", "services are")} ready`]
          : []),
        ...(started > 0
          ? [
            `${
              plural(started, "service was", "services were")
            } started, with nothing to check`,
          ]
          : []),
      ].join("; "),
    already: (count: number) =>
      `Already running: ${
        plural(count, "service", "services")
      }. Nothing was started.`,
    failed: (labels: readonly string[]) =>
      `Not everything is ready: ${labels.join(", ")}`,
    stopped: (count: number, areFree: boolean) =>
      `${plural(count, "service", "services")} stopped` +
      (areFree ? ", ports free" : ""),
    stoppedClosing: (count: number, ports: readonly number[]) =>
      `${plural(count, "service", "services")} stopped; still closing ` +
      `(TIME_WAIT), free within a minute: ${
        ports.length === 1 ? "port" : "ports"
      } ${ports.join(", ")}`,
    nothingRan: "Nothing was running",
    notStopped: (labels: readonly string[]) =>
      `Not everything is stopped: ${labels.join(", ")}`,
    conflict: "Nothing was started: a port is held",
    nothingStarted: "Nothing was started",
    notStoppedUnknown: "Not stopped, because nobody could tell what runs:",
    refused: "Not stopped, because it is not this project's:",
    refusedOther:
      "Not stopped, because another service of this project runs it:",
    refusedByHand: "Not stopped, because devsvc did not start it:",
    interrupted: "Interrupted",
    stillRunning: (labels: readonly string[]) =>
      labels.length > 0
        ? `Still running: ${labels.join(", ")}. To stop: devsvc stop`
        : "Nothing of this project runs",
    toStop: "To stop: devsvc stop",
  },
  advice: (
    state: State,
    about: {
      readonly port: number | undefined;
      readonly container: string | undefined;
      readonly isStop: boolean;
    },
  ) => {
    const { port, container, isStop } = about;
    switch (state) {
      case "started":
      case "running":
      case "starting":
        return undefined;
      case "suspended":
        return "kill -CONT with its process id lets it go on; devsvc restart stops it and starts it again";
      case "unhealthy":
      case "orphan":
        return "devsvc restart stops it and starts it again";
      case "duplicate":
        return "devsvc stop ends all of them, devsvc restart then starts one";
      case "untracked":
        return isStop
          ? "devsvc stop --force stops it all the same: only its folder says that it is of this project"
          : "devsvc start --on-conflict=restart stops it and starts it again";
      case "foreign":
        return isStop
          ? "devsvc stop --force stops it all the same"
          : "stop it yourself, or: devsvc start --on-conflict=restart";
      case "container":
        return container === undefined
          ? `find it with: docker ps --filter publish=${port}, then: docker stop NAME`
          : `docker stop ${printable(container)}`;
      case "hidden":
        return "its owner is not visible to you: ask for its rights, or choose another port";
      case "reserved":
        return "choose another port, or run with the rights that it needs";
      case "stale-owner":
        return isStop
          ? "devsvc stop --force stops those who live on with its port; where there is none, log out"
          : "devsvc start --on-conflict=restart stops those who live on with its port; where there is none, log out";
      case "unknown":
        return "try again; if it stays, look yourself: ss -ltnp, lsof -iTCP or netstat -ano";
      case "connected":
        return "wait until that connection has ended, end its program, or choose another port";
      case "restarting":
      case "stopping":
      case "closing":
      case "crashed":
      case "free":
      case "stopped":
        return undefined;
    }
  },
  protectedHolder: (name: string) =>
    `${printableName(name)} is protected: devsvc never stops it`,
  runsElsewhere: (command: string) =>
    `the devsvc of that project runs it, and stops it: ${printable(command)}`,
  runsOtherService: (name: string) =>
    `it belongs to the service ${name}, and ends with it: devsvc stop ${name}`,
  stoppingElsewhere: (services: readonly string[], root: string) =>
    `Stopping ${services.join(", ")} of the project in ${printable(root)}`,
  runsInNamespace: (service: string) =>
    `stop it where it was started; where that container is gone, remove .devsvc/runs/${
      printable(service)
    }.json`,
  plan: {
    title: "What would be done (nothing was done)",
    keep: "keep",
    await: "wait until ready",
    start: "start",
    stop: "stop",
    "stop-own": "stop what devsvc started",
    "stop-elsewhere": "have the devsvc of its project stop it",
    restart: "stop, then start",
    none: "nothing to do",
    conflict: "conflict",
    blocked: "cannot",
  },
  status: {
    service: "SERVICE",
    state: "STATE",
    port: "PORT",
    pid: "PID",
    uptime: "UPTIME",
    restarts: "RESTARTS",
    cpu: "CPU",
    memory: "MEMORY",
    url: "URL",
    configChanged: (label: string, name: string) =>
      `${label}: services.toml changed since it was started; devsvc restart ${name} applies it`,
    environmentChanged: (
      label: string,
      name: string,
      names: readonly string[],
    ) =>
      `${label}: the environment changed since it was started (${
        names.join(", ")
      }); devsvc restart ${name} applies it`,
    ended: (label: string, how: string, at: string) =>
      `${label}: ended by itself at ${at}${how}`,
    byCode: (code: number) => `, exit code ${code}`,
    bySignal: (signal: string) => `, signal ${signal}`,
    due: (label: string, span: string, restarts: number) =>
      `${label}: starts again in ${span} (attempt ${restarts})`,
    gaveUp: (label: string, restarts: number) =>
      `${label}: was started again ${restarts} times in a row and is left alone; devsvc start tries again`,
    outdated: (label: string, name: string) =>
      `${label}: is not started again by itself, since services.toml changed after its start; devsvc restart ${name}`,
    recordMissing: (label: string) =>
      `${label}: its run record is gone, its processes say what they are; devsvc restart writes a new one`,
    runs: (label: string, pids: readonly number[]) =>
      `${label}: runs ${pids.length} times at once (${
        pids.map((pid) => `PID ${pid}`).join(", ")
      }); devsvc stop ends all of them`,
    removed: (name: string, pids: readonly number[]) =>
      `${printable(name)}: no longer in services.toml, but still running (${
        pids.map((pid) => `PID ${pid}`).join(", ")
      }); devsvc stop ${printable(name)} stops it`,
    removedUnknown: (name: string, reason: string) =>
      `${
        printable(name)
      }: no longer in services.toml; the system could not tell whether it still runs (${
        printable(reason)
      })`,
    watching: "Ctrl-C ends the view; the services go on",
  },
  logs: {
    none: "No log yet: nothing was started here",
    empty: (labels: readonly string[]) =>
      `${labels.join(", ")}: nothing was written yet`,
  },
};

/** The messages of every language. */
export type Messages = typeof en;
