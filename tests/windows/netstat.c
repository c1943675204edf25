/*
 * A stand-in for Windows' netstat, for the Windows lane: Wine's own netstat
 * knows no -o and so prints no PIDs. Whatever its arguments, it prints what
 * `netstat -ano` prints on an English Windows:
 *
 *   Proto  Local Address          Foreign Address        State           PID
 *   TCP    [::1]:5173             [::]:0                 LISTENING       8692
 *   UDP    0.0.0.0:5353           *:*                                    2312
 *
 * Windows names the creator of a socket as its owner, even a dead one whose
 * child serves on; Wine names a living one. NETSTAT_CREATOR="PORT=PID" makes
 * the rows of a port look as on Windows.
 *
 * NETSTAT_LANGUAGE=de or fr prints the words of a German or a French Windows
 * for the heads and for LISTENING, in their code page, 850.
 *
 * Sources:
 *   https://learn.microsoft.com/windows-server/administration/windows-commands/netstat
 *   https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getextendedtcptable
 *   https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-getextendedudptable
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <iphlpapi.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef DWORD (WINAPI *Query)(void *, DWORD *, ULONG family);

static DWORD WINAPI tcp(void *table, DWORD *size, ULONG family) {
  return GetExtendedTcpTable(table, size, TRUE, family, TCP_TABLE_OWNER_PID_ALL, 0);
}

static DWORD WINAPI udp(void *table, DWORD *size, ULONG family) {
  return GetExtendedUdpTable(table, size, TRUE, family, UDP_TABLE_OWNER_PID, 0);
}

/* The whole table, or NULL: it may grow between the two calls, hence the loop. */
static void *fetch(Query query, ULONG family) {
  DWORD size = 0;
  void *table = NULL;
  DWORD status;
  while ((status = query(table, &size, family)) == ERROR_INSUFFICIENT_BUFFER) {
    size += 1024;
    free(table);
    table = malloc(size);
    if (table == NULL) return NULL;
  }
  if (status == NO_ERROR) return table;
  free(table);
  return NULL;
}

static int speaks(const char *language) {
  const char *wanted = getenv("NETSTAT_LANGUAGE");
  return wanted != NULL && strcmp(wanted, language) == 0;
}

static const char *heads(void) {
  if (speaks("de"))
    return "\r\nAktive Verbindungen\r\n\r\n"
           "  Proto  Lokale Adresse         Remoteadresse          Status          PID\r\n";
  if (speaks("fr"))
    return "\r\nConnexions actives\r\n\r\n"
           "  Proto  Adresse locale         Adresse distante       \x90tat            PID\r\n";
  return "\r\nActive Connections\r\n\r\n"
         "  Proto  Local Address          Foreign Address        State           PID\r\n";
}

/* The words of MIB_TCP_STATE, as netstat writes them. */
static const char *state_word(DWORD state) {
  static const char *const words[] = {
      "",            "CLOSED",     "LISTENING",  "SYN_SENT",   "SYN_RECEIVED",
      "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING",
      "LAST_ACK",    "TIME_WAIT",  "DELETE_TCB"};
  if (state == MIB_TCP_STATE_LISTEN && speaks("de")) return "ABH\x99REN";
  if (state == MIB_TCP_STATE_LISTEN && speaks("fr")) return "\xB7 L'\x90" "COUTE";
  return state < sizeof words / sizeof *words ? words[state] : "";
}

/*
 * `127.0.0.1:80`, `[::1]:80`, `[fe80::1%12]:80`; ports are big-endian. Wine
 * gives `::1` a scope too, Windows gives one to link-local addresses only.
 */
static void write_address(char *out, size_t size, ULONG family, const void *address,
                          DWORD scope, DWORD port) {
  char host[INET6_ADDRSTRLEN] = "";
  inet_ntop(family, address, host, sizeof host);
  int number = ntohs((u_short)port);
  if (family == AF_INET) snprintf(out, size, "%s:%d", host, number);
  else if (strncmp(host, "fe80:", 5) != 0) snprintf(out, size, "[%s]:%d", host, number);
  else snprintf(out, size, "[%s%%%lu]:%d", host, scope, number);
}

