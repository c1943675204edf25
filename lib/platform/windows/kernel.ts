/**
 * The calls of Windows that devsvc makes, by `Deno.dlopen`. Each is documented
 * at https://learn.microsoft.com/windows/win32/api/.
 */

import type { Lookup } from "../../core/model.ts";
import {
  BASIC_INFORMATION,
  PROCESS_INFORMATION,
  STARTUP_INFO,
  TOKEN_USER,
  UNICODE_STRING,
} from "./native_layouts.ts";
import { readText, type Region } from "./process_list.ts";
import type { ReadMemory } from "./process_memory.ts";
import {
  type SystemLibraries,
  systemLibraries,
  systemRoot,
} from "./system_libraries.ts";

const KERNEL32 = {
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "u64" },
  CloseHandle: { parameters: ["u64"], result: "i32" },
  GetProcessTimes: {
    parameters: ["u64", "buffer", "buffer", "buffer", "buffer"],
    result: "i32",
  },
  TerminateProcess: { parameters: ["u64", "u32"], result: "i32" },
  ReadProcessMemory: {
    parameters: ["u64", "u64", "buffer", "usize", "buffer"],
    result: "i32",
  },
  CreateProcessW: {
    parameters: [
      ...["buffer", "buffer", "buffer", "buffer"] as const,
      ...["i32", "u32", "buffer", "buffer", "buffer", "buffer"] as const,
    ],
    result: "i32",
  },
  GetConsoleProcessList: { parameters: ["buffer", "u32"], result: "u32" },
  SetConsoleCtrlHandler: { parameters: ["buffer", "i32"], result: "i32" },
  AttachConsole: { parameters: ["u32"], result: "i32" },
  FreeConsole: { parameters: [], result: "i32" },
  GenerateConsoleCtrlEvent: { parameters: ["u32", "u32"], result: "i32" },
} as const;

const NTDLL = {
  NtQuerySystemInformation: {
    parameters: ["u32", "buffer", "u32", "buffer"],
    result: "u32",
  },
  NtQueryInformationProcess: {
    parameters: ["u64", "u32", "buffer", "u32", "buffer"],
    result: "u32",
  },
  NtOpenProcessToken: { parameters: ["u64", "u32", "buffer"], result: "u32" },
  NtQueryInformationToken: {
    parameters: ["u64", "u32", "buffer", "u32", "buffer"],
    result: "u32",
  },
  RtlInitUnicodeString: { parameters: ["buffer", "buffer"], result: "void" },
} as const;

const STATUS_SUCCESS = 0;
const STATUS_INFO_LENGTH_MISMATCH = 0xC000_0004;

/** Classes of information, as the functions count them. */
const SYSTEM_PROCESS_INFORMATION = 5;
const PROCESS_BASIC_INFORMATION = 0;
const PROCESS_COMMAND_LINE_INFORMATION = 60;
const TOKEN_USER_INFORMATION = 1;

const TOKEN_QUERY = 0x0008;

/** What a process is opened for. */
export const RIGHTS = {
  /** To see whose it is, when it began and its command line. */
  look: 0x1000,
  /** To read its memory as well. */
  read: 0x1000 | 0x0010,
  /** To end it. */
  terminate: 0x1000 | 0x0001,
} as const;

/** Ctrl-C, to all processes of a console (group 0). */
const CTRL_C_EVENT = 0;

/** A console of its own that is never shown. */
const CREATE_NO_WINDOW = 0x0800_0000;

/** The exit code of a process that devsvc ends, as that of the Task Manager. */
const FORCED_EXIT_CODE = 1;

/** The first buffer for the list of processes in bytes, and the largest. */
const LIST_SIZE = 1 << 20;
const LIST_MAX = 1 << 28;

/** The longest command line in bytes, with its header. */
const COMMAND_LINE_MAX = 0x1_0000 + UNICODE_STRING.size;

/** More processes than any console has. */
const CONSOLE_PROCESSES_MAX = 1024;

