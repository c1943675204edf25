/**
 * The checks that no rule of one value can make: between services, and with
 * the disk. They check what can be read of a file that has issues elsewhere,
 * too.
 */

import { resolve, windowsHazard } from "../core/path.ts";
import { readFailure } from "./_read_text.ts";
import type { ConfigPath, UnplacedIssue } from "./errors/config_issue.ts";
import { accepts, type Keys, type Rule } from "./rules.ts";
import { type OsKey, SERVICE_KEYS } from "./schema.ts";
import { isTable, type Table } from "./toml.ts";
import { MAX_NAMES } from "./values.ts";

const READY_KEYS: Keys = SERVICE_KEYS.ready.rule.keys ?? {};

/** A value and where it is written. */
interface Placed<T> {
  readonly value: T;
  readonly path: ConfigPath;
}

/** What one service says about others and the disk, the keys of the OS first. */
interface Declaration {
  readonly name: string;
  readonly port: Placed<number> | "none" | "wrong";
  readonly cwd: Placed<string> | undefined;
  readonly envFile: Placed<string> | undefined;
  readonly dependsOn: Placed<readonly string[]>;
  /** The checks that need a port. */
  readonly portChecks: readonly Placed<"http" | "tcp">[];
}

/**
 * Checks the services against each other and against the disk.
 *
 * @param raw The file; what is wrong by itself counts as not written.
 * @param root The folder of services.toml, absolute.
 * @returns The issues, in no order; empty where there is none.
 */
export async function checkServices(
  raw: Table,
  os: OsKey,
  root: string,
): Promise<readonly UnplacedIssue[]> {
  const services = isTable(raw["services"]) ? raw["services"] : {};
  const declarations = Object.entries(services).flatMap(([name, table]) =>
    isTable(table) ? [declarationOf(name, table, os)] : []
  );
  const onDisk = await Promise.all(declarations.map(async (declaration) => [
    ...hazards("cwd", declaration.cwd, os) ??
      await checkFolder(declaration.cwd, root),
    ...hazards("env_file", declaration.envFile, os) ??
      await checkEnvFile(declaration.envFile, root),
  ]));
  return [
    ...checkNames(declarations),
    ...checkPorts(declarations),
    ...checkDependencies(declarations),
    ...checkCycles(declarations),
    ...onDisk.flat(),
  ];
}

function declarationOf(name: string, table: Table, os: OsKey): Declaration {
  const path = ["services", name];
  const override = table[os];
  const layers = [
    ...(isTable(override) ? [{ value: override, path: [...path, os] }] : []),
    { value: table, path },
  ];
  const port = layers.find(({ value }) => value["port"] !== undefined);
  return {
    name,
    port: port ? readKey("port", SERVICE_KEYS.port, [port]) ?? "wrong" : "none",
    cwd: readKey("cwd", SERVICE_KEYS.cwd, layers),
    envFile: readKey("env_file", SERVICE_KEYS.env_file, layers),
    dependsOn: readKey("depends_on", SERVICE_KEYS.depends_on, layers) ??
      { value: [], path },
    portChecks: (["http", "tcp"] as const).flatMap((check) =>
      portCheckOf(check, layers)
    ),
  };
}

/** The first value of a key that is right. */
function readKey<T>(
  key: string,
  { rule }: { readonly rule: Rule<T> },
  layers: readonly Placed<Table>[],
): Placed<T> | undefined {
  for (const { value: table, path } of layers) {
    const value = table[key];
    if (accepts(rule, value)) return { value, path: [...path, key] };
  }
  return undefined;
}

function portCheckOf<C extends "http" | "tcp">(
  check: C,
  layers: readonly Placed<Table>[],
): readonly Placed<C>[] {
  const rule = READY_KEYS[check]?.rule;
  const layer = layers.find(({ value: { ready } }) =>
    isTable(ready) && ready[check] !== undefined &&
    // Of what is wrong by itself that is said.
    rule?.check(ready[check], { path: [], issues: [] })
  );
  return layer ? [{ value: check, path: [...layer.path, "ready", check] }] : [];
}

function checkNames(
  declarations: readonly Declaration[],
): readonly UnplacedIssue[] {
  const seen = new Map<string, string>();
  return declarations.flatMap(({ name }): UnplacedIssue[] => {
    const other = seen.get(name.toLowerCase());
    if (other === undefined) {
      seen.set(name.toLowerCase(), name);
      return [];
    }
    const path = ["services", name];
    return [{ code: "bad-name", path, at: "key", name, reason: "case", other }];
  });
}

