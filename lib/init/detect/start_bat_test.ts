import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { memoryTree } from "../../../tests/kit/memory_tree.ts";
import type { Candidate } from "./candidate.ts";
import { startBat } from "./start_bat.ts";

const FILES = {
  "backend/app/main.py": "app = FastAPI()\n",
  "admin/manage.py": "DJANGO_SETTINGS_MODULE\n",
  "frontend/package.json": '{"scripts":{"dev":"vite"}}',
  "my app/server.py": "serve(port=8010)\n",
  "worker.py": "while True: pass\n",
};

function read(text: string, name = "start.bat"): readonly Candidate[] {
  return startBat(memoryTree({ ...FILES, [name]: text }));
}

/** A line, and what it starts: folder, Linux, Windows, port. */
type Case = readonly [string, string, string, string, number | undefined];

const UVICORN = "uvicorn app.main:app --reload --port {port}";

const CASES: readonly Case[] = [
  [
    'start "FastAPI" cmd /k "cd backend && uvicorn app.main:app --reload --port 8000"',
    "backend",
    UVICORN,
    UVICORN,
    8000,
  ],
  [
    'START "" /D backend /MIN cmd.exe /c uvicorn app.main:app --reload --port 8000',
    "backend",
    UVICORN,
    UVICORN,
    8000,
  ],
  [
    'start "x" cmd /k cd /d %~dp0Backend ^&^& uvicorn app.main:app --reload --port 8000',
    "backend",
    UVICORN,
    UVICORN,
    8000,
  ],
  [
    'start "x" /dbackend uvicorn app.main:app --reload --port=8000',
    "backend",
    UVICORN.replace("--port ", "--port="),
    UVICORN.replace("--port ", "--port="),
    8000,
  ],
  [
    'start "x" powershell -NoExit -Command "cd backend; uvicorn app.main:app --reload --port 8000"',
    "backend",
    UVICORN,
    UVICORN,
    8000,
  ],
  [
    'start "x" cmd /k "cd backend && call venv\\Scripts\\activate.bat && uvicorn app.main:app --reload --port 8000"',
    "backend",
    `venv/bin/${UVICORN}`,
    UVICORN.replace("uvicorn", "venv\\Scripts\\uvicorn.exe"),
    8000,
  ],
  [
    'start "x" cmd /k "..\\venv\\Scripts\\python.exe admin\\manage.py runserver 0.0.0.0:8001"',
    "",
    "../venv/bin/python admin/manage.py runserver 0.0.0.0:{port}",
    "..\\venv\\Scripts\\python.exe admin\\manage.py runserver 0.0.0.0:{port}",
    8001,
  ],
  [
    'start "x" cmd /k "cd admin && py -3 manage.py migrate && py -3 manage.py runserver"',
    "admin",
    "python3 manage.py migrate && python3 manage.py runserver {port}",
    "python manage.py migrate && python manage.py runserver {port}",
    8000,
  ],
  [
    'start "x" cmd /k "npm --prefix frontend run dev"',
    "frontend",
    "npm run dev -- --port {port} --strictPort",
    "npm run dev -- --port {port} --strictPort",
    5173,
  ],
  [
    'start "x" cmd /k "cd "my app" && python server.py"',
    "my app",
    "python3 server.py",
    "python server.py",
    8010,
  ],
  [
    "start python worker.py",
    "",
    "python3 worker.py",
    "python worker.py",
    undefined,
  ],
  [
    "cd backend\nuvicorn app.main:app --reload --port 8000",
    "backend",
    UVICORN,
    UVICORN,
    8000,
  ],
  [
    'pushd "%~dp0backend"\nstart uvicorn app.main:app ^\n  --reload --port 8000\npopd',
    "backend",
    "uvicorn app.main:app   --reload --port {port}".replace("   ", " "),
    UVICORN,
    8000,
  ],
  [
    "set API_PORT=8005\ncd backend\nstart cmd /k uvicorn app.main:app --reload --port %API_PORT%",
    "backend",
    UVICORN,
    UVICORN,
    8005,
  ],
];

for (const [text, cwd, posix, windows, port] of CASES) {
  Deno.test(`startBat() parses ${text}`, () => {
    const [candidate, ...others] = read(`@echo off\n${text}\n`);
    deepStrictEqual(others, []);
    deepStrictEqual(
      [candidate?.cwd, candidate?.command, candidate?.port?.number],
      [cwd, { posix, windows }, port],
    );
  });
}

/** Lines that start no service. */
const NONE = [
  'start "" http://localhost:5173',
  "start explorer .",
  "python tests\\check_ports.py",
  "rem start python worker.py",
  ":: start python worker.py",
  "echo start python worker.py",
  'start "x" cmd /k "cd nowhere && uvicorn app:app"',
  "start stop.bat",
  'start "db" docker compose up',
  "@if exist devsvc.exe (devsvc.exe start) else devsvc start",
  "npm install",
  "start",
  'start "',
];

for (const text of NONE) {
  Deno.test(`startBat() finds nothing in ${text}`, () => {
    deepStrictEqual(read(text), []);
  });
}

/** Titles, and the label and the name that follow. */
const TITLES: readonly (readonly [string, string, string])[] = [
  ["React (Vite)", "React (Vite)", "React"],
  ["FastAPI - Port 8000", "FastAPI", "FastAPI"],
  ["Serveur Django (8001)", "Serveur Django", "Serveur Django"],
  ["API [port 8000] v2", "API v2", "API v2"],
  ["", "FastAPI", "fastapi"],
  ["8000", "FastAPI", "fastapi"],
];

for (const [title, label, name] of TITLES) {
  Deno.test(`startBat() makes ${label} of the title "${title}"`, () => {
    const [candidate] = read(
      `start "${title}" /D backend uvicorn app.main:app`,
    );
    deepStrictEqual([candidate?.label, candidate?.name], [label, name]);
  });
}

Deno.test("startBat() keeps the order of the file, with the lines as evidence", () => {
  const found = read(
    "@echo off\n\nstart python worker.py\nstart /D backend uvicorn app.main:app\n",
  );
  deepStrictEqual(found.flatMap(({ evidence }) => evidence), [
    { file: "start.bat", line: 3, text: "start python worker.py" },
    {
      file: "start.bat",
      line: 4,
      text: "start /D backend uvicorn app.main:app",
    },
  ]);
});

Deno.test("startBat() uses the checks of the batch file", () => {
  const [candidate] = read(
    "start /D backend uvicorn app.main:app --port 8000\n" +
      "curl -f http://localhost:8000/health > nul\n" +
      "start http://localhost:8000/docs\n",
  );
  strictEqual(candidate?.ready?.path, "/health");
  strictEqual(candidate?.ready?.from.line, 2);
});

Deno.test("startBat() reads the file that devsvc init has replaced", () => {
  const text = "start python worker.py";
  strictEqual(read(text, "start.bat.old").length, 1);
  strictEqual(read(text, "other.bat").length, 0);
});
