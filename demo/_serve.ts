/**
 * What the demo services share: the port argument, a loopback server and a clean stop.
 *
 * @module
 */

/** What one demo service is made of. */
export interface DemoService {
  /** The name that its log lines begin with. */
  readonly name: string;
  /** The port it takes when no `--port` is given. */
  readonly defaultPort: number;
  /** Answers one request. */
  readonly handle: (request: Request) => Response;
}

/** The signals that mean "stop": Windows allows listeners for these two only. */
const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/**
 * Serves on the loopback address until a stop signal comes, then lets the open requests end.
 *
 * @param args The command line, where `--port N` replaces the default port.
 */
export async function serve(
  service: DemoService,
  args: readonly string[],
): Promise<void> {
  const port = readPort(args) ?? service.defaultPort;
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port,
    onListen: ({ hostname, port }) =>
      log(`${service.name} listens on http://${hostname}:${port}`),
  }, (request) => answer(service, request));

  const stop = (): void => {
    log(`${service.name} stops`);
    for (const signal of STOP_SIGNALS) Deno.removeSignalListener(signal, stop);
    server.shutdown();
  };
  for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, stop);
  await server.finished;
}

/**
 * Reads `--port N` or `--port=N`.
 *
 * @returns The port, or nothing when the command line names none.
 * @throws {RangeError} When what follows `--port` is no port number.
 */
export function readPort(args: readonly string[]): number | undefined {
  const at = args.findIndex((arg) =>
    arg === "--port" || arg.startsWith("--port=")
  );
  const flag = args[at];
  if (flag === undefined) return undefined;
  const text = flag === "--port"
    ? args[at + 1] ?? ""
    : flag.slice("--port=".length);
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) {
    throw new RangeError(
      `Cannot read --port: expected 1 to 65535 but received "${text}"`,
    );
  }
  return port;
}

/** Answers and logs; health probes stay out of the log, they come all the time. */
function answer(service: DemoService, request: Request): Response {
  const { pathname } = new URL(request.url);
  const response = service.handle(request);
  if (pathname !== "/health") {
    log(`${request.method} ${pathname} ${response.status}`);
  }
  return response;
}

/** Writes one line to the standard output, which is a service's log. */
function log(line: string): void {
  // deno-lint-ignore no-console
  console.log(line);
}
