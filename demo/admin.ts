/**
 * The demo's admin: one page on the loopback address, with what to try.
 *
 * ```sh
 * deno run --allow-net=127.0.0.1 demo/admin.ts --port 8001
 * ```
 */
import { drawPage } from "./_page.ts";
import { serve, type Status } from "./_serve.ts";

function page(status: Status): string {
  return drawPage({
    status,
    lead: "A second service, so that there is something to tell apart. " +
      "Restart it and its process ID changes.",
    cards: `<section>
          <h2>Try it</h2>
          <dl>
            <dt><code>deno task devsvc status</code></dt><dd>All three</dd>
            <dt><code>deno task devsvc restart admin</code></dt><dd>A new process</dd>
            <dt><code>deno task devsvc why admin</code></dt><dd>Why it is up</dd>
            <dt><code>deno task devsvc logs -f</code></dt><dd>Their output</dd>
          </dl>
        </section>`,
  });
}

if (import.meta.main) {
  await serve({ name: "Admin", defaultPort: 8001, page }, Deno.args);
}
