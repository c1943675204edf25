/*
 * Lists the processes of the Windows lane for its tests, without the code under
 * test: an array of { "pid", "ppid", "name", "line" } in JSON, in UTF-8; the line
 * is null where it is not shown.
 *
 * Sources:
 *   https://learn.microsoft.com/windows/win32/api/tlhelp32/nf-tlhelp32-createtoolhelp32snapshot
 *   https://learn.microsoft.com/windows/win32/api/winternl/nf-winternl-ntqueryinformationprocess
 */
#include <windows.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <tlhelp32.h>
#include <wchar.h>
#include <winternl.h>

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

int main(void) {
  HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  PROCESSENTRY32W entry = {.dwSize = sizeof entry};
  if (snapshot == INVALID_HANDLE_VALUE) return 1;
  _setmode(_fileno(stdout), _O_BINARY);
  putchar('[');
  BOOL first = TRUE;
  for (BOOL more = Process32FirstW(snapshot, &entry); more;
       more = Process32NextW(snapshot, &entry)) {
    HANDLE process = OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE,
                                 entry.th32ProcessID);
    printf("%s{\"pid\":%lu,\"ppid\":%lu,\"name\":", first ? "" : ",", entry.th32ProcessID,
           entry.th32ParentProcessID);
    print_string(entry.szExeFile, wcslen(entry.szExeFile));
    printf(",\"line\":");
    print_command_line(process);
    putchar('}');
    first = FALSE;
    if (process != NULL) CloseHandle(process);
  }
  printf("]\r\n");
  CloseHandle(snapshot);
  return 0;
}
