/**
 * Finds what a Procfile starts, as foreman would start it
 * (https://ddollar.github.io/foreman/).
 */

import { parseEnvFile } from "../../config/env_file.ts";
import { type Candidate, type FoundPort, PORT_SLOT } from "./candidate.ts";
import { candidateOf, parseLine } from "./_line.ts";
import { findAll, portInEnv } from "./_text.ts";
import { type Tree, within } from "./folder_tree.ts";

/** The port of the first process; each next one has 100 more. */
const FIRST_PORT = 5000;
const PORT_STEP = 100;

/** The file for development takes precedence. */
const NAMES = ["Procfile.dev", "Procfile"];

/** Finds the services of the Procfiles of a project. */
export function procfile(tree: Tree): readonly Candidate[] {
  return tree.folders.flatMap((folder) => {
    const name = NAMES.find((one) => tree.files(folder).includes(one));
    return name === undefined ? [] : readProcfile(tree, folder, name);
  });
}

function readProcfile(
  tree: Tree,
  folder: string,
  name: string,
): readonly Candidate[] {
  const file = within(folder, name) ?? name;
  const envFile = envFileOf(tree, folder);
  const first = portInEnv(tree, folder) ?? { number: FIRST_PORT };
  // `release` runs once, before the others.
  const lines = findAll(tree, file, /^([\w-]+):[ \t]*(.+)$/)
    .filter(({ match }) => match[1] !== "release");
  return lines.flatMap(({ match, evidence }, index): readonly Candidate[] => {
    const [, process = "", command = ""] = match;
    const text = command.replace(/\$\{?PORT(?::-\d+)?\}?(?!\w)/g, PORT_SLOT);
    const line = { cwd: folder, text, evidence, separator: ";" } as const;
    const parsed = parseLine(tree, line);
    if (!parsed) return [];
    const found = candidateOf(parsed, evidence);
    const given: FoundPort = {
      ...first,
      number: first.number + index * PORT_STEP,
    };
    const takesPort = text.includes(PORT_SLOT) ||
      parsed.env["PORT"] === PORT_SLOT;
    return [{
      ...found,
      name: process,
      label: process === "web" && parsed.kind === "server"
        ? parsed.label
        : process,
      ...(takesPort ? { port: given } : {}),
      ...(envFile === undefined ? {} : { envFile }),
    }];
  });
}

/** Foreman gives it to every process; devsvc would refuse it with a wrong line. */
function envFileOf(tree: Tree, folder: string): string | undefined {
  const file = within(folder, ".env") ?? ".env";
  const text = tree.files(folder).includes(".env")
    ? tree.read(file)
    : undefined;
  const isRight = text !== undefined && parseEnvFile(text).issues.length === 0;
  return isRight ? file : undefined;
}
