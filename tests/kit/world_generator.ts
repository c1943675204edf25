/** Random worlds as data: what can be on a machine when devsvc is called. */

import fc from "fast-check";
import { LAUNCHES } from "./fake_platform.ts";

/** The initial situations of the port and the run record of a service. */
const SITUATIONS = [
  /** Nothing runs. */
  "nothing",
  /** Started by devsvc. */
  "own",
  /** Started by devsvc, suspended (Ctrl-Z), and it ends as soon as it is asked. */
  "own in Ctrl-Z",
  /** Started by devsvc, and a foreign process on another address of the port. */
  "own beside a foreign process",
  /** Started twice: both runs live. */
  "own twice",
  /** Started by the devsvc of a project inside this one. */
  "nested project",
  /** Started by the devsvc of a copy of this project. */
  "copy",
  /** Started by hand in a project inside this one. */
  "nested by hand",
  /** Of this project, not started by devsvc, with the command of the service. */
  "untracked",
  /** In the folder of this project, but nothing of it. */
  "database",
  "foreign",
  /** Docker, sshd, AirPlay: never to be signalled. */
  "protected",
  /** Another user's: shown, but it cannot be signalled. */
  "denied",
  /** A container without any process. */
  "published",
  /** A parent of devsvc holds the port. */
  "ancestor",
  /** Started in another pid namespace: its process id is that of a stranger. */
  "other namespace",
  /** Ended: only its run record is left. */
  "dead",
  /** Ended, and its pid was reused for the wrapper of something else. */
  "recycled",
] as const;

/** One of {@linkcode SITUATIONS}. */
type Situation = typeof SITUATIONS[number];

/** How a process of a tree is related to its wrapper. */
const BRANCHES = [
  "worker",
  "grandchild",
  /** In a session of its own, without its parent. */
  "escaped",
  "own group",
  /** With the name of a protected program. */
  "disguised",
  /** Dead and never reaped. */
  "zombie",
  /** With an environment that does not name the run. */
  "clean",
] as const;

/** One of {@linkcode BRANCHES}. */
export type Branch = typeof BRANCHES[number];

/** The properties of one service. */
export interface ServiceScene {
  /** Its situation when devsvc is called. */
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
  /** How long each takes to end after a signal, in milliseconds, wrapper first. */
  readonly lags: readonly number[];
  /** Which of them holds the port; several share it where this is 3. */
  readonly holder: number;
  /** The wrapper, or the supervisor, is gone. */
  readonly headless: boolean;
  /** A supervisor starts again what ends, after so many milliseconds. */
  readonly respawns: number | null;
  /** Even SIGKILL does not end the wrapper. */
  readonly undying: boolean;
  /** All its processes are suspended (SIGSTOP). */
  readonly suspended: boolean;
  /** How long the OS keeps its port once it was closed, in milliseconds. */
  readonly keeps: number;
  /** The run record was never marked ready. */
  readonly unready: boolean;
  /** It is not in services.toml any more. */
  readonly removed: boolean;
  /** A devsvc started it that does not write the root into the environment. */
  readonly rootless: boolean;
  /** What the file of the run record is like. */
  readonly record: "valid" | "missing" | "corrupt" | "other version";
  /** What it does when it is started. */
  readonly launch: typeof LAUNCHES[number];
}

/** The commands that are called. */
const COMMANDS = [
  "stop",
  "stop --force",
  "start",
  "start --on-conflict=restart",
  "start --on-conflict=keep",
  "restart",
] as const;

/** A whole world and what is called in it. */
export interface Scene {
  /** The seed of everything random. */
  readonly seed: number;
  /** Like Windows: no groups, no run ids, stale parents. */
  readonly windows: boolean;
  /** The command that is called. */
  readonly command: typeof COMMANDS[number];
  /** The services. */
  readonly services: readonly ServiceScene[];
  /** The shell or editor that the user has started programs from. */
  readonly shell: "bash" | "zsh" | "emacs" | "Code.exe" | "tmux: server";
  /** Whether devsvc runs inside the first service. */
  readonly inside: boolean;
  /** The probability that something happens during a query. */
  readonly unrest: number;
  /** The probability that a query fails. */
  readonly failing: number;
}

const anyLag = fc.constantFrom(0, 0, 3, 40, 300, 3_000, Infinity);

const anyService: fc.Arbitrary<ServiceScene> = fc.record({
  situation: fc.constantFrom<Situation>(
    ...SITUATIONS,
    // More often, for devsvc may signal these, and so could signal others.
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
  suspended: fc.nat(5).map((number) => number === 3),
  keeps: fc.constantFrom(0, 0, 0, 300, 20_000, 60_000),
  unready: fc.constantFrom(false, false, true),
  removed: fc.constantFrom(false, false, false, false, true),
  rootless: fc.constantFrom(false, false, false, true),
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
  shell: fc.constantFrom("bash", "zsh", "emacs", "Code.exe", "tmux: server"),
  inside: fc.nat(9).map((number) => number === 7),
  unrest: fc.constantFrom(0, 0.05, 0.3),
  failing: fc.constantFrom(0, 0, 0, 0.05),
});
