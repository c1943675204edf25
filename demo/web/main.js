/**
 * The demo's page: shows the state of the API and the admin, asked each second.
 *
 * Plain JavaScript on purpose: the browser's types would reach every file that `deno check` sees
 * together with this one.
 *
 * @module
 */

const SERVICES = [
  {
    id: "api",
    label: "API",
    url: import.meta.env.VITE_API_URL ?? "http://127.0.0.1:8000",
  },
  {
    id: "admin",
    label: "Admin",
    url: import.meta.env.VITE_ADMIN_URL ?? "http://127.0.0.1:8001",
  },
];

/** Draws the card of one service and keeps it current. */
function follow({ id, label, url }) {
  const card = document.createElement("section");
  document.querySelector("#services").append(card);
  const update = async () => {
    const from = performance.now();
    try {
      const response = await fetch(`${url}/status`, {
        cache: "no-store",
        signal: AbortSignal.timeout(2000),
      });
      const status = await response.json();
      drawUp(card, { id, label, status, ms: performance.now() - from });
    } catch {
      drawDown(card, { id, label });
    }
    setTimeout(update, 1000);
  };
  update();
}

function drawUp(card, { id, label, status, ms }) {
  const seconds = Math.max(
    0,
    (Date.now() - Date.parse(status.startedAt)) / 1000,
  );
  card.innerHTML = `
    <h2><i class="up"></i>${label}<span>ready</span></h2>
    <dl>
      <dt>Process ID</dt><dd>${Number(status.pid)}</dd>
      <dt>Up for</dt><dd>${formatSeconds(seconds)}</dd>
      <dt>Requests</dt><dd>${Number(status.requests)}</dd>
      <dt>Answered in</dt><dd>${ms.toFixed(0)} ms</dd>
    </dl>
    <p><code>deno task devsvc restart ${id}</code></p>`;
}

function drawDown(card, { id, label }) {
  card.innerHTML = `
    <h2><i class="down"></i>${label}<span>does not answer</span></h2>
    <p><code>deno task devsvc why ${id}</code></p>
    <p><code>deno task devsvc start ${id}</code></p>`;
}

function formatSeconds(total) {
  const [hours, minutes, seconds] = [total / 3600, total / 60 % 60, total % 60]
    .map(Math.floor);
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds} s` : `${seconds} s`;
}

SERVICES.forEach(follow);
