/**
 * The demo's API: JSON on the loopback address, and a page that says what it answers.
 *
 * ```sh
 * deno run --allow-net=127.0.0.1 demo/api.ts --port 8000
 * ```
 */
import { drawPage } from "./_page.ts";
import { serve, type Status } from "./_serve.ts";

const ITEMS = [
  { id: 1, name: "Start the services" },
  { id: 2, name: "Start them again: no second instance" },
  { id: 3, name: "Stop them: nothing is left" },
] as const;

function page(status: Status): string {
  return drawPage({
    status,
    lead:
      "Answers with JSON. devsvc calls it ready once <code>/health</code> answers, " +
      "from the process that it started.",
    cards: `<section>
          <h2>What it answers</h2>
          <dl>
            <dt><a href="/health">/health</a></dt><dd>Is it ready?</dd>
            <dt><a href="/status">/status</a></dt><dd>Process, start, requests</dd>
            <dt><a href="/api/items">/api/items</a></dt><dd>${ITEMS.length} items</dd>
          </dl>
        </section>`,
  });
}

if (import.meta.main) {
  const data = { "/api/items": ITEMS };
  await serve({ name: "API", defaultPort: 8000, page, data }, Deno.args);
}
