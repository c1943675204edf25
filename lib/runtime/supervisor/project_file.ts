/**
 * services.toml under the eyes of the supervisor: read again when it has changed.
 *
 * @module
 */

import { loadProject } from "../../config/load.ts";
import type { Project } from "../../core/model.ts";

/** services.toml, and what it said last. */
export class ProjectFile {
  readonly #file: string;
  #project: Project;
  #time: number;

  private constructor(file: string, project: Project, time: number) {
    this.#file = file;
    this.#project = project;
    this.#time = time;
  }

  /**
   * Reads services.toml.
   *
   * @param file The file, absolute.
   * @throws {ConfigError} Where it is wrong.
   */
  static async open(file: string): Promise<ProjectFile> {
    const time = await timeOf(file);
    return new ProjectFile(file, await loadProject(file), time);
  }

  /** What it said when it was right the last time. */
  get project(): Project {
    return this.#project;
  }

  /**
   * Reads it again, where it has changed. One that is being written may be
   * wrong for a moment, or for long: commands tell that.
   */
  async refresh(): Promise<boolean> {
    try {
      const time = await timeOf(this.#file);
      if (time === this.#time) return false;
      this.#project = await loadProject(this.#file);
      this.#time = time;
      return true;
    } catch {
      return false;
    }
  }
}

async function timeOf(file: string): Promise<number> {
  return (await Deno.stat(file)).mtime?.getTime() ?? 0;
}