/** A process that is held: its number is not given to another one meanwhile. */
export interface OpenProcess extends Disposable {
  /** When it began, and whether it has ended; `undefined` if not shown. */
  times(): { readonly created: bigint; readonly hasEnded: boolean } | undefined;
  /** The user that it runs as, in hexadecimal; `undefined` if not shown. */
  owner(): string | undefined;
  /** Its command line; `undefined` if not shown. */
  commandLine(): string | undefined;
  /** Its `PROCESS_BASIC_INFORMATION`; `undefined` if not shown. */
  basicInformation(): Uint8Array<ArrayBuffer> | undefined;
  /** Reads its memory. */
  readonly read: ReadMemory;
  /** Ends it at once; `false` where that is refused, or it has ended. */
  terminate(): boolean;
}

/** The calls of Windows. */
export interface Kernel {
  /** Writes the list of all processes. */
  processList(): Lookup<Region>;
  /** Opens a process; `undefined` where there is none, or it is refused. */
  open(pid: number, rights: number): OpenProcess | undefined;
  /** The processes of the console of devsvc; empty without a console. */
  consoleProcesses(): readonly number[];
  /**
   * Lets devsvc and what it starts from now on hear Ctrl-C. A program that was
   * started to ignore it hands that on (`start /b`, a process group of its own).
   */
  hearCtrlC(): void;
  /**
   * Leaves the console of devsvc for that of another process.
   *
   * @returns Whether that one has a console, and it may be joined.
   */
  joinConsole(pid: number): boolean;
  /**
   * Presses Ctrl-C in the console of devsvc, for all in it but devsvc.
   *
   * @returns Whether it was sent.
   */
  pressCtrlC(): boolean;
  /**
   * Starts a program in a hidden console, with no handle of devsvc; it outlives
   * devsvc.
   *
   * @returns Whether it was started.
   */
  createHidden(path: string, line: string, cwd: string): boolean;
}

let opened: Kernel | undefined;

/**
 * Opens the two libraries, which stay open: they are in every program of Windows
 * as long as it runs.
 *
 * @throws {Error} Where the permission for them is missing.
 */
export function systemKernel(): Kernel {
  return opened ??= openKernel(systemLibraries(systemRoot()));
}

/** Opens the libraries when they are needed: most commands see free ports only. */
export function findKernel(): Lookup<Kernel> {
  try {
    return { ok: true, value: systemKernel() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `Cannot call Windows: ${reason}` };
  }
}

