/**
 * services.toml as the supervisor acts on it: each service as the user started
 * it, whatever the file says since.
 */

import { configHash } from "../../config/config_hash.ts";
import { loadProject } from "../../config/load.ts";
import type { Project, Service } from "../../core/model.ts";
import type { Host } from "../../platform/host.ts";

type FileHost = Pick<Host, "fs" | "sha256">;

/** A service with the digest of its configuration. */
interface Configured {
  readonly service: Service;
  readonly hash: string;
}

/** The project of a services.toml that may change. */
export class ProjectFile {
  readonly #host: FileHost;
  readonly #file: string;
  #modified = -1;
  #latest: Project;
  /** The services as of the last valid file, in its order. */
  #read: readonly Configured[] = [];
  /** The services as they are acted on, in the same order. */
  #used: readonly Configured[] = [];
  #outdated: ReadonlySet<string> = new Set();
  #project: Project;

  private constructor(host: FileHost, file: string, project: Project) {
    this.#host = host;
    this.#file = file;
    this.#latest = project;
    this.#project = project;
  }

  /**
   * Reads services.toml.
   *
   * @param file Its path, absolute.
   * @throws {ConfigError} Where it is not valid.
   */
  static async open(host: FileHost, file: string): Promise<ProjectFile> {
    const modified = modifiedTime(host, file);
    const opened = new ProjectFile(host, file, await loadProject(file));
    await opened.#takeUp(opened.#latest, modified);
    opened.#used = opened.#read;
    return opened;
  }

  /** The project, with each service as it was started. */
  get project(): Project {
    return this.#project;
  }

  /**
   * Returns whether the configuration that a service was started with is not
   * known any more: nothing of the file may be run for it.
   */
  readonly isOutdated = (service: string): boolean =>
    this.#outdated.has(service);

  /** Returns the digest of a service as it is acted on. */
  hashOf(name: string): string | undefined {
    return this.#used.find(({ service }) => service.name === name)?.hash;
  }

  /**
   * Reads the file again where it has changed, and takes the configuration of
   * those services from it that were started with it. A file that is not valid is
   * ignored: an editor may be writing it, and the next command reports its
   * issues.
   *
   * @param recordedHash Returns the digest in the run record of a service.
   * @returns Whether the project is another one now.
   */
  async refresh(
    recordedHash: (service: string) => string | undefined,
  ): Promise<boolean> {
    const before = this.#used;
    await this.#readAgain();
    const outdated = new Set<string>();
    const used = this.#read.map((latest) => {
      const { name } = latest.service;
      const wanted = recordedHash(name);
      if (wanted === undefined || wanted === latest.hash) return latest;
      const held = before.find(({ service }) => service.name === name);
      if (held?.hash === wanted) return held;
      outdated.add(name);
      return latest;
    });
    const isSame = used.length === before.length &&
      used.every((one, index) => one === before[index]) &&
      outdated.symmetricDifference(this.#outdated).size === 0;
    if (isSame) return false;
    this.#used = used;
    this.#outdated = outdated;
    const services = used.map(({ service }) => service);
    this.#project = { ...this.#latest, services };
    return true;
  }

  async #readAgain(): Promise<void> {
    try {
      const modified = modifiedTime(this.#host, this.#file);
      if (modified === this.#modified) return;
      await this.#takeUp(await loadProject(this.#file), modified);
    } catch {
      // It stays as it was.
    }
  }

  async #takeUp(project: Project, modified: number): Promise<void> {
    this.#read = await Promise.all(
      project.services.map(async (service) => ({
        service,
        hash: await configHash(service, this.#host.sha256),
      })),
    );
    this.#latest = project;
    this.#modified = modified;
  }
}

function modifiedTime({ fs }: FileHost, file: string): number {
  return fs.statSync(file).mtime?.getTime() ?? 0;
}
