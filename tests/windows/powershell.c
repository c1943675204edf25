/*
 * A stand-in for the one use of Windows PowerShell that the Windows lane needs;
 * Wine's powershell.exe prints nothing, and its wmic knows no creation dates.
 * Asked for Win32_Process (in -Command, or in -EncodedCommand), it prints what
 *
 *   Get-CimInstance Win32_Process | Select-Object ProcessId, ParentProcessId,
 *     Name, CommandLine, @{ n = 't'; e = { $_.CreationDate.ToUniversalTime().ToString('o') } } |
 *     ConvertTo-Json -Compress
 *
 * prints on Windows, in UTF-8; asked for anything else, it fails.
 *
 * Sources:
 *   https://learn.microsoft.com/windows/win32/cimwin32prov/win32-process
 *   https://learn.microsoft.com/windows/win32/api/tlhelp32/nf-tlhelp32-createtoolhelp32snapshot
 *   https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getprocesstimes
 *   https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntqueryinformationprocess
 */
#include <windows.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <tlhelp32.h>
#include <wchar.h>
#include <wincrypt.h>
#include <winternl.h>

static BOOL asks_for_processes(int argc, wchar_t **argv) {
  for (int i = 1; i < argc; i++) {
    static wchar_t text[32768];
    DWORD size = sizeof text - sizeof *text;
    if (wcsstr(argv[i], L"Win32_Process") != NULL) return TRUE;
    if (i == 1 || _wcsnicmp(argv[i - 1], L"-enc", 4) != 0) continue;
    if (!CryptStringToBinaryW(argv[i], 0, CRYPT_STRING_BASE64, (BYTE *)text, &size, NULL, NULL))
      continue;
    text[size / sizeof *text] = L'\0';
    if (wcsstr(text, L"Win32_Process") != NULL) return TRUE;
  }
  return FALSE;
}

static void print_string(const wchar_t *text, size_t length) {
  putchar('"');
  for (size_t i = 0; i < length; i++) {
    char utf8[8];
    int units = IS_HIGH_SURROGATE(text[i]) && i + 1 < length ? 2 : 1;
    if (text[i] == L'"' || text[i] == L'\\') printf("\\%c", (char)text[i]);
    else if (text[i] < 0x20) printf("\\u%04x", text[i]);
    else {
      int bytes = WideCharToMultiByte(CP_UTF8, 0, text + i, units, utf8, sizeof utf8, NULL, NULL);
      fwrite(utf8, 1, (size_t)bytes, stdout);
      i += (size_t)units - 1;
    }
  }
  putchar('"');
}

/* The command line, out of the memory of the process; null where it is refused. */
static void print_command_line(HANDLE process) {
  PROCESS_BASIC_INFORMATION info;
  PEB peb;
  RTL_USER_PROCESS_PARAMETERS parameters;
  wchar_t *text = NULL;
  if (process != NULL &&
      NtQueryInformationProcess(process, ProcessBasicInformation, &info, sizeof info, NULL) == 0 &&
      ReadProcessMemory(process, info.PebBaseAddress, &peb, sizeof peb, NULL) &&
      ReadProcessMemory(process, peb.ProcessParameters, &parameters, sizeof parameters, NULL) &&
      (text = malloc(parameters.CommandLine.Length + 1u)) != NULL &&
      ReadProcessMemory(process, parameters.CommandLine.Buffer, text,
                        parameters.CommandLine.Length, NULL))
    print_string(text, parameters.CommandLine.Length / sizeof *text);
  else printf("null");
  free(text);
}

/* As .NET's format "o": 2026-01-31T12:34:56.1234567Z. */
static void print_creation(HANDLE process) {
  FILETIME creation, unused;
  SYSTEMTIME time;
  if (process == NULL || !GetProcessTimes(process, &creation, &unused, &unused, &unused) ||
      !FileTimeToSystemTime(&creation, &time)) {
    printf("null");
    return;
  }
  ULONGLONG ticks = ((ULONGLONG)creation.dwHighDateTime << 32) | creation.dwLowDateTime;
  printf("\"%04u-%02u-%02uT%02u:%02u:%02u.%07luZ\"", time.wYear, time.wMonth, time.wDay, time.wHour,
         time.wMinute, time.wSecond, (unsigned long)(ticks % 10000000));
}

int wmain(int argc, wchar_t **argv) {
  if (!asks_for_processes(argc, argv)) {
    fputs("powershell.exe of the Windows lane: it only knows Win32_Process\r\n", stderr);
    return 1;
  }
  HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  PROCESSENTRY32W entry = {.dwSize = sizeof entry};
  if (snapshot == INVALID_HANDLE_VALUE) return 1;
  _setmode(_fileno(stdout), _O_BINARY);
  putchar('[');
  for (BOOL more = Process32FirstW(snapshot, &entry), first = TRUE; more;
       more = Process32NextW(snapshot, &entry), first = FALSE) {
    HANDLE process = OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE,
                                 entry.th32ProcessID);
    printf("%s{\"ProcessId\":%lu,\"ParentProcessId\":%lu,\"Name\":", first ? "" : ",",
           entry.th32ProcessID, entry.th32ParentProcessID);
    print_string(entry.szExeFile, wcslen(entry.szExeFile));
    printf(",\"CommandLine\":");
    print_command_line(process);
    printf(",\"t\":");
    print_creation(process);
    putchar('}');
    if (process != NULL) CloseHandle(process);
  }
  printf("]\r\n");
  CloseHandle(snapshot);
  return 0;
}
