/**
 * Services that cost next to nothing, for tests with many of them: perl-base is
 * on every Debian and every runner, starts in 10 ms and takes 7 MB.
 */

/** Takes connections and says good-bye; ends with its words where it cannot. */
const LISTEN = "use Socket; my $port = shift; " +
  "socket(S, PF_INET, SOCK_STREAM, 0) or die; " +
  "setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1); " +
  'bind(S, sockaddr_in($port, INADDR_LOOPBACK)) or die "bind: $!\\n"; ' +
  'listen(S, 99); $| = 1; print "listening on $port\\n"; ' +
  "while (1) { accept(C, S) and close(C) }";

/** The command of a service that listens. */
export function cheapServer(port: number): string {
  return perl(LISTEN, port);
}

/**
 * The command of a service that leaves its port in TIME_WAIT: it closes each
 * connection first, and does not set SO_REUSEADDR.
 */
export function lingeringServer(port: number): string {
  return perl(LISTEN.replace(/setsockopt[^;]+; /, ""), port);
}

/** Answers every request with a status. */
const ANSWER = LISTEN.replace(/while .*$/, "") +
  '$SIG{PIPE} = "IGNORE"; my $status = shift; ' +
  'while (1) { accept(C, S) or next; my $seen = ""; ' +
  "1 while $seen !~ /\\r\\n\\r\\n/ && sysread(C, $seen, 4096, length $seen); " +
  'syswrite(C, "HTTP/1.1 $status x\\r\\nContent-Length: 0\\r\\n\\r\\n"); ' +
  "close(C) }";

/**
 * The command of a web server: where a check is to fail in time, it is there
 * long before.
 */
export function cheapWebServer(port: number, status: number): string {
  return perl(ANSWER, port, status);
}

/** The command of a web server that takes some seconds for each page. */
export function slowWebServer(port: number, seconds: number): string {
  // A connection alone asks for no page.
  const script = ANSWER
    .replace("syswrite(C", "next if $seen eq ''; sleep($wait); syswrite(C")
    .replace("my $status = shift;", "my $status = shift; my $wait = shift;");
  return perl(script, port, 200, seconds);
}

function perl(script: string, ...args: readonly number[]): string {
  // In a locale that a machine lacks perl says so, in seven lines.
  const program = ["env", "LC_ALL=C", "perl", "-e", script];
  return JSON.stringify([...program, ...args.map(String)]);
}

/** The command of a service that does nothing at all. */
export const IDLE = '["sleep", "100000"]';
