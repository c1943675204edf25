/**
 * The demo's page: lists what the API answers.
 *
 * Plain JavaScript on purpose: the browser's types would reach every file that `deno check` sees
 * together with this one.
 *
 * @module
 */

const API_URL = import.meta.env.VITE_API_URL ?? "http://127.0.0.1:8000";
const ADMIN_URL = import.meta.env.VITE_ADMIN_URL ?? "http://127.0.0.1:8001";

/** Reads the list from the API. */
async function fetchItems() {
  const response = await fetch(`${API_URL}/api/items`);
  if (!response.ok) {
    throw new Error(`Cannot read the items: HTTP ${response.status}`);
  }
  return await response.json();
}

/** Writes the list, or why there is none, into the page. */
async function show() {
  const status = document.querySelector("#status");
  document.querySelector("#admin").href = ADMIN_URL;
  try {
    const items = await fetchItems();
    document.querySelector("#items").replaceChildren(...items.map(listItem));
    status.textContent = `The API at ${API_URL} answered:`;
  } catch (error) {
    status.textContent =
      `The API at ${API_URL} did not answer: ${error.message}`;
  }
}

/** One line of the list. */
function listItem({ name }) {
  const line = document.createElement("li");
  line.textContent = name;
  return line;
}

await show();
