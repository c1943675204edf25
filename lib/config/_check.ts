/**
 * The checks that no schema can make: between services, and with the disk.
 *
 * @module
 */

import { findCycle } from "../core/graph.ts";
import { resolve } from "../core/path.ts";
import type { Draft, Placed } from "./_drafts.ts";
import type { Fault } from "./_fault.ts";
import { readFault } from "./_read_text.ts";
import { INVALID_PORT } from "./values.ts";

/**
 * Checks the services against each other and against the disk.
 *
 * @param drafts The services in the order of the file.
 * @param root The folder of services.toml, absolute.
 * @returns The mistakes, in no order; empty where there is none.
 */
export async function checkServices(
  drafts: readonly Draft[],
  root: string,
): Promise<readonly Fault[]> {
  const onDisk = await Promise.all(drafts.map(async (draft) => [
    ...await checkFolder(draft.cwd, root),
    ...await checkEnvFile(draft.envFile, root),
  ]));
  return [
    ...checkNames(drafts),
    ...checkPorts(drafts),
    ...checkDependencies(drafts),
    ...checkCycles(drafts),
    ...onDisk.flat(),
  ];
}

function checkNames(drafts: readonly Draft[]): readonly Fault[] {
  const seen = new Map<string, string>();
  return drafts.flatMap(({ name }): Fault[] => {
    const other = seen.get(name.toLowerCase());
    if (other === undefined) {
      seen.set(name.toLowerCase(), name);
      return [];
    }
    const path = ["services", name];
    return [{
      code: "bad-name",
      path,
      at: "key",
      name,
      problem: "case",
      other,
    }];
  });
}

function checkPorts(drafts: readonly Draft[]): readonly Fault[] {
  const owners = new Map<number, string>();
  const faults: Fault[] = [];
  for (const { name, port, portChecks } of drafts) {
    if (port === undefined) {
      for (const { value: check, path } of portChecks) {
        faults.push({ code: "needs-port", path, at: "key", check });
      }
      continue;
    }
    const { value, path } = port;
    if (value === INVALID_PORT) continue;
    const service = owners.get(value);
    if (service === undefined) owners.set(value, name);
    else {
      const about = { port: value, service };
      faults.push({ code: "duplicate-port", path, at: "value", ...about });
    }
  }
  return faults;
}

function checkDependencies(drafts: readonly Draft[]): readonly Fault[] {
  const services = drafts.map(({ name }) => name);
  return drafts.flatMap(({ name: self, dependsOn }) =>
    (dependsOn?.value ?? []).flatMap((name, index): Fault[] =>
      services.includes(name) ? [] : [{
        code: "unknown-dependency",
        path: [...dependsOn?.path ?? [], index],
        at: "value",
        name,
        services: services.filter((other) => other !== self),
      }]
    )
  );
}

function checkCycles(drafts: readonly Draft[]): readonly Fault[] {
  const faults: Fault[] = [];
  let nodes = drafts.map(({ name, dependsOn }) => ({
    name,
    dependsOn: dependsOn?.value ?? [],
  }));
  for (
    let names = findCycle(nodes);
    names !== undefined;
    names = findCycle(nodes)
  ) {
    const [from, to = from] = names;
    const dependsOn = drafts.find(({ name }) => name === from)?.dependsOn;
    const index = dependsOn?.value.findIndex((name) => name === to) ?? 0;
    const path = [...dependsOn?.path ?? [], index];
    faults.push({ code: "cycle", path, at: "value", names });
    // Without this edge the next cycle, if any, comes to light.
    nodes = nodes.map((node) =>
      node.name !== from ? node : {
        name: node.name,
        dependsOn: node.dependsOn.filter((name) => name !== to),
      }
    );
  }
  return faults;
}

async function checkFolder(
  cwd: Placed<string> | undefined,
  root: string,
): Promise<readonly Fault[]> {
  const folder = resolve(root, cwd?.value ?? ".");
  // The folder of the file that was just read is there.
  if (cwd === undefined || folder === root) return [];
  const place = { path: cwd.path, at: "value", folder } as const;
  try {
    const info = await Deno.stat(folder);
    return info.isDirectory
      ? []
      : [{ code: "missing-folder", reason: "not-folder", ...place }];
  } catch (error) {
    return [{ code: "missing-folder", reason: readFault(error), ...place }];
  }
}

async function checkEnvFile(
  envFile: Placed<string> | undefined,
  root: string,
): Promise<readonly Fault[]> {
  if (envFile === undefined) return [];
  const file = resolve(root, envFile.value);
  const place = { path: envFile.path, at: "value", file } as const;
  const { EnvFileError, readEnvFile } = await import("./env_file.ts");
  try {
    readEnvFile(file);
    return [];
  } catch (error) {
    if (!(error instanceof EnvFileError)) throw error;
    const { reason, faults } = error;
    return reason !== undefined
      ? [{ code: "unreadable-file", reason, ...place }]
      : faults.map(({ line, problem }) => ({
        code: "bad-env-line",
        envLine: line,
        problem,
        ...place,
      }));
  }
}
