import { useJson } from "./use_json.js";

const API_URL = import.meta.env.VITE_API_URL ?? "http://127.0.0.1:8000";
const ADMIN_URL = import.meta.env.VITE_ADMIN_URL ?? "http://127.0.0.1:8001";

/** The whole page: what each of the two servers answers. */
export function App() {
  return (
    <main>
      <h1>FastAPI, Django et React</h1>
      <Source
        title="Articles (FastAPI)"
        url={`${API_URL}/api/items`}
        describe={(item) => `${item.name} : ${item.quantity}`}
      />
      <Source
        title="Annonces (Django)"
        url={`${ADMIN_URL}/api/announcements/`}
        describe={(announcement) =>
          `${announcement.title} : ${announcement.body}`}
      />
      <p>
        <a href={`${API_URL}/docs`}>Documentation de l'API</a>{" "}
        <a href={`${ADMIN_URL}/admin/`}>Administration</a>
      </p>
    </main>
  );
}

/** One list, or why there is none. */
function Source({ title, url, describe }) {
  const { data, error } = useJson(url);
  return (
    <section>
      <h2>{title}</h2>
      {error && <p role="alert">{url} ne répond pas : {error}</p>}
      {!error && !data && <p>Chargement...</p>}
      {data && (
        <ul>
          {data.map((entry) => <li key={entry.id}>{describe(entry)}</li>)}
        </ul>
      )}
    </section>
  );
}
