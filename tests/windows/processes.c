/*
 * Lists the processes of the Windows lane for its tests, without the code under
 * test: an array of { "pid", "ppid", "name", "line" } in JSON, in UTF-8; the line
 * is null where it is not shown.
 *
 * With `--consoles MILLISECONDS` it watches for that long, and lists each console
 * window that was there at any time (conhost.exe without --headless): its line is
 * followed by those of its parents.
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
#include <string.h>
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

/* The command line, out of the memory of the process; NULL where it is refused. */
static wchar_t *read_command_line(HANDLE process) {
  PROCESS_BASIC_INFORMATION info;
  PEB peb;
  RTL_USER_PROCESS_PARAMETERS parameters;
  wchar_t *text = NULL;
  if (NtQueryInformationProcess(process, ProcessBasicInformation, &info, sizeof info, NULL) == 0 &&
      ReadProcessMemory(process, info.PebBaseAddress, &peb, sizeof peb, NULL) &&
      ReadProcessMemory(process, peb.ProcessParameters, &parameters, sizeof parameters, NULL) &&
      (text = calloc(1, parameters.CommandLine.Length + sizeof *text)) != NULL &&
      ReadProcessMemory(process, parameters.CommandLine.Buffer, text,
                        parameters.CommandLine.Length, NULL))
    return text;
  free(text);
  return NULL;
}

static HANDLE open_process(DWORD pid) {
  return OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE, pid);
}

/* The command line of a process, "" where it is not shown; to be freed. */
static wchar_t *line_of(DWORD pid) {
  HANDLE process = open_process(pid);
  wchar_t *text = process == NULL ? NULL : read_command_line(process);
  if (process != NULL) CloseHandle(process);
  return text == NULL ? calloc(1, sizeof *text) : text;
}

static DWORD parent_of(DWORD pid) {
  PROCESSENTRY32W entry = {.dwSize = sizeof entry};
  HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  DWORD parent = 0;
  for (BOOL more = Process32FirstW(snapshot, &entry); more;
       more = Process32NextW(snapshot, &entry))
    if (entry.th32ProcessID == pid) parent = entry.th32ParentProcessID;
  CloseHandle(snapshot);
  return parent;
}

static int watch_consoles(DWORD milliseconds) {
  static DWORD seen[4096];
  size_t count = 0;
  ULONGLONG end = GetTickCount64() + milliseconds;
  putchar('[');
  while (GetTickCount64() < end) {
    PROCESSENTRY32W entry = {.dwSize = sizeof entry};
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    for (BOOL more = Process32FirstW(snapshot, &entry); more;
         more = Process32NextW(snapshot, &entry)) {
      BOOL known = _wcsicmp(entry.szExeFile, L"conhost.exe") != 0;
      for (size_t i = 0; i < count; i++) known |= seen[i] == entry.th32ProcessID;
      if (known || count == sizeof seen / sizeof *seen) continue;
      wchar_t *line = line_of(entry.th32ProcessID);
      if (*line == L'\0') {
        free(line);
        continue;
      }
      if (wcsstr(line, L"--headless") == NULL) {
        static wchar_t lines[65536];
        wcsncpy(lines, line, 8191);
        for (DWORD pid = parent_of(entry.th32ProcessID), depth = 0; pid != 0 && depth < 6;
             pid = parent_of(pid), depth++) {
          wchar_t *parent = line_of(pid);
          wcscat(lines, L" < ");
          wcsncat(lines, parent, 8191);
          free(parent);
        }
        printf("%s{\"pid\":%lu,\"ppid\":%lu,\"name\":\"conhost.exe\",\"line\":", count == 0 ? "" : ",",
               entry.th32ProcessID, entry.th32ParentProcessID);
        print_string(lines, wcslen(lines));
        putchar('}');
        seen[count++] = entry.th32ProcessID;
      }
      free(line);
    }
    CloseHandle(snapshot);
    Sleep(2);
  }
  printf("]\r\n");
  return 0;
}

int main(int argc, char **argv) {
  _setmode(_fileno(stdout), _O_BINARY);
  if (argc == 3 && strcmp(argv[1], "--consoles") == 0)
    return watch_consoles((DWORD)strtoul(argv[2], NULL, 10));
  HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  PROCESSENTRY32W entry = {.dwSize = sizeof entry};
  if (snapshot == INVALID_HANDLE_VALUE) return 1;
  putchar('[');
  BOOL first = TRUE;
  for (BOOL more = Process32FirstW(snapshot, &entry); more;
       more = Process32NextW(snapshot, &entry)) {
    HANDLE process = open_process(entry.th32ProcessID);
    printf("%s{\"pid\":%lu,\"ppid\":%lu,\"name\":", first ? "" : ",", entry.th32ProcessID,
           entry.th32ParentProcessID);
    print_string(entry.szExeFile, wcslen(entry.szExeFile));
    printf(",\"line\":");
    wchar_t *line = process == NULL ? NULL : read_command_line(process);
    if (line == NULL) printf("null");
    else print_string(line, wcslen(line));
    free(line);
    putchar('}');
    first = FALSE;
    if (process != NULL) CloseHandle(process);
  }
  printf("]\r\n");
  CloseHandle(snapshot);
  return 0;
}
