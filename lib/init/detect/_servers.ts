/**
 * The programs that serve a project in development: how each is told its port,
 * and which it takes by itself.
 *
 * @module
 */

import { PORT_SLOT } from "./candidate.ts";

/** A program that serves. */
export interface Server {
  /** The words that start it, its name first. */
  readonly words: readonly string[];
  /** The name of the service. */
  readonly name: string;
  /** The same for people. */
  readonly label: string;
  /** The port that it takes by itself. */
  readonly port: number;
  /** What is added to its command so that it takes the port, if a flag does. */
  readonly flag?: string;
  /** It is told its port by the variable `PORT`. */
  readonly byVariable?: true;
}

const FLAG = `--port ${PORT_SLOT}`;

function server(
  words: string,
  label: string,
  port: number,
  flag: string | undefined = FLAG,
): Server {
  const name = label.toLowerCase().replace(/\W+/g, "");
  return {
    words: words.split(" "),
    name,
    label,
    port,
    ...(flag === undefined ? {} : { flag }),
  };
}

/** Vite goes on to the next port by itself unless it is told not to. */
const VITE_FLAG = `${FLAG} --strictPort`;

/**
 * The programs. Where one name has several rows, the longer goes before the
 * shorter. Each port is the one of the program's own documentation.
 */
const SERVERS: readonly Server[] = [
  server("uvicorn", "FastAPI", 8000),
  server("fastapi dev", "FastAPI", 8000),
  server("fastapi run", "FastAPI", 8000),
  server("hypercorn", "Hypercorn", 8000, `--bind 127.0.0.1:${PORT_SLOT}`),
  server("gunicorn", "Gunicorn", 8000, `--bind 127.0.0.1:${PORT_SLOT}`),
  server("daphne", "Daphne", 8000, `-p ${PORT_SLOT}`),
  server("flask run", "Flask", 5000),
  server("manage.py runserver", "Django", 8000, PORT_SLOT),
  server("http.server", "HTTP", 8000, PORT_SLOT),
  server("streamlit run", "Streamlit", 8501, `--server.port ${PORT_SLOT}`),
  server("vite", "Vite", 5173, VITE_FLAG),
  server("next dev", "Next.js", 3000),
  server("next start", "Next.js", 3000),
  server("nuxt dev", "Nuxt", 3000),
  server("nuxi dev", "Nuxt", 3000),
  server("astro dev", "Astro", 4321),
  server("ng serve", "Angular", 4200),
  server("vue-cli-service serve", "Vue", 8080),
  server("webpack serve", "webpack", 8080),
  server("webpack-dev-server", "webpack", 8080),
  server("gatsby develop", "Gatsby", 8000),
  server("docusaurus start", "Docusaurus", 3000),
  server("vitepress dev", "VitePress", 5173),
  server("react-router dev", "React Router", 5173),
  server("parcel", "Parcel", 1234),
  server("http-server", "HTTP", 8080),
  server("json-server", "json-server", 3000),
  server("deno serve", "Deno", 8000),
  {
    words: ["react-scripts", "start"],
    name: "react",
    label: "React",
    port: 3000,
    byVariable: true,
  },
];

/** What builds or previews with the name of a server. */
const OTHER_USES: ReadonlySet<string> = new Set([
  ...["build", "preview", "optimize", "export", "lint", "watch"],
  ...["--version", "--help"],
]);

/**
 * Finds the server that a command starts.
 *
 * @returns The server; `undefined` for any other program.
 */
export function serverOf(
  program: string,
  args: readonly string[],
): Server | undefined {
  if (args[0] !== undefined && OTHER_USES.has(args[0])) return undefined;
  return SERVERS.find(({ words: [first, ...others] }) =>
    first === program && others.every((word) => hasWord(args, word))
  );
}

/** `flask --app shop run`: its own flags stand before the word. */
function hasWord(args: readonly string[], word: string): boolean {
  const at = args.indexOf(word);
  return at === 0 || (at > 0 && args[0]?.startsWith("-") === true);
}

/** Programs that run others and end with them: each of those is a service. */
const ORCHESTRATORS: ReadonlySet<string> = new Set([
  ...["concurrently", "npm-run-all", "npm-run-all2", "run-p", "run-s"],
  ...["turbo", "nx", "lerna", "wireit", "foreman", "honcho", "overmind"],
  ...["docker", "docker-compose", "podman", "devsvc", "make"],
]);

/** Programs that build, test or set up: they are no services. */
const BUILDERS: ReadonlySet<string> = new Set([
  ...["tsc", "tsup", "rollup", "esbuild", "swc", "babel", "sass", "postcss"],
  ...["tailwindcss", "jest", "vitest", "mocha", "eslint", "prettier"],
  ...["pytest", "mypy", "ruff", "pip", "pip3", "rimraf", "echo", "exit", "rm"],
  ...["vite", "next", "nuxt", "astro", "webpack", "parcel", "storybook"],
]);

/** Tells whether a program starts services instead of being one. */
export function isOrchestrator(program: string): boolean {
  return ORCHESTRATORS.has(program);
}

/**
 * Tells whether a program, where it is none of the servers, builds or tests.
 */
export function isBuilder(program: string): boolean {
  return BUILDERS.has(program);
}
