/**
 * Random worlds: what can be on a machine when devsvc is called, as data from
 * which `_judge.ts` builds it.
 *
 * @module
 */

import fc from "fast-check";
import { LAUNCHES } from "./fake_platform.ts";

/** What the port and the run record of a service are like at the beginning. */
export const SITUATIONS = [
  /** Nothing runs. */
  "nothing",
  /** Started by devsvc. */
  "own",
  /** Started by devsvc, and a stranger on another address of the port. */
  "own beside a stranger",
  /** Of this project, not started by devsvc. */
  "untracked",
  "foreign",
  /** Docker, sshd, AirPlay: never to be signalled. */
  "sacred",
  /** Another user's: seen, but not to be signalled. */
  "denied",
  /** A container without any process. */
  "published",
  /** What devsvc runs under holds the port. */
  "ancestor",
  /** Gone: its run record is left. */
  "dead",
  /** Gone, and its number was given to the wrapper of something else. */
  "recycled",
] as const;

/** One of {@linkcode SITUATIONS}. */
export type Situation = typeof SITUATIONS[number];

/** Where a process of a tree is, seen from the wrapper. */
export const BRANCHES = [
  "worker",
  "grandchild",
  /** In a session of its own, without its parent. */
  "escaped",
  "own group",
  /** Named like what devsvc never signals. */
  "disguised",
  /** Dead and never reaped. */
  "zombie",
] as const;

/** One of {@linkcode BRANCHES}. */
export type Branch = typeof BRANCHES[number];

/** What is chosen about one service. */
export interface ServiceScene {
  /** What there is at the beginning. */
  readonly situation: Situation;
  /** It has no port. */
  readonly portless: boolean;
  /** It depends on the one before. */
  readonly depends: boolean;
  /** How long it may take to stop, in milliseconds. */
  readonly timeout: number;
  /** How it is asked to stop. */
  readonly signal: "SIGTERM" | "SIGINT" | "SIGKILL";
  /** The processes below its wrapper, or below the holder. */
  readonly branches: readonly Branch[];
  /** How long each takes to obey, in milliseconds, leader first. */
  readonly lags: readonly number[];
  /** Which of them holds the port; several share it where this is 3. */
  readonly holder: number;
  /** The wrapper, or the supervisor, is gone. */
  readonly headless: boolean;
  /** A supervisor brings back what ends, after so many milliseconds. */
  readonly respawns: number | null;
  /** Even SIGKILL does not end the wrapper. */
  readonly undying: boolean;
  /** The run record was never marked ready. */
  readonly unready: boolean;
  /** What the file of the run record is like. */
  readonly record: "valid" | "missing" | "corrupt" | "other version";
  /** What it does when it is started. */
  readonly launch: typeof LAUNCHES[number];
}

/** What is called. */
export const COMMANDS = [
  "stop",
  "stop --force",
  "start",
  "start --on-conflict=restart",
  "start --on-conflict=keep",
  "restart",
] as const;

/** A whole world and what is called in it. */
export interface Scene {
  /** For all that happens by chance. */
  readonly seed: number;
  /** Like Windows: no groups, no marks, stale parents. */
  readonly windows: boolean;
  /** What is called. */
  readonly command: typeof COMMANDS[number];
  /** The services. */
  readonly services: readonly ServiceScene[];
  /** Where the user sits: what the untracked were started from. */
  readonly seat: "bash" | "zsh" | "emacs" | "Code.exe" | "tmux: server";
  /** devsvc runs inside of the first service. */
  readonly inside: boolean;
  /** The chance that something happens during a look. */
  readonly unrest: number;
  /** The chance that a look fails. */
  readonly failing: number;
}

const anyLag = fc.constantFrom(0, 0, 3, 40, 300, 3_000, Infinity);

const anyService: fc.Arbitrary<ServiceScene> = fc.record({
  situation: fc.constantFrom<Situation>(
    ...SITUATIONS,
    // What devsvc may signal, and therefore can signal wrongly.
    "own",
    "own",
    "own",
    "untracked",
    "untracked",
    "foreign",
  ),
  portless: fc.constantFrom(false, false, false, true),
  depends: fc.boolean(),
  timeout: fc.constantFrom(50, 500, 5_000),
  signal: fc.constantFrom("SIGTERM", "SIGTERM", "SIGINT", "SIGKILL"),
  branches: fc.array(fc.constantFrom<Branch>(...BRANCHES, "worker"), {
    maxLength: 4,
  }),
  lags: fc.array(anyLag, { minLength: 5, maxLength: 5 }),
  holder: fc.nat(3),
  headless: fc.constantFrom(false, false, false, true),
  respawns: fc.constantFrom(null, null, null, 0, 20, 400),
  undying: fc.nat(19).map((number) => number === 7),
  unready: fc.constantFrom(false, false, true),
  record: fc.constantFrom(
    "valid",
    "valid",
    "valid",
    "valid",
    "missing",
    "corrupt",
    "other version",
  ),
  launch: fc.constantFrom(...LAUNCHES),
});

/** Any world. */
export const anyScene: fc.Arbitrary<Scene> = fc.record({
  seed: fc.integer(),
  windows: fc.constantFrom(false, false, true),
  command: fc.constantFrom(...COMMANDS),
  services: fc.array(anyService, { minLength: 1, maxLength: 3 }),
  seat: fc.constantFrom("bash", "zsh", "emacs", "Code.exe", "tmux: server"),
  inside: fc.nat(9).map((number) => number === 7),
  unrest: fc.constantFrom(0, 0.05, 0.3),
  failing: fc.constantFrom(0, 0, 0, 0.05),
});
