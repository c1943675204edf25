/**
 * services.toml as the supervisor sees it: read again whenever it has changed.
 */

import { loadProject } from "../../config/load.ts";
import type { Project } from "../../core/model.ts";
import type { FileSystem } from "../../platform/file_system.ts";

/** The project of a services.toml that may change. */
export class ProjectFile {
  readonly #fs: FileSystem;
  readonly #file: string;
  #project: Project;
  #modified: number;

  private constructor(
    fs: FileSystem,
    file: string,
    project: Project,
    modified: number,
  ) {
    this.#fs = fs;
    this.#file = file;
    this.#project = project;
    this.#modified = modified;
  }

  /**
   * Reads services.toml.
   *
   * @param file Its path, absolute.
   * @throws {ConfigError} Where it is not valid.
   */
  static async open(fs: FileSystem, file: string): Promise<ProjectFile> {
    const modified = modifiedTime(fs, file);
    return new ProjectFile(fs, file, await loadProject(file), modified);
  }

  /** The project as of the last valid file. */
  get project(): Project {
    return this.#project;
  }

  /**
   * Reads the file again where it has changed. One that is not valid is ignored:
   * an editor may be writing it, and the next command reports its issues.
   *
   * @returns Whether there is a new project.
   */
  async refresh(): Promise<boolean> {
    try {
      const modified = modifiedTime(this.#fs, this.#file);
      if (modified === this.#modified) return false;
      this.#project = await loadProject(this.#file);
      this.#modified = modified;
      return true;
    } catch {
      return false;
    }
  }
}

function modifiedTime(fs: FileSystem, file: string): number {
  return fs.statSync(file).mtime?.getTime() ?? 0;
}
