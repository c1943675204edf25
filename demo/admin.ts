/**
 * The demo's admin: one HTML page on the loopback address.
 *
 * ```sh
 * deno run --allow-net=127.0.0.1 demo/admin.ts --port 8001
 * ```
 *
 * @module
 */
import { serve } from "./_serve.ts";

const STARTED_AT = new Date();

/** Routes one request. */
function handle(request: Request): Response {
  switch (new URL(request.url).pathname) {
    case "/health":
      return Response.json({ status: "ok" });
    case "/":
      return html(page());
    default:
      return html("<!doctype html><title>Not found</title>Not found", 404);
  }
}

/** The page: what this process is and since when it runs. */
function page(): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Demo admin</title>
    <link rel="icon" href="data:,">
    <style>body { font: 1rem/1.5 system-ui; margin: 3rem auto; max-width: 40rem; }</style>
  </head>
  <body>
    <h1>Demo admin</h1>
    <p>Process ${Deno.pid}, up since <time>${STARTED_AT.toISOString()}</time>.</p>
    <p><code>devsvc restart admin</code> changes both.</p>
  </body>
</html>
`;
}

/** Wraps markup in a response. */
function html(markup: string, status = 200): Response {
  return new Response(markup, {
    status,
    headers: { "content-type": "text/html; charset=utf-8" },
  });
}

if (import.meta.main) {
  await serve({ name: "Admin", defaultPort: 8001, handle }, Deno.args);
}