function openKernel(libraries: SystemLibraries): Kernel {
  const kernel32 = Deno.dlopen(libraries.kernel32, KERNEL32).symbols;
  const ntdll = Deno.dlopen(libraries.ntdll, NTDLL).symbols;
  let listSize = LIST_SIZE;
  return {
    processList: () => {
      for (;;) {
        const bytes = new Uint8Array(listSize);
        const size = new Uint32Array(1);
        // A text that begins in the buffer: its first character is zero as yet.
        const start = new BigUint64Array(2);
        ntdll.RtlInitUnicodeString(start, bytes);
        const address = start[1] ?? 0n;
        const status = ntdll.NtQuerySystemInformation(
          SYSTEM_PROCESS_INFORMATION,
          bytes,
          bytes.length,
          size,
        );
        if (status === STATUS_SUCCESS) {
          const value = { bytes: bytes.subarray(0, size[0]), address };
          return { ok: true, value };
        }
        if (status !== STATUS_INFO_LENGTH_MISMATCH || listSize >= LIST_MAX) {
          return {
            ok: false,
            reason: `Windows does not list its processes (${hex(status)})`,
          };
        }
        listSize *= 2;
      }
    },
    open: (pid, rights) => {
      const handle = kernel32.OpenProcess(rights, 0, pid);
      return handle === 0n ? undefined : openProcess(handle);
    },
    consoleProcesses: () => {
      const pids = new Uint32Array(CONSOLE_PROCESSES_MAX);
      const count = kernel32.GetConsoleProcessList(pids, pids.length);
      return [...pids.slice(0, Math.min(count, pids.length))];
    },
    hearCtrlC: () => void kernel32.SetConsoleCtrlHandler(null, 0),
    joinConsole: (pid) => {
      kernel32.FreeConsole();
      return kernel32.AttachConsole(pid) !== 0;
    },
    pressCtrlC: () =>
      kernel32.SetConsoleCtrlHandler(null, 1) !== 0 &&
      kernel32.GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0) !== 0,
    createHidden: (path, line, cwd) => {
      const startup = new Uint8Array(STARTUP_INFO.size);
      startup[STARTUP_INFO.cb] = startup.length;
      const created = new Uint8Array(PROCESS_INFORMATION.size);
      const isCreated = kernel32.CreateProcessW(
        wide(path),
        wide(line),
        null,
        null,
        0,
        CREATE_NO_WINDOW,
        null,
        wide(cwd),
        startup,
        created,
      );
      if (!isCreated) return false;
      const handles = new DataView(created.buffer);
      for (const at of PROCESS_INFORMATION.handles) {
        kernel32.CloseHandle(handles.getBigUint64(at, true));
      }
      return true;
    },
  };

  function openProcess(handle: bigint): OpenProcess {
    const query = (
      kind: number,
      size: number,
    ): Uint8Array<ArrayBuffer> | undefined => {
      const bytes = new Uint8Array(size);
      const length = new Uint32Array(1);
      const status = ntdll
        .NtQueryInformationProcess(handle, kind, bytes, size, length);
      return status === STATUS_SUCCESS ? bytes : undefined;
    };
    return {
      times: () => {
        const [created, ended, kernel, user] = [0, 0, 0, 0]
          .map(() => new BigUint64Array(1));
        if (!created || !ended || !kernel || !user) return undefined;
        return kernel32.GetProcessTimes(handle, created, ended, kernel, user)
          ? { created: created[0] ?? 0n, hasEnded: ended[0] !== 0n }
          : undefined;
      },
      owner: () => {
        const token = new BigUint64Array(1);
        const status = ntdll.NtOpenProcessToken(handle, TOKEN_QUERY, token);
        if (status !== STATUS_SUCCESS) return undefined;
        const bytes = new Uint8Array(TOKEN_USER.size);
        const length = new Uint32Array(1);
        const found = ntdll.NtQueryInformationToken(
          token[0] ?? 0n,
          TOKEN_USER_INFORMATION,
          bytes,
          bytes.length,
          length,
        );
        kernel32.CloseHandle(token[0] ?? 0n);
        return found === STATUS_SUCCESS
          ? bytes.subarray(TOKEN_USER.sid, length[0]).toHex()
          : undefined;
      },
      commandLine: () => {
        const bytes = query(PROCESS_COMMAND_LINE_INFORMATION, COMMAND_LINE_MAX);
        if (bytes === undefined) return undefined;
        // The text follows its own header.
        const length = new DataView(bytes.buffer)
          .getUint16(UNICODE_STRING.length, true);
        const from = UNICODE_STRING.size;
        return readText(bytes.subarray(from, from + length));
      },
      basicInformation: () =>
        query(PROCESS_BASIC_INFORMATION, BASIC_INFORMATION.size),
      read: (address, size) => {
        const bytes = new Uint8Array(size);
        const count = new BigUint64Array(1);
        return address !== 0n &&
            kernel32.ReadProcessMemory(
              handle,
              address,
              bytes,
              BigInt(size),
              count,
            ) &&
            count[0] === BigInt(size)
          ? bytes
          : undefined;
      },
      terminate: () =>
        kernel32.TerminateProcess(handle, FORCED_EXIT_CODE) !== 0,
      [Symbol.dispose]: () => void kernel32.CloseHandle(handle),
    };
  }
}

/** A text of UTF-16 that ends with a zero character. */
function wide(text: string): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(
    `${text}\0`.split(""),
    (character) => character.charCodeAt(0),
  );
}

function hex(status: number): string {
  return `0x${status.toString(16).toUpperCase()}`;
}
