/**
 * What the demo services share: the `--port` argument, a server on the loopback
 * address, the answers that each gives and a clean stop.
 */

/** What a service says about itself. */
export interface Status {
  /** Its name. */
  readonly name: string;
  /** The ID of its process. */
  readonly pid: number;
  /** When it started, in ISO 8601. */
  readonly startedAt: string;
  /** How many requests it answered, without those for its state. */
  readonly requests: number;
}

/** What distinguishes one demo service from another. */
export interface DemoService {
  /** The name that its log lines begin with. */
  readonly name: string;
  /** The port it takes when no `--port` is given. */
  readonly defaultPort: number;
  /** Draws the page at `/`. */
  readonly page: (status: Status) => string;
  /** What else it answers as JSON, by path. */
  readonly data?: Readonly<Record<string, unknown>>;
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

const STARTED_AT = new Date().toISOString();

/** Asked all the time, so neither logged nor counted. */
const STATE_PATHS: ReadonlySet<string> = new Set(["/health", "/status"]);

let requests = 0;

function answer(service: DemoService, request: Request): Response {
  const { pathname } = new URL(request.url);
  const isCounted = !STATE_PATHS.has(pathname);
  if (isCounted) requests++;
  const response = route(service, request, pathname);
  if (isCounted) log(`${request.method} ${pathname} ${response.status}`);
  return response;
}

function route(
  { name, page, data = {} }: DemoService,
  request: Request,
  pathname: string,
): Response {
  const headers = corsHeaders(request);
  const json = (value: unknown, status = 200) =>
    Response.json(value, { status, headers });
  if (request.method !== "GET") {
    return json({ error: "Method not allowed" }, 405);
  }
  const status = { name, pid: Deno.pid, startedAt: STARTED_AT, requests };
  switch (pathname) {
    case "/":
      headers.set("content-type", "text/html; charset=utf-8");
      return new Response(page(status), { headers });
    case "/health":
      return json({ status: "ok" });
    case "/status":
      return json(status);
    default:
      return Object.hasOwn(data, pathname)
        ? json(data[pathname])
        : json({ error: "Not found" }, 404);
  }
}

const LOCAL_ORIGIN = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/;

/** Lets pages of this machine read the answer, whatever port they are served on. */
function corsHeaders(request: Request): Headers {
  const headers = new Headers({ vary: "origin" });
  const origin = request.headers.get("origin");
  if (origin !== null && LOCAL_ORIGIN.test(origin)) {
    headers.set("access-control-allow-origin", origin);
  }
  return headers;
}

/** Writes one line to the standard output, which is a service's log. */
function log(line: string): void {
  // deno-lint-ignore no-console
  console.log(line);
}
