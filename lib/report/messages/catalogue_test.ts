import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type {
  Pending,
  ShownCheck,
  StartFailure,
  StopCommandFailure,
  StopFailure,
} from "../../core/events.ts";
import {
  LANGUAGES,
  type PathProblem,
  type State,
  STATES,
} from "../../core/model.ts";
import { CONTROLS } from "../../core/printable.ts";
import { en } from "./en.ts";
import { fr } from "./fr.ts";
import { loadMessages, type Messages } from "./load_messages.ts";

const NODE = { pid: 100, name: "node" };

const CHECKS: readonly ShownCheck[] = [
  { kind: "http", path: "/health" },
  { kind: "http", path: "/health", status: [200, 204] },
  { kind: "tcp" },
  { kind: "log", pattern: "ready" },
  { kind: "command", command: "true" },
];

const PENDING: readonly Pending[] = [
  { kind: "port", port: 8000 },
  { kind: "owner", port: 8000, holders: [NODE] },
  { kind: "owner", port: 8000, holders: [] },
  { kind: "port-mismatch", port: 8000, mismatchedPorts: [8001], holders: [] },
  {
    kind: "port-mismatch",
    port: 8000,
    mismatchedPorts: [8001, 8002],
    holders: [NODE],
  },
  { kind: "lookup", reason: "ss: timeout" },
  ...CHECKS.map((check): Pending => ({
    kind: "check",
    check,
    detail: "HTTP 500",
  })),
];

const ENDED = { log: "api.log", lines: [] };

const START_FAILURES: readonly StartFailure[] = [
  { kind: "spawn", reason: "not found" },
  { kind: "exited", code: 1, ...ENDED },
  { kind: "exited", signal: "SIGSEGV", ...ENDED },
  { kind: "exited", ...ENDED },
  {
    kind: "timeout",
    waited: 60_000,
    pending: { kind: "port", port: 8000 },
    ...ENDED,
  },
  { kind: "dependency", names: ["db"] },
  { kind: "not-stopped" },
  { kind: "cancelled" },
];

const STOP_FAILURES: readonly StopFailure[] = [
  { kind: "survivors", processes: [NODE] },
  { kind: "held", holders: [NODE] },
  { kind: "held", holders: [] },
  { kind: "denied", processes: [NODE] },
  { kind: "lookup", reason: "ss: timeout" },
  { kind: "cancelled" },
];

const STOP_COMMAND_FAILURES: readonly StopCommandFailure[] = [
  { kind: "spawn", reason: "no such folder" },
  { kind: "exited", code: 3 },
  { kind: "exited", signal: "SIGKILL" },
  { kind: "timeout", waited: 1_500 },
];

const RECORD_ISSUES = [
  "foreign",
  "dead",
  "recycled",
  "corrupt",
  "version",
  "missing",
] as const;

const PATH_PROBLEMS: readonly PathProblem[] = [
  "link",
  "owner",
  "kind",
  "hard-link",
  "size",
  "denied",
  "outside",
];

/** All that a catalogue says about what can go wrong, by what it is about. */
function sentences(messages: Messages): readonly (readonly string[])[] {
  const { progress, errors } = messages;
  return [
    PENDING.map((pending) => progress.waitingFor(pending)),
    START_FAILURES.map((failure) => progress.failed(failure)),
    STOP_FAILURES.map((failure) => progress.notStopped(failure)),
    STOP_COMMAND_FAILURES.map((failure) => progress.stopCommandFailed(failure)),
    [
      progress.stopCommand(12),
      progress.stillRunning([NODE]),
      progress.held(8000, [NODE]),
      progress.portMismatchAdvice([8001]),
    ],
    RECORD_ISSUES.map((issue) => errors.recordIssue("API", issue, "api.json")),
    PATH_PROBLEMS.map((problem) => errors.stateRefused(".devsvc", problem)),
    PATH_PROBLEMS.map((problem) => errors.untrustedPath(".devsvc", problem)),
    PATH_PROBLEMS.map((problem) => errors.unreadableLog("a.log", problem)),
    PATH_PROBLEMS.map((problem) =>
      errors.unreadableRecord("API", "a.json", problem)
    ),
    [
      errors.stateCopied(".devsvc"),
      errors.stateMoved(".devsvc", ".devsvc/ignored/0"),
      errors.stateLinkRemoved(".devsvc"),
      errors.statusForeign("supervisor.json"),
    ],
    STATES.map((state) => messages.states[state]),
  ];
}

