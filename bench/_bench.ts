/** What every workload of the benchmark is given. */

import type { Devsvc } from "./_launcher.ts";
import { type Contender, inTurn } from "./_measure.ts";
import type { Row, Table } from "./_model.ts";
import { concurrentlyManager } from "./_managers/concurrently.ts";
import { devsvcManager } from "./_managers/devsvc.ts";
import { alone } from "./_managers/alone.ts";
import type {
  BenchProject,
  BenchService,
  MakeManager,
  Manager,
} from "./_managers/manager.ts";
import { mprocsManager } from "./_managers/mprocs.ts";
import { oxmgrManager } from "./_managers/oxmgr.ts";
import { pitchforkManager } from "./_managers/pitchfork.ts";
import { pm2Manager } from "./_managers/pm2.ts";
import { processComposeManager } from "./_managers/process_compose.ts";
import {
  hivemindManager,
  overmindManager,
} from "./_managers/procfile_manager.ts";
import { takePorts } from "./_world.ts";
import type { Rivals } from "./rivals.ts";

/** What every workload is given. */
export interface Bench {
  /** How many rounds count. */
  readonly runs: number;
  /** How long one tool may take in one table, in milliseconds. */
  readonly limit: number;
  /** A folder of this run, absolute. */
  readonly folder: string;
  /** The tools of this machine. */
  readonly rivals: Rivals;
  /** The ways to run devsvc. */
  readonly devsvc: readonly Devsvc[];
  /** The command of an empty Deno script. */
  readonly empty: readonly string[];
  /** The program of the services. */
  readonly server: string;
  /** Reports progress. */
  readonly log: (line: string) => void;
}

/** A part of the benchmark. */
export interface Workload {
  /** Its letter. */
  readonly letter: string;
  /** What is measured. */
  readonly title: string;
  /** Measures it. */
  run(bench: Bench): Promise<readonly Table[]>;
}

/**
 * Measures contenders in turn, as the run was asked to.
 *
 * @param runs How many rounds count, if not as many as the run was asked for.
 */
export async function turns(
  bench: Bench,
  what: string,
  contenders: readonly Contender[],
  runs: number = bench.runs,
): Promise<readonly Row[]> {
  const { limit, log } = bench;
  return await inTurn(contenders, {
    runs,
    limit,
    onRound: (round) => log(`${what}: ${round}/${runs}`),
  });
}

const MAKERS: readonly MakeManager[] = [
  pm2Manager,
  processComposeManager,
  pitchforkManager,
  oxmgrManager,
  overmindManager,
  hivemindManager,
  concurrentlyManager,
  mprocsManager,
];

/**
 * All that run services on this machine: first none of them (the services
 * alone), then devsvc, then the others.
 */
export function managersOf({ devsvc, rivals }: Bench): readonly Manager[] {
  const others = MAKERS.flatMap((make) => make(rivals) ?? []);
  return [alone, ...devsvc.map(devsvcManager), ...others];
}

/** The number of projects so far, which is part of the path of each. */
let projects = 0;

/** What the services of a project are to be like. */
export interface ProjectOptions {
  /** How many there are. */
  readonly count: number;
  /** The arguments of each, behind its port. */
  readonly args?: (index: number) => readonly string[];
  /** A service that dies is to be started again. */
  readonly restart?: boolean;
}

/** Makes a project for one tool: a folder, a home and ports of its own. */
export function makeProject(
  { folder: base, server }: Bench,
  { count, args = () => [], restart = false }: ProjectOptions,
): BenchProject {
  const folder = `${base}/p${++projects}`;
  const home = `${folder}/home`;
  Deno.mkdirSync(home, { recursive: true });
  const first = takePorts(count + 2);
  const services = Array.from({ length: count }, (_, index): BenchService => {
    const port = first + index;
    const command = [server, String(port), ...args(index)] as const;
    return { name: `s${index + 1}`, port, command };
  });
  return { folder, home, services, restart, ownPort: first + count };
}
