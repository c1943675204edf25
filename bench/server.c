/*
 * The service of the benchmark: native, so that what is measured is the tool
 * that runs it. It waits, listens, answers 200 to whatever it is asked, and
 * ends at once when it is asked to.
 *
 *   server FIRST_PORT [--count N] [--delay MS] [--write BYTES]
 *
 * --count   listens on N ports from FIRST_PORT on
 * --delay   listens after so many milliseconds
 * --write   writes so many bytes in numbered lines as fast as they are taken,
 *           with END as the last line, before it listens
 */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 100, MAX_PORTS = 4096 };

static const char ANSWER[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
    "Connection: close\r\n\r\nok";

static void end(int signal) {
  (void)signal;
  _exit(0);
}

static void wait_for(long ms) {
  struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&time, &time) != 0) {
  }
}

static void write_lines(long bytes) {
  char line[LINE + 1];
  for (long number = 1; number * LINE <= bytes; number++) {
    int length = snprintf(line, sizeof line, "%010ld ", number);
    memset(line + length, 'x', LINE - length - 1);
    line[LINE - 1] = '\n';
    fwrite(line, 1, LINE, stdout);
  }
  puts("END");
  fflush(stdout);
}

static int listen_on(int port) {
  int one = 1;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
      listen(listener, 128) != 0) {
    perror("server");
    exit(1);
  }
  return listener;
}

static void answer(int listener) {
  char request[4096];
  int client = accept(listener, NULL, NULL);
  if (client < 0) return;
  if (read(client, request, sizeof request) > 0) {
    if (write(client, ANSWER, sizeof ANSWER - 1) < 0) perror("server");
  }
  close(client);
}

int main(int argc, char **argv) {
  static struct pollfd listeners[MAX_PORTS];
  long port = argc > 1 ? atol(argv[1]) : 0, count = 1, delay = 0, bytes = 0;
  for (int i = 2; i + 1 < argc; i += 2) {
    long value = atol(argv[i + 1]);
    if (strcmp(argv[i], "--count") == 0) count = value;
    if (strcmp(argv[i], "--delay") == 0) delay = value;
    if (strcmp(argv[i], "--write") == 0) bytes = value;
  }
  if (port < 1 || count < 1 || count > MAX_PORTS) return 2;
  struct rlimit files = {MAX_PORTS + 64, MAX_PORTS + 64};
  if (count > 900) setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGTERM, end);
  signal(SIGINT, end);
  signal(SIGPIPE, SIG_IGN);
  if (delay > 0) wait_for(delay);
  if (bytes > 0) write_lines(bytes);
  for (int i = 0; i < count; i++) {
    listeners[i] = (struct pollfd){listen_on(port + i), POLLIN, 0};
  }
  for (;;) {
    poll(listeners, count, -1);
    for (int i = 0; i < count; i++) {
      if (listeners[i].revents & POLLIN) answer(listeners[i].fd);
    }
  }
}
