/** Procfile and Compose. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { memoryTree } from "../../../tests/kit/memory_tree.ts";
import { compose } from "./compose.ts";
import { procfile } from "./procfile.ts";

Deno.test("procfile() numbers ports as foreman does", () => {
  const found = procfile(memoryTree({
    Procfile: "# x\nweb: uvicorn app:app --port $PORT\n" +
      "api: node api.js\nworker: python worker.py\nrelease: ./migrate\n",
    "api.js": "listen(process.env.PORT)",
    "worker.py": "",
  }));
  deepStrictEqual(
    found.map((
      { name, command, port, env },
    ) => [name, command.posix, port?.number, env]),
    [
      ["web", "uvicorn app:app --port {port}", 5000, {}],
      ["api", "node api.js", 5100, { PORT: "{port}" }],
      ["worker", "python3 worker.py", undefined, {}],
    ],
  );
});

Deno.test("procfile() starts at the PORT of .env and gives .env to every process", () => {
  const found = procfile(memoryTree({
    "app/Procfile.dev": "a: x --port ${PORT}\nb: y -p $PORT\n",
    "app/Procfile": "c: z\n",
    "app/.env": "PORT=7000\n",
  }));
  deepStrictEqual(
    found.map(({ port, envFile, cwd }) => [port?.number, envFile, cwd]),
    [[7000, "app/.env", "app"], [7100, "app/.env", "app"]],
  );
});

Deno.test("procfile() leaves out an env file that devsvc could not read", () => {
  const [found] = procfile(memoryTree({ Procfile: "a: x", ".env": "oh no\n" }));
  strictEqual(found?.envFile, undefined);
});

Deno.test("procfile() moves the variables before a command into env", () => {
  const [found] = procfile(memoryTree({
    Procfile: "web: DEBUG=1 PORT=7001 ./serve\n",
  }));
  deepStrictEqual(found?.env, { DEBUG: "1", PORT: "{port}" });
  strictEqual(found?.command.posix, "./serve");
  strictEqual(found?.command.windows, ".\\serve");
});

Deno.test("compose() finds the services and their published ports", () => {
  deepStrictEqual(
    compose(memoryTree({
      "docker-compose.yml":
        'name: x\nservices:\n  db:\n    ports:\n      - "5432:5432"\n' +
        "      - 127.0.0.1:5433:5432/tcp # x\n  cache:\n    image: y\nvolumes:\n  z:\n",
      "infra/compose.dev.yaml": "services: {}\n",
      "other.yml": "services:\n  no:\n",
    })),
    [{
      from: { file: "docker-compose.yml", line: 2, text: "services:" },
      names: ["db", "cache"],
      ports: [5432, 5433],
    }],
  );
});
