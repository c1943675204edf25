/**
 * The frame that the pages of the API and the admin share; the web page has the
 * same one in its index.html.
 */

import type { Status } from "./_serve.ts";
import css from "./web/style.css" with { type: "text" };

/** What stands in a page. */
export interface Page {
  /** What the service says about itself. */
  readonly status: Status;
  /** One sentence, as HTML. */
  readonly lead: string;
  /** The cards below it, as HTML. */
  readonly cards: string;
}

const SERVICES = [
  { name: "API", port: 8000 },
  { name: "Admin", port: 8001 },
  { name: "Web", port: 5173 },
] as const;

/** Draws a whole page. */
export function drawPage({ status, lead, cards }: Page): string {
  const { name, pid, startedAt, requests } = status;
  const links = SERVICES.map((service) => {
    const here = service.name === name ? ' aria-current="page"' : "";
    return `<a href="http://localhost:${service.port}/"${here}>` +
      `${service.name} <small>${service.port}</small></a>`;
  });
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${name} · devsvc demo</title>
    <link rel="icon" href="data:,">
    <style>${css}</style>
  </head>
  <body>
    <header><strong>devsvc demo</strong><nav>${links.join("")}</nav></header>
    <main>
      <h1>${name}</h1>
      <p class="lead">${lead}</p>
      <div class="cards">
        <section>
          <h2><i class="up"></i>This process</h2>
          <dl>
            <dt>Process ID</dt><dd>${pid}</dd>
            <dt>Started</dt><dd>${startedAt.slice(11, 19)} UTC</dd>
            <dt>Requests</dt><dd>${requests}</dd>
          </dl>
        </section>
        ${cards}
      </div>
    </main>
  </body>
</html>
`;
}
