/**
 * The demo's API: JSON on the loopback address, readable by pages served from this machine.
 *
 * ```sh
 * deno run --allow-net=127.0.0.1 demo/api.ts --port 8000
 * ```
 *
 * @module
 */
import { serve } from "./_serve.ts";

/** One thing on the list that the page shows. */
interface Item {
  readonly id: number;
  readonly name: string;
}

const ITEMS: readonly Item[] = [
  { id: 1, name: "Start the services" },
  { id: 2, name: "Start them again: no second instance" },
  { id: 3, name: "Stop them: nothing is left" },
];

const LOCAL_ORIGIN = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/;

/** Routes one request. */
function handle(request: Request): Response {
  const headers = corsHeaders(request);
  if (request.method !== "GET") {
    return Response.json({ error: "Method not allowed" }, {
      status: 405,
      headers,
    });
  }
  switch (new URL(request.url).pathname) {
    case "/health":
      return Response.json({ status: "ok" }, { headers });
    case "/api/items":
      return Response.json(ITEMS, { headers });
    default:
      return Response.json({ error: "Not found" }, { status: 404, headers });
  }
}

/** Lets pages of this machine read the answer, whatever port they are served on. */
function corsHeaders(request: Request): Headers {
  const headers = new Headers({ vary: "origin" });
  const origin = request.headers.get("origin");
  if (origin !== null && LOCAL_ORIGIN.test(origin)) {
    headers.set("access-control-allow-origin", origin);
  }
  return headers;
}

if (import.meta.main) {
  await serve({ name: "API", defaultPort: 8000, handle }, Deno.args);
}
