/** FastAPI, Flask and Django. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { memoryTree } from "../../../tests/kit/memory_tree.ts";
import type { Candidate, Detector } from "./candidate.ts";
import { django } from "./django.ts";
import { fastapi } from "./fastapi.ts";
import { flask } from "./flask.ts";

function only(
  detector: Detector,
  files: Readonly<Record<string, string>>,
): Candidate {
  const [candidate, ...others] = detector(memoryTree(files));
  deepStrictEqual(others, []);
  if (!candidate) throw new Error("Cannot find a candidate");
  return candidate;
}

const APP = "from fastapi import FastAPI\napp = FastAPI()\n";
const MANAGE =
  'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")\n';

Deno.test("fastapi() has its evidence, and takes the default port", () => {
  deepStrictEqual(only(fastapi, { "main.py": APP }), {
    keys: ["file:main.py"],
    name: "fastapi",
    label: "FastAPI",
    cwd: "",
    command: {
      posix: "uvicorn main:app --reload --port {port}",
      windows: "uvicorn main:app --reload --port {port}",
    },
    exact: false,
    port: { number: 8000 },
    env: {},
    uses: [],
    evidence: [{ file: "main.py", line: 2, text: "app = FastAPI()" }],
  });
});

/** Files, and the folder and the command that follow from them. */
const HOMES:
  readonly (readonly [Readonly<Record<string, string>>, string, string])[] = [
    [{ "backend/app/main.py": APP }, "backend", "app.main:app"],
    [
      { "backend/api/main.py": APP, "backend/api/__init__.py": "" },
      "backend",
      "api.main:app",
    ],
    [{ "src/main.py": `from src.db import x\n${APP}` }, "", "src.main:app"],
    [{ "shop/main.py": `from .db import x\n${APP}` }, "", "shop.main:app"],
    [{ "shop/main.py": APP }, "shop", "main:app"],
    [{ "shop/__init__.py": APP }, "", "shop:app"],
    [{ "main.py": "api: FastAPI = fastapi.FastAPI(\n" }, "", "main:api"],
    [
      { "main.py": "def create() -> FastAPI:\n    app = FastAPI()\n" },
      "",
      "--factory main:create",
    ],
  ];

for (const [files, cwd, app] of HOMES) {
  Deno.test(`fastapi() runs ${Object.keys(files)[0]} as ${app}`, () => {
    const candidate = only(fastapi, files);
    strictEqual(candidate.cwd, cwd);
    strictEqual(
      candidate.command.posix,
      `uvicorn ${app} --reload --port {port}`,
    );
  });
}

Deno.test("fastapi() ignores comments, strings and nested code", () => {
  const files = {
    "main.py": '# app = FastAPI()\nx = "FastAPI()"\n',
    "tests/main.py": APP,
    "app.py": "  sub = FastAPI()\n",
  };
  deepStrictEqual(fastapi(memoryTree(files)), []);
});

Deno.test("fastapi() reads the port of the code, then of .env, then of the code's default", () => {
  const run = `${APP}uvicorn.run("main:app", host="0.0.0.0", port=9001)\n`;
  const byEnv = `${APP}uvicorn.run(app, port=int(os.getenv("PORT", "9002")))\n`;
  const env = "# x\nPORT=9003\n";
  const portOf = (files: Readonly<Record<string, string>>) =>
    only(fastapi, files).port;
  deepStrictEqual(portOf({ "main.py": run, ".env": env }), {
    number: 9001,
    from: {
      file: "main.py",
      line: 3,
      text: 'uvicorn.run("main:app", host="0.0.0.0", port=9001)',
    },
  });
  deepStrictEqual(portOf({ "main.py": byEnv, ".env": env }), {
    number: 9003,
    from: { file: ".env", line: 2, text: "PORT=9003" },
  });
  strictEqual(portOf({ "main.py": byEnv })?.number, 9002);
  strictEqual(portOf({ "main.py": APP, ".env": "PORT=99999" })?.number, 8000);
});