static DWORD creator_of(const char *local, DWORD owner) {
  const char *rule = getenv("NETSTAT_CREATOR");
  const char *port = strrchr(local, ':');
  char *end;
  if (rule == NULL || port == NULL) return owner;
  unsigned long number = strtoul(rule, &end, 10);
  return number == strtoul(port + 1, NULL, 10) && *end == '=' ? strtoul(end + 1, NULL, 10) : owner;
}

static void print_row(const char *protocol, const char *local, const char *remote,
                      const char *state, DWORD owner) {
  DWORD pid = creator_of(local, owner);
  printf("  %-6s %-22s %-22s %-15s %lu\r\n", protocol, local, remote, state, pid);
}

/* A listener has no peer: Windows prints the wildcard of its family, port 0. */
static void print_tcp4(void) {
  MIB_TCPTABLE_OWNER_PID *table = fetch(tcp, AF_INET);
  for (DWORD i = 0; table != NULL && i < table->dwNumEntries; i++) {
    MIB_TCPROW_OWNER_PID *row = &table->table[i];
    char local[80], remote[80] = "0.0.0.0:0";
    write_address(local, sizeof local, AF_INET, &row->dwLocalAddr, 0, row->dwLocalPort);
    if (row->dwState != MIB_TCP_STATE_LISTEN)
      write_address(remote, sizeof remote, AF_INET, &row->dwRemoteAddr, 0, row->dwRemotePort);
    print_row("TCP", local, remote, state_word(row->dwState), row->dwOwningPid);
  }
  free(table);
}

static void print_tcp6(void) {
  MIB_TCP6TABLE_OWNER_PID *table = fetch(tcp, AF_INET6);
  for (DWORD i = 0; table != NULL && i < table->dwNumEntries; i++) {
    MIB_TCP6ROW_OWNER_PID *row = &table->table[i];
    char local[80], remote[80] = "[::]:0";
    write_address(local, sizeof local, AF_INET6, row->ucLocalAddr, row->dwLocalScopeId,
                  row->dwLocalPort);
    if (row->dwState != MIB_TCP_STATE_LISTEN)
      write_address(remote, sizeof remote, AF_INET6, row->ucRemoteAddr, row->dwRemoteScopeId,
                    row->dwRemotePort);
    print_row("TCP", local, remote, state_word(row->dwState), row->dwOwningPid);
  }
  free(table);
}

static void print_udp4(void) {
  MIB_UDPTABLE_OWNER_PID *table = fetch(udp, AF_INET);
  for (DWORD i = 0; table != NULL && i < table->dwNumEntries; i++) {
    MIB_UDPROW_OWNER_PID *row = &table->table[i];
    char local[80];
    write_address(local, sizeof local, AF_INET, &row->dwLocalAddr, 0, row->dwLocalPort);
    print_row("UDP", local, "*:*", "", row->dwOwningPid);
  }
  free(table);
}

static void print_udp6(void) {
  MIB_UDP6TABLE_OWNER_PID *table = fetch(udp, AF_INET6);
  for (DWORD i = 0; table != NULL && i < table->dwNumEntries; i++) {
    MIB_UDP6ROW_OWNER_PID *row = &table->table[i];
    char local[80];
    write_address(local, sizeof local, AF_INET6, row->ucLocalAddr, row->dwLocalScopeId,
                  row->dwLocalPort);
    print_row("UDP", local, "*:*", "", row->dwOwningPid);
  }
  free(table);
}

int main(void) {
  WSADATA data;
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
  _setmode(_fileno(stdout), _O_BINARY);
  fputs(heads(), stdout);
  print_tcp4();
  print_tcp6();
  print_udp4();
  print_udp6();
  WSACleanup();
  return 0;
}
