/** What the graph needs to know of a service. */
export interface Node {
  /** The name that others depend on. */
  readonly name: string;
  /** The names that must come first; names of no service are ignored. */
  readonly dependsOn: readonly string[];
}

/**
 * Finds services that wait for each other.
 *
 * @returns The names along one cycle, each depending on the next and the last
 * on the first; undefined where there is no cycle.
 */
export function findCycle(
  services: readonly Node[],
): readonly string[] | undefined {
  const byName = new Map(services.map((service) => [service.name, service]));
  const done = new Set<string>();
  // A loop with its own stack: a chain of any length must not overflow.
  for (const start of services) {
    const trail = [{ node: start, next: 0 }];
    const onTrail = new Set([start.name]);
    if (done.has(start.name)) continue;
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const name = top.node.dependsOn[top.next++];
      if (name === undefined) {
        done.add(top.node.name);
        onTrail.delete(top.node.name);
        trail.pop();
        continue;
      }
      if (onTrail.has(name)) {
        const names = trail.map((step) => step.node.name);
        return names.slice(names.indexOf(name));
      }
      const node = byName.get(name);
      if (node !== undefined && !done.has(name)) {
        trail.push({ node, next: 0 });
        onTrail.add(name);
      }
    }
  }
  return undefined;
}

/**
 * Sorts services into levels: those of one level can be started together once
 * all earlier levels are ready. Inside a level their order is kept.
 *
 * @throws {RangeError} Where services wait for each other.
 */
export function levels<T extends Node>(
  services: readonly T[],
): readonly (readonly T[])[] {
  const sorted: T[][] = [];
  let waiting = services;
  let missing = new Set(services.map((service) => service.name));
  while (waiting.length > 0) {
    const isHeld = (service: T): boolean =>
      service.dependsOn.some((name) => missing.has(name));
    const level = waiting.filter((service) => !isHeld(service));
    if (level.length === 0) {
      const names = findCycle(waiting) ?? [];
      throw new RangeError(
        `Cannot order services: ${[...names, names[0]].join(" → ")}`,
      );
    }
    sorted.push(level);
    waiting = waiting.filter(isHeld);
    missing = new Set(waiting.map((service) => service.name));
  }
  return sorted;
}

/**
 * Adds to some services all that they depend on, directly or not; the order of
 * `services` is kept.
 *
 * @throws {RangeError} Where a name asked for is no service.
 */
export function withDependencies<T extends Node>(
  names: readonly string[],
  services: readonly T[],
): readonly T[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  for (const name of names) {
    if (!byName.has(name)) {
      throw new RangeError(`Cannot select services: ${name} is no service`);
    }
  }
  const wanted = new Set(names);
  // A set takes what is added to it while it is walked.
  for (const name of wanted) {
    for (const needed of byName.get(name)?.dependsOn ?? []) wanted.add(needed);
  }
  return services.filter((service) => wanted.has(service.name));
}
