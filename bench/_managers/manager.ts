/** What the benchmark asks of a tool that runs services. */

import type { Rivals } from "../rivals.ts";

/** A service of the benchmark. */
export interface BenchService {
  /** Its name. */
  readonly name: string;
  /** Its port. */
  readonly port: number;
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
}

/** A project of the benchmark. */
export interface BenchProject {
  /** Its folder, absolute; it is there. */
  readonly folder: string;
  /** A home of its own for tools that keep their state there. */
  readonly home: string;
  /** Its services. */
  readonly services: readonly BenchService[];
  /** A service that dies is to be started again. */
  readonly restart: boolean;
  /** A port that the tool may use for itself. */
  readonly ownPort: number;
}

/** Where a tool keeps what services wrote. */
export type Logs =
  /** In one file a service. */
  | { readonly kind: "each"; readonly file: (service: string) => string }
  /** All in one file. */
  | { readonly kind: "joint"; readonly file: string }
  /** Where no file shows that all is there: the tool has taken it. */
  | { readonly kind: "taken"; readonly place: string };

/** A project in the hands of a tool. */
export interface Managed {
  /** Starts all services; ends when the tool says that they are ready. */
  start(): Promise<void>;
  /** Stops all services; ends when the tool says that they are stopped. */
  stop(): Promise<void>;
  /** Restarts one service, where the tool can. */
  readonly restart?: (service: string) => Promise<void>;
  /** Lists the services, where the tool can. */
  readonly status?: () => Promise<void>;
  /** Where the tool keeps what services write. */
  readonly logs: Logs;
  /** Processes of the tool that do not carry the run id. */
  readonly untagged?: () => readonly number[];
  /** Ends what the tool leaves resident. */
  close(): Promise<void>;
}

/** A tool that runs services. */
export interface Manager {
  /** Its name in the tables. */
  readonly name: string;
  /** How it proves that services are ready. */
  readonly ready: string;
  /** How it proves that services are stopped. */
  readonly stopped: string;
  /** It can start again what died. */
  readonly restarts: boolean;
  /** Takes a project in hand; nothing is started yet. */
  open(project: BenchProject): Managed;
}

/**
 * Makes a manager where its tools are here.
 *
 * @returns The manager; `undefined` where a tool is missing.
 */
export type MakeManager = (rivals: Rivals) => Manager | undefined;

/**
 * Writes a command as one line of a shell, which becomes the service.
 *
 * @returns The line; none of its words needs quotes.
 */
export function shellLine({ command }: BenchService): string {
  return `exec ${command.join(" ")}`;
}