function checkPorts(
  declarations: readonly Declaration[],
): readonly UnplacedIssue[] {
  const owners = new Map<number, string>();
  return declarations.flatMap(({ name, port, portChecks }): UnplacedIssue[] => {
    if (port === "wrong") return [];
    if (port === "none") {
      return portChecks.map(({ value: check, path }) => ({
        code: "needs-port",
        path,
        at: "key",
        check,
      }));
    }
    const { value, path } = port;
    const service = owners.get(value);
    if (service === undefined) {
      owners.set(value, name);
      return [];
    }
    const code = "duplicate-port";
    return [{ code, path, at: "value", port: value, service }];
  });
}

function checkDependencies(
  declarations: readonly Declaration[],
): readonly UnplacedIssue[] {
  const services = declarations.map(({ name }) => name);
  const known = new Set(services);
  return declarations.flatMap(({ dependsOn: { value, path } }) =>
    value.flatMap((name, index): UnplacedIssue[] =>
      known.has(name) ? [] : [{
        code: "unknown-dependency",
        path: [...path, index],
        at: "value",
        name,
        services,
      }]
    )
  );
}

/** A service on the way to the one that is visited. */
interface Step {
  readonly declaration: Declaration;
  readonly index: number;
  /** Which of its dependencies is visited. */
  next: number;
  /** Whether that dependency is reported as part of a cycle. */
  isReported: boolean;
}

/**
 * Finds cycles in one walk over all dependencies: one for each dependency that
 * begins a cycle. A cycle that shares services with one that is found may come
 * to light only when that is mended.
 */
function checkCycles(
  declarations: readonly Declaration[],
): readonly UnplacedIssue[] {
  const byName = new Map(declarations.map((one) => [one.name, one]));
  const done = new Set<string>();
  const issues: UnplacedIssue[] = [];
  // A loop with its own stack: a chain of any length must not overflow.
  for (const start of declarations) {
    const trail: Step[] = [];
    const onTrail = new Map<string, Step>();
    const enter = (declaration: Declaration): void => {
      const index = trail.length;
      const step = { declaration, index, next: -1, isReported: false };
      trail.push(step);
      onTrail.set(declaration.name, step);
    };
    if (!done.has(start.name)) enter(start);
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      top.next++;
      top.isReported = false;
      const { declaration: { name, dependsOn }, next } = top;
      const needed = dependsOn.value[next];
      if (needed === undefined) {
        done.add(name);
        onTrail.delete(name);
        trail.pop();
        continue;
      }
      const first = onTrail.get(needed);
      const declaration = byName.get(needed);
      if (first) {
        if (!first.isReported) issues.push(cycleIssue(trail, first));
        first.isReported = true;
      } else if (declaration && !done.has(needed)) enter(declaration);
    }
  }
  return issues;
}

function cycleIssue(trail: readonly Step[], first: Step): UnplacedIssue {
  const { declaration: { dependsOn }, index, next } = first;
  return {
    code: "cycle",
    path: [...dependsOn.path, next],
    at: "value",
    names: trail.slice(index, index + MAX_NAMES)
      .map(({ declaration }) => declaration.name),
    ...(trail.length - index > MAX_NAMES ? { isCut: true } : {}),
  };
}

/** What forbids even a look at a path; undefined where nothing does. */
function hazards(
  key: string,
  path: Placed<string> | undefined,
  os: OsKey,
): readonly UnplacedIssue[] | undefined {
  if (path === undefined || os !== "windows") return undefined;
  const { value: found, path: place } = path;
  const reason = windowsHazard(found);
  return reason === undefined
    ? undefined
    : [{ code: "windows-path", path: place, at: "value", key, found, reason }];
}

async function checkFolder(
  cwd: Placed<string> | undefined,
  root: string,
): Promise<readonly UnplacedIssue[]> {
  const folder = resolve(root, cwd?.value ?? ".");
  // The folder of the file that was just read is there.
  if (cwd === undefined || folder === root) return [];
  const issue = {
    code: "missing-folder",
    path: cwd.path,
    at: "value",
    folder,
  } as const;
  try {
    const info = await Deno.stat(folder);
    return info.isDirectory ? [] : [{ ...issue, reason: "not-folder" }];
  } catch (error) {
    return [{ ...issue, reason: readFailure(error) }];
  }
}

async function checkEnvFile(
  envFile: Placed<string> | undefined,
  root: string,
): Promise<readonly UnplacedIssue[]> {
  if (envFile === undefined) return [];
  const file = resolve(root, envFile.value);
  const place = { path: envFile.path, at: "value", file } as const;
  const { EnvFileError, readEnvFile } = await import("./env_file.ts");
  try {
    readEnvFile(file);
    return [];
  } catch (error) {
    if (!(error instanceof EnvFileError)) throw error;
    const { reason, issues } = error;
    return reason !== undefined
      ? [{ code: "unreadable-file", reason, ...place }]
      : issues.map(({ line, reason }) => ({
        code: "bad-env-line",
        envLine: line,
        reason,
        ...place,
      }));
  }
}
