/** A project in memory, for the tests of the detectors. */

import {
  isSearched,
  MAX_DEPTH,
  type Tree,
} from "../../lib/init/detect/folder_tree.ts";

/** Makes a project of texts. */
export function memoryTree(texts: Readonly<Record<string, string>>): Tree {
  const paths = Object.keys(texts);
  const folderOf = (path: string) =>
    path.slice(0, Math.max(0, path.lastIndexOf("/")));
  const all = new Set(paths.flatMap((path) => {
    const names = folderOf(path).split("/");
    return names.map((_, index) => names.slice(0, index + 1).join("/"));
  }));
  const folders = ["", ...[...all].filter((folder) => folder !== "")]
    .filter((folder) => {
      const names = folder === "" ? [] : folder.split("/");
      return names.length <= MAX_DEPTH && names.every(isSearched);
    })
    .toSorted((a, b) =>
      a.split("/").length - b.split("/").length || a.localeCompare(b)
    );
  return {
    folders: folders.toSorted((a, b) => Number(a !== "") - Number(b !== "")),
    files: (folder) =>
      paths.filter((path) => folderOf(path) === folder)
        .map((path) => path.slice(path.lastIndexOf("/") + 1)).toSorted(),
    has: (path) =>
      paths.some((one) => one === path || one.startsWith(`${path}/`)),
    read: (path) => texts[path],
  };
}
