/*
 * A stand-in for the one use of Windows PowerShell that the Windows lane needs;
 * Wine's powershell.exe prints nothing, and its wmic knows no creation dates.
 * Asked for Win32_Process (in -Command, or in -EncodedCommand), it prints what
 *
 *   ConvertTo-Json -Compress -InputObject @(Get-CimInstance Win32_Process |
 *     Select-Object ProcessId, ParentProcessId, Name, CommandLine, KernelModeTime,
 *       UserModeTime, WorkingSetSize,
 *       @{ n = 'Started'; e = { $_.CreationDate.ToUniversalTime().ToString('o') } })
 *
 * prints on Windows, in UTF-8; asked for anything else, it fails. Of -Filter it
 * knows `ProcessId=N or ProcessId=N ...` and `ParentProcessId=N`.
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
#include <psapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <tlhelp32.h>
#include <wchar.h>
#include <wincrypt.h>
#include <winternl.h>

/* The script that asks for processes, NULL if there is none. */
static const wchar_t *find_script(int argc, wchar_t **argv) {
  for (int i = 1; i < argc; i++) {
    static wchar_t text[32768];
    DWORD size = sizeof text - sizeof *text;
    if (wcsstr(argv[i], L"Win32_Process") != NULL) return argv[i];
    if (i == 1 || _wcsnicmp(argv[i - 1], L"-enc", 4) != 0) continue;
    if (!CryptStringToBinaryW(argv[i], 0, CRYPT_STRING_BASE64, (BYTE *)text, &size, NULL, NULL))
      continue;
    text[size / sizeof *text] = L'\0';
    if (wcsstr(text, L"Win32_Process") != NULL) return text;
  }
  return NULL;
}

/* Whether the filter lets a process through; without a filter all are. */
static BOOL is_wanted(const wchar_t *script, const PROCESSENTRY32W *entry) {
  const wchar_t *at = wcsstr(script, L"-Filter \"");
  if (at == NULL) return TRUE;
  const wchar_t *end = wcschr(at + wcslen(L"-Filter \""), L'"');
  while ((at = wcsstr(at, L"ProcessId=")) != NULL && at < end) {
    BOOL parent = wcsncmp(at - wcslen(L"Parent"), L"Parent", wcslen(L"Parent")) == 0;
    at += wcslen(L"ProcessId=");
    if (wcstoul(at, NULL, 10) == (parent ? entry->th32ParentProcessID : entry->th32ProcessID))
      return TRUE;
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

static ULONGLONG ticks(FILETIME time) {
  return ((ULONGLONG)time.dwHighDateTime << 32) | time.dwLowDateTime;
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
  printf("\"%04u-%02u-%02uT%02u:%02u:%02u.%07luZ\"", time.wYear, time.wMonth, time.wDay, time.wHour,
         time.wMinute, time.wSecond, (unsigned long)(ticks(creation) % 10000000));
}

/* Times in units of 100 ns, sizes in bytes. */
static void print_use(HANDLE process) {
  FILETIME unused, kernel = {0}, user = {0};
  PROCESS_MEMORY_COUNTERS memory = {.cb = sizeof memory};
  if (process != NULL) {
    GetProcessTimes(process, &unused, &unused, &kernel, &user);
    K32GetProcessMemoryInfo(process, &memory, sizeof memory);
  }
  printf(",\"KernelModeTime\":%llu,\"UserModeTime\":%llu,\"WorkingSetSize\":%llu", ticks(kernel),
         ticks(user), (ULONGLONG)memory.WorkingSetSize);
}

int wmain(int argc, wchar_t **argv) {
  const wchar_t *script = find_script(argc, argv);
  if (script == NULL) {
    fputs("powershell.exe of the Windows lane: it only knows Win32_Process\r\n", stderr);
    return 1;
  }
  HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  PROCESSENTRY32W entry = {.dwSize = sizeof entry};
  if (snapshot == INVALID_HANDLE_VALUE) return 1;
  _setmode(_fileno(stdout), _O_BINARY);
  putchar('[');
  BOOL first = TRUE;
  for (BOOL more = Process32FirstW(snapshot, &entry); more;
       more = Process32NextW(snapshot, &entry)) {
    if (!is_wanted(script, &entry)) continue;
    HANDLE process = OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE,
                                 entry.th32ProcessID);
    printf("%s{\"ProcessId\":%lu,\"ParentProcessId\":%lu,\"Name\":", first ? "" : ",",
           entry.th32ProcessID, entry.th32ParentProcessID);
    print_string(entry.szExeFile, wcslen(entry.szExeFile));
    printf(",\"CommandLine\":");
    print_command_line(process);
    print_use(process);
    printf(",\"Started\":");
    print_creation(process);
    putchar('}');
    first = FALSE;
    if (process != NULL) CloseHandle(process);
  }
  printf("]\r\n");
  CloseHandle(snapshot);
  return 0;
}