for (const language of LANGUAGES) {
  Deno.test(`loadMessages() in ${language} has a sentence of its own for everything`, async () => {
    for (const group of sentences(await loadMessages(language))) {
      for (const sentence of group) {
        ok(sentence.trim() !== "", group.join("\n"));
        ok(!/undefined|null|\[object|NaN/.test(sentence), sentence);
      }
      strictEqual(new Set(group).size, group.length, group.join("\n"));
    }
  });
}

Deno.test("loadMessages() says nothing in French as in English", () => {
  const english = sentences(en).flat();
  const french = sentences(fr).flat();
  deepStrictEqual(french.filter((text, at) => text === english[at]), []);
});

for (const language of LANGUAGES) {
  Deno.test(`loadMessages() in ${language} makes what it quotes safe for the screen`, async () => {
    const { progress, errors, advice, protectedHolder } = await loadMessages(
      language,
    );
    const evil = "\x1b[2J\n\u202e";
    const evilCheck = { kind: "log", pattern: evil } as const;
    const texts = [
      progress.waitingFor({ kind: "check", check: evilCheck, detail: evil }),
      progress.waitingFor({ kind: "lookup", reason: evil }),
      progress.stopping([{ pid: 1, name: evil }]),
      progress.failed({ kind: "spawn", reason: evil }),
      progress.notStopped({ kind: "lookup", reason: evil }),
      progress.stopCommandFailed({ kind: "spawn", reason: evil }),
      progress.logDegraded(evil),
      progress.recordFailed(evil),
      progress.lastLines(1, evil),
      errors.recordIssue("API", "corrupt", evil),
      errors.lockHeld(evil),
      errors.stoppedUnlocked(evil, evil),
      errors.outputFailed(evil),
      errors.legacyState(evil),
      errors.stateCopied(evil),
      errors.stateRefused(evil, "link"),
      errors.stateMoved(evil, evil),
      errors.stateLinkRemoved(evil),
      errors.statusForeign(evil),
      errors.untrustedPath(evil, "link"),
      errors.unreadableLog(evil, "link"),
      errors.unreadableRecord("API", evil, "link"),
      errors.unexpected(evil),
      advice("container", { port: 1, container: evil, isStop: false }) ?? "",
      protectedHolder(evil),
    ];
    for (const text of texts) ok(text.search(CONTROLS) === -1, text);
  });
}

/** The texts that are no functions, by their path. */
function fixedTexts(value: object, path = ""): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [key, field] of Object.entries(value)) {
    if (typeof field === "string") texts.set(path + key, field);
    else if (typeof field === "object" && field !== null) {
      fixedTexts(field, `${path}${key}.`).forEach((text, at) =>
        texts.set(at, text)
      );
    }
  }
  return texts;
}

Deno.test("loadMessages() leaves no text of either language empty", () => {
  const english = fixedTexts(en);
  const french = fixedTexts(fr);
  deepStrictEqual(
    [...french.keys()].toSorted(),
    [...english.keys()].toSorted(),
  );
  for (const [key, text] of [...english, ...french]) {
    ok(text.trim() !== "", key);
  }
});

/** States that can prevent a start or a stop. */
const OBSTACLES: readonly State[] = [
  "unhealthy",
  "suspended",
  "orphan",
  "duplicate",
  "untracked",
  "foreign",
  "container",
  "hidden",
  "connected",
  "reserved",
  "stale-owner",
  "unknown",
];

for (const language of LANGUAGES) {
  Deno.test(`advice() in ${language} says what to do about every obstacle of start`, async () => {
    const { advice } = await loadMessages(language);
    const given = { port: 8000, container: undefined, isStop: false };
    const advised = STATES.filter((state) =>
      advice(state, given) !== undefined
    );
    deepStrictEqual(advised.toSorted(), OBSTACLES.toSorted());
  });

  Deno.test(`advice() in ${language} names the command that settles it`, async () => {
    const { advice } = await loadMessages(language);
    const given = { port: 8000, container: undefined, isStop: false };
    const cases: readonly (readonly [State, typeof given, string])[] = [
      ["unhealthy", given, "devsvc restart"],
      ["untracked", given, "--on-conflict=restart"],
      ["foreign", given, "--on-conflict=restart"],
      ["foreign", { ...given, isStop: true }, "devsvc stop --force"],
      ["container", given, "docker ps --filter publish=8000"],
    ];
    for (const [state, circumstances, command] of cases) {
      const text = advice(state, circumstances);
      ok(text?.includes(command), `${state}: ${text}`);
    }
    const named = { ...given, container: "shop-db-1" };
    ok(advice("container", named)?.includes("docker stop shop-db-1"));
  });
}
