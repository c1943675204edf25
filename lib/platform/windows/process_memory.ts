/** Reads folder, command line and environment out of the memory of a process. */

import {
  BASIC_INFORMATION,
  PARAMETERS,
  PEB,
  UNICODE_STRING,
} from "./native_layouts.ts";
import { readText } from "./process_list.ts";

/**
 * Reads some bytes of another process.
 *
 * @returns `undefined` where they are not there, or may not be read.
 */
export type ReadMemory = (
  address: bigint,
  size: number,
) => Uint8Array<ArrayBuffer> | undefined;

/** What a process was started with, as far as it may be read. */
export interface ProcessParameters {
  /** The folder that it works in. */
  readonly cwd?: string;
  /** Its command line. */
  readonly commandLine?: string;
  /** Its environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The largest environment that is read, in bytes. */
const ENVIRONMENT_MAX = 1 << 20;

/** How much of it is read at once where its size is not written down. */
const PAGE = 4096;

/**
 * Reads the parameters of a process.
 *
 * @param basic Its `PROCESS_BASIC_INFORMATION`.
 * @param wanted The environment is only read where it is wanted.
 */
export function readParameters(
  basic: Uint8Array<ArrayBuffer>,
  read: ReadMemory,
  wanted: { readonly environment: boolean },
): ProcessParameters {
  const peb = read(longAt(basic, BASIC_INFORMATION.peb), PEB.size);
  const parameters = peb &&
    read(longAt(peb, PEB.parameters), PARAMETERS.size);
  if (!parameters) return {};
  const cwd = stringAt(parameters, PARAMETERS.cwd, read);
  const commandLine = stringAt(parameters, PARAMETERS.commandLine, read);
  const environment = wanted.environment
    ? readBlock(
      longAt(parameters, PARAMETERS.environment),
      Number(longAt(parameters, PARAMETERS.environmentSize)),
      read,
    )
    : undefined;
  return {
    ...(cwd ? { cwd: withoutSlash(cwd) } : {}),
    ...(commandLine === undefined ? {} : { commandLine }),
    ...(environment === undefined
      ? {}
      : { environment: parseEnvironmentBlock(environment) }),
  };
}

function longAt(bytes: Uint8Array<ArrayBuffer>, at: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true);
}

function stringAt(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  read: ReadMemory,
): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint16(at + UNICODE_STRING.length, true);
  if (length === 0) return "";
  const text = read(longAt(bytes, at + UNICODE_STRING.buffer), length);
  return text && readText(text);
}

/** `C:\` keeps its backslash. */
function withoutSlash(folder: string): string {
  return folder.replace(/(?<!:)\\$/, "");
}

function readBlock(
  address: bigint,
  size: number,
  read: ReadMemory,
): string | undefined {
  if (address === 0n) return undefined;
  if (size > 0 && size <= ENVIRONMENT_MAX) {
    const bytes = read(address, size);
    if (bytes) return readText(bytes);
  }
  let text = "";
  // A read beyond the last page fails as a whole.
  let from = address;
  while (text.length * 2 < ENVIRONMENT_MAX) {
    const bytes = read(from, PAGE - Number(from % BigInt(PAGE)));
    if (!bytes) return undefined;
    text += readText(bytes);
    if (text.includes("\0\0")) return text;
    from += BigInt(bytes.length);
  }
  return undefined;
}

/**
 * Reads an environment: `NAME=value`, each ended by a zero character, and one
 * more at the end. Names that begin with `=` are those of `cmd`, such as the
 * folder of each drive.
 */
export function parseEnvironmentBlock(
  block: string,
): Readonly<Record<string, string>> {
  const end = block.indexOf("\0\0");
  const variables = (end < 0 ? block : block.slice(0, end)).split("\0");
  return Object.fromEntries(
    variables.flatMap((variable) => {
      const at = variable.indexOf("=");
      return at > 0
        ? [[variable.slice(0, at), variable.slice(at + 1)] as const]
        : [];
    }),
  );
}
