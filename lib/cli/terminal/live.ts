/**
 * Shows events: on a screen with a live line for each service that is waited
 * for, elsewhere line by line.
 */

import type { ServiceEvent } from "../../core/events.ts";
import type { Service } from "../../core/model.ts";
import { eventLines, liveLine } from "../../report/progress.ts";
import type { View } from "../../report/view.ts";
import { Frame } from "./frame.ts";
import type { Terminal } from "./terminal.ts";

const FRAME_MS = 100;

/** Takes events and shows them until it is disposed of. */
export interface Display extends Disposable {
  /** Shows an event. */
  show(event: ServiceEvent): void;
}

/** Opens the display that suits the terminal. */
export function openDisplay(
  services: readonly Service[],
  view: View,
  terminal: Terminal,
): Display {
  const byName = new Map(services.map((service) => [service.name, service]));
  if (terminal.isScreen) return new LiveDisplay(byName, view, terminal);
  return {
    show(event) {
      const service = byName.get(event.service);
      if (!service) return;
      for (const line of eventLines(event, service, view)) {
        terminal.write(`${line}\n`);
      }
    },
    [Symbol.dispose]() {},
  };
}

/** The last event of a service that is waited for, and since when. */
interface Wait {
  readonly event: ServiceEvent;
  readonly since: number;
}

class LiveDisplay implements Display {
  readonly #services: ReadonlyMap<string, Service>;
  readonly #view: View;
  readonly #waits = new Map<string, Wait>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #frame: Frame;

  constructor(
    services: ReadonlyMap<string, Service>,
    view: View,
    terminal: Terminal,
  ) {
    this.#services = services;
    this.#view = view;
    this.#frame = new Frame(terminal);
    this.#timer = setInterval(() => this.#draw([]), FRAME_MS);
  }

  show(event: ServiceEvent): void {
    const service = this.#services.get(event.service);
    if (!service) return;
    if (event.kind === "slow") {
      // It is waited for all the same.
      this.#draw(eventLines(event, service, this.#view));
      return;
    }
    const now = performance.now();
    const isWait = liveLine(event, service, this.#view, 0) !== undefined;
    if (!isWait) {
      this.#waits.delete(event.service);
      this.#draw(eventLines(event, service, this.#view));
      return;
    }
    const before = this.#waits.get(event.service);
    // A countdown begins with its event, and what follows it begins anew.
    const isSame = before?.event.kind !== "closing" &&
      event.kind !== "closing";
    const since = isSame ? before?.since ?? now : now;
    this.#waits.set(event.service, { event, since });
    this.#draw([]);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#waits.clear();
    this.#draw([]);
  }

  /** Erases the live lines, writes the lines that stay, draws the others anew. */
  #draw(staying: readonly string[]): void {
    const now = performance.now();
    const live: string[] = [];
    for (const [name, { event, since }] of this.#waits) {
      const service = this.#services.get(name);
      if (!service) continue;
      const line = liveLine(event, service, this.#view, now - since);
      if (line !== undefined) live.push(line);
    }
    this.#frame.draw(staying, live);
  }
}
