/**
 * What happens while a plan is run, as data: the journal, the live lines and
 * the JSON are all drawn from these.
 */

import type { Exit } from "./exit.ts";
import type { StartHint } from "./start_hint.ts";
import type { ProcessEntry, ReadyCheck } from "./model.ts";

/** A process as it is named to a person. */
export type NamedProcess = Pick<ProcessEntry, "pid" | "name">;

/** A check as it may be shown: headers can hold secrets. */
export type ShownCheck = ReadyCheck extends infer C
  ? C extends ReadyCheck ? Omit<C, "headers"> : never
  : never;

/** Leaves out the headers of a check. */
export function showCheck(check: ReadyCheck): ShownCheck {
  if (!("headers" in check)) return check;
  const { headers: _, ...shown } = check;
  return shown;
}

/** Why a service is not ready yet. */
export type Pending =
  /** Nothing of it listens on its port. */
  | { readonly kind: "port"; readonly port: number }
  /** Its port answers, but another process listens there. */
  | {
    readonly kind: "owner";
    readonly port: number;
    readonly holders: readonly NamedProcess[];
  }
  /** It listens on its port, but not on the loopback of this machine. */
  | {
    readonly kind: "address";
    readonly port: number;
    readonly addresses: readonly string[];
  }
  /** It listens on other ports than its own. */
  | {
    readonly kind: "port-mismatch";
    readonly port: number;
    readonly mismatchedPorts: readonly number[];
    /** The processes that hold its own port, if any. */
    readonly holders: readonly NamedProcess[];
  }
  | {
    readonly kind: "check";
    readonly check: ShownCheck;
    readonly detail: string;
  }
  | { readonly kind: "lookup"; readonly reason: string };

/** Why a service was not started. */
export type StartFailure =
  | { readonly kind: "spawn"; readonly reason: string }
  | {
    readonly kind: "exited";
    readonly code?: number;
    readonly signal?: string;
    readonly log: string;
    readonly lines: readonly string[];
    /** The processes that it left, and that were ended. */
    readonly ended?: readonly NamedProcess[];
    /** Why it ended, as far as that shows. */
    readonly hint?: StartHint;
  }
  | {
    readonly kind: "timeout";
    /** In milliseconds. */
    readonly waited: number;
    readonly pending: Pending;
    readonly log: string;
    readonly lines: readonly string[];
  }
  /** One of the services it depends on is not ready. */
  | { readonly kind: "dependency"; readonly names: readonly string[] }
  /** What held its port could not be stopped. */
  | { readonly kind: "not-stopped" }
  | { readonly kind: "cancelled" };

/** Why a service is not proven to be stopped. */
export type StopFailure =
  /** Processes that are still alive after they were killed. */
  | { readonly kind: "survivors"; readonly processes: readonly NamedProcess[] }
  /** The tree is gone, but another process listens on the port. */
  | {
    readonly kind: "held";
    readonly holders: readonly NamedProcess[];
    /** The holders of inherited sockets that were ended. */
    readonly tried?: readonly NamedProcess[];
  }
  | { readonly kind: "denied"; readonly processes: readonly NamedProcess[] }
  /** It is unknown whether it is gone. */
  | { readonly kind: "lookup"; readonly reason: string }
  /** It is gone, but a supervisor that cannot be told takes that for a crash. */
  | { readonly kind: "supervised" }
  | { readonly kind: "cancelled" };

/** Why the stop command of a service failed. */
export type StopCommandFailure =
  | { readonly kind: "spawn"; readonly reason: string }
  | {
    readonly kind: "exited";
    readonly code?: number;
    readonly signal?: string;
  }
  | {
    readonly kind: "timeout";
    /** In milliseconds. */
    readonly waited: number;
  };

/** Something that happened to one service. */
export type ServiceEvent =
  & { readonly service: string }
  & (
    | { readonly kind: "starting" }
    /** Its port is kept by the OS after closed connections: it is waited for. */
    | {
      readonly kind: "closing";
      readonly port: number;
      /** For how long at most, in milliseconds. */
      readonly left: number;
      /** It was said before, in the same wait. */
      readonly isRepeated?: boolean;
    }
    | { readonly kind: "spawned"; readonly pid: number }
    | { readonly kind: "waiting"; readonly pending: Pending }
    /** It is not ready after some seconds, and has written something. */
    | {
      readonly kind: "slow";
      readonly log: string;
      readonly lines: readonly string[];
      /** How long it may take, in milliseconds. */
      readonly limit: number;
    }
    /** It is not ready after many seconds. */
    | {
      readonly kind: "still-waiting";
      /** What it lacks, where its first checks have ended. */
      readonly pending?: Pending;
      /** In milliseconds. */
      readonly waited: number;
      /** How long it may take, in milliseconds. */
      readonly limit: number;
    }
    /** It is not restarted: services.toml changed since it was started. */
    | { readonly kind: "outdated" }
    | {
      readonly kind: "ready";
      readonly pid: number;
      /** From the start to the proof, in milliseconds. */
      readonly elapsed: number;
    }
    /** It runs, and has neither port nor check to prove that it is ready. */
    | {
      readonly kind: "started";
      readonly pid: number;
      /** From the start on, in milliseconds. */
      readonly elapsed: number;
    }
    | { readonly kind: "failed"; readonly failure: StartFailure }
    /** It ended before it was ready, and another process holds its port. */
    | {
      readonly kind: "held";
      readonly port: number;
      readonly holders: readonly NamedProcess[];
    }
    | {
      readonly kind: "stopping";
      readonly processes: readonly NamedProcess[];
    }
    | { readonly kind: "stop-command"; readonly pid: number }
    | {
      readonly kind: "stop-command-failed";
      readonly failure: StopCommandFailure;
    }
    /** Some of the processes that were asked to stop are still alive. */
    | {
      readonly kind: "still-running";
      readonly processes: readonly NamedProcess[];
      /** For so long that it is worth a line that stays; set once a stop. */
      readonly isLong: boolean;
    }
    | {
      readonly kind: "escalating";
      readonly processes: readonly NamedProcess[];
      /** In milliseconds. */
      readonly waited: number;
    }
    | { readonly kind: "stopped"; readonly elapsed: number }
    | { readonly kind: "not-stopped"; readonly failure: StopFailure }
    /** It ended without having been stopped by devsvc. */
    | {
      readonly kind: "crashed";
      readonly pid: number;
      /** How it ended, where that is known. */
      readonly exit?: Exit;
    }
    /** It ended by itself and is restarted after a delay. */
    | {
      readonly kind: "backoff";
      /** How many restarts in a row there are with this one. */
      readonly restarts: number;
      /** In milliseconds. */
      readonly delay: number;
    }
    /** It was started again too often in a row and is left alone. */
    | { readonly kind: "gave-up"; readonly restarts: number }
    /** Its log cannot be bounded or timed; no line is lost by it. */
    | {
      readonly kind: "log-degraded";
      /** The error of the OS. */
      readonly reason: string;
    }
    /** Its run record could not be written or removed; all else was done. */
    | {
      readonly kind: "record-failed";
      /** The error of the OS. */
      readonly reason: string;
    }
    /** Its checks fail although it was ready. */
    | { readonly kind: "unhealthy" }
    | { readonly kind: "healthy" }
    /** Left undone because of a conflict. */
    | {
      readonly kind: "refused";
      readonly state: string;
      readonly holders: readonly NamedProcess[];
    }
  );

/** Takes events as they happen. */
export type Emit = (event: ServiceEvent) => void;
