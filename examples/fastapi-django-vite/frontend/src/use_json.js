import { useEffect, useState } from "react";

/** Reads JSON from a URL; gives neither data nor error while it waits. */
export function useJson(url) {
  const [state, setState] = useState({});

  useEffect(() => {
    const abort = new AbortController();
    readJson(url, abort.signal).then(
      (data) => setState({ data }),
      (error) => abort.signal.aborted || setState({ error: error.message }),
    );
    return () => abort.abort();
  }, [url]);

  return state;
}

async function readJson(url, signal) {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return await response.json();
}