Deno.test("fastapi() checks a health route, and no other", () => {
  const route = (path: string) => `${APP}@app.get("${path}")\ndef f(): ...\n`;
  const readyOf = (path: string) =>
    only(fastapi, { "main.py": route(path) }).ready?.path;
  strictEqual(readyOf("/health"), "/health");
  strictEqual(readyOf("/api/health/"), "/api/health/");
  strictEqual(readyOf("/items/{id}"), undefined);
  strictEqual(readyOf("/"), undefined);
});

/** What lies beside, and the words that start uvicorn in `backend`. */
const PYTHONS:
  readonly (readonly [string, readonly string[], string, string])[] = [
    [
      "a .venv above",
      [".venv/bin/python", ".venv/bin/uvicorn"],
      "../.venv/bin/uvicorn",
      "..\\.venv\\Scripts\\uvicorn.exe",
    ],
    [
      "a venv beside, made on Windows",
      ["backend/venv/Scripts/python.exe", "backend/venv/Scripts/uvicorn.exe"],
      "venv/bin/uvicorn",
      "venv\\Scripts\\uvicorn.exe",
    ],
    [
      "a .venv without uvicorn",
      ["backend/.venv/pyvenv.cfg"],
      ".venv/bin/python -m uvicorn",
      ".venv\\Scripts\\python.exe -m uvicorn",
    ],
    ["uv.lock", ["uv.lock"], "uv run uvicorn", "uv run uvicorn"],
    [
      "poetry.lock",
      ["backend/poetry.lock"],
      "poetry run uvicorn",
      "poetry run uvicorn",
    ],
    ["nothing", [], "uvicorn", "uvicorn"],
  ];

for (const [name, paths, posix, windows] of PYTHONS) {
  Deno.test(`fastapi() starts uvicorn where there is ${name}`, () => {
    const files = Object.fromEntries(paths.map((path) => [path, ""]));
    const { command } = only(fastapi, { "backend/main.py": APP, ...files });
    const rest = " main:app --reload --port {port}";
    deepStrictEqual(command, { posix: posix + rest, windows: windows + rest });
  });
}

Deno.test("flask() reads its port where Flask and its users write it", () => {
  const app = "app = Flask(__name__)\n";
  const portOf = (files: Readonly<Record<string, string>>) =>
    only(flask, files).port?.number;
  strictEqual(portOf({ "app.py": app }), 5000);
  strictEqual(portOf({ "app.py": `${app}app.run(port=5050)\n` }), 5050);
  strictEqual(
    portOf({ "app.py": app, ".flaskenv": "FLASK_RUN_PORT=5051\n" }),
    5051,
  );
});

Deno.test("flask() names the module, or what .flaskenv names", () => {
  const factory = "def create_app():\n    app = Flask(__name__)\n";
  const commandOf = (files: Readonly<Record<string, string>>) =>
    only(flask, files).command.posix;
  strictEqual(
    commandOf({ "shop/__init__.py": factory }),
    "flask --app shop run --debug --port {port}",
  );
  strictEqual(
    commandOf({ "app.py": factory, ".flaskenv": "FLASK_APP=app:make\n" }),
    "flask --app app:make run --debug --port {port}",
  );
});

Deno.test("django() runs manage.py where it is, and reads its root URLconf", () => {
  const urls =
    'urlpatterns = [\n  path("admin/", x),\n  path("health/", y),\n]\n';
  const candidate = only(django, {
    "admin/manage.py": MANAGE,
    "admin/site/urls.py": urls,
  });
  strictEqual(candidate.cwd, "admin");
  deepStrictEqual(candidate.command, {
    posix: "python3 manage.py runserver {port}",
    windows: "python manage.py runserver {port}",
  });
  deepStrictEqual(candidate.ready, {
    path: "/health/",
    from: { file: "admin/site/urls.py", line: 3, text: 'path("health/", y),' },
  });
  deepStrictEqual(candidate.port, { number: 8000 });
});

Deno.test("django() ignores the routes of an included URLconf", () => {
  const urls = 'path("health/", include("health.urls")),\n';
  const { ready } = only(django, { "manage.py": MANAGE, "site/urls.py": urls });
  strictEqual(ready, undefined);
});

Deno.test("django() ignores a manage.py without Django", () => {
  deepStrictEqual(django(memoryTree({ "manage.py": "print(1)\n" })), []);
});
