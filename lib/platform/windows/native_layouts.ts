/**
 * The structures of 64-bit Windows that devsvc reads, as offsets in bytes. They
 * are the same in Windows 10 and 11, on x64 and on ARM64; under WOW64 a 64-bit
 * program sees them of 32-bit processes as well.
 *
 * What Microsoft calls reserved is named after the symbols that it publishes for
 * debuggers, as in System Informer
 * (https://github.com/winsiderss/systeminformer/tree/master/phnt/include).
 */

/**
 * A counted text of UTF-16
 * (https://learn.microsoft.com/windows/win32/api/subauth/ns-subauth-unicode_string).
 */
export const UNICODE_STRING = {
  /** In bytes, `USHORT`. */
  length: 0x00,
  /** Where the text lies, `PWSTR`. */
  buffer: 0x08,
  size: 0x10,
} as const;

/**
 * One process of `SystemProcessInformation`
 * (https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntquerysysteminformation;
 * the times and `HardFaultCount` before them are `Reserved1` there: `ntexapi.h`
 * of System Informer).
 */
export const SYSTEM_PROCESS = {
  /** From here to the next process, 0 in the last, `ULONG`. */
  next: 0x00,
  /** `FILETIME`. */
  createTime: 0x20,
  /** In units of 100 ns, `LARGE_INTEGER`. */
  userTime: 0x28,
  /** In units of 100 ns, `LARGE_INTEGER`. */
  kernelTime: 0x30,
  /** The name of the file without its folder, `UNICODE_STRING`. */
  imageName: 0x38,
  /** `HANDLE`. */
  pid: 0x50,
  /** `HANDLE`. */
  parent: 0x58,
  /** In bytes, `SIZE_T`. */
  workingSet: 0x90,
  /** Up to what is read here. */
  size: 0x98,
} as const;

/**
 * `PROCESS_BASIC_INFORMATION`
 * (https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntqueryinformationprocess).
 */
export const BASIC_INFORMATION = { peb: 0x08, size: 0x30 } as const;

/** `PEB` (https://learn.microsoft.com/windows/win32/api/winternl/ns-winternl-peb). */
export const PEB = { parameters: 0x20, size: 0x28 } as const;

/**
 * `RTL_USER_PROCESS_PARAMETERS`
 * (https://learn.microsoft.com/windows/win32/api/winternl/ns-winternl-rtl_user_process_parameters,
 * which names the command line; the rest: `ntrtl.h` of System Informer).
 */
export const PARAMETERS = {
  /** With a backslash at its end, `UNICODE_STRING`. */
  cwd: 0x38,
  /** `UNICODE_STRING`. */
  commandLine: 0x70,
  /** `PWSTR`. */
  environment: 0x80,
  /** In bytes, `SIZE_T`. */
  environmentSize: 0x3f0,
  size: 0x3f8,
} as const;

/**
 * `TOKEN_USER`, followed by the security identifier
 * (https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-token_user).
 */
export const TOKEN_USER = { sid: 0x10, size: 0x60 } as const;

/**
 * `STARTUPINFOW`
 * (https://learn.microsoft.com/windows/win32/api/processthreadsapi/ns-processthreadsapi-startupinfow).
 */
export const STARTUP_INFO = { cb: 0x00, size: 0x68 } as const;

/**
 * `PROCESS_INFORMATION`
 * (https://learn.microsoft.com/windows/win32/api/processthreadsapi/ns-processthreadsapi-process_information).
 */
export const PROCESS_INFORMATION = {
  /** Of the process and of its first thread. */
  handles: [0x00, 0x08],
  size: 0x18,
} as const;
