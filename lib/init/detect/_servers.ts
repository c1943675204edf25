/** The development servers: how each is given its port, and its default one. */

import { PORT_SLOT } from "./candidate.ts";

/** A program that serves. */
export interface Server {
  /** The words that start it, the program first. */
  readonly words: readonly string[];
  /** The name of the service. */
  readonly name: string;
  /** The name for people. */
  readonly label: string;
  /** Its default port. */
  readonly port: number;
  /** The flag that sets its port. */
  readonly flag?: string;
  /** The variable `PORT` sets its port. */
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

/** Vite takes the next free port without it (https://vite.dev/config/server-options). */
const VITE_FLAG = `${FLAG} --strictPort`;

/**
 * Of the rows of one program, the longer ones go first. Each port is the default
 * in the documentation of the program.
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

/** Subcommands of servers that do not serve. */
const OTHER_USES: ReadonlySet<string> = new Set([
  ...["build", "preview", "optimize", "export", "lint", "watch"],
  ...["--version", "--help"],
]);

/** Finds the server that a command starts; `undefined` for any other program. */
export function serverOf(
  program: string,
  args: readonly string[],
): Server | undefined {
  if (args[0] !== undefined && OTHER_USES.has(args[0])) return undefined;
  return SERVERS.find(({ words: [first, ...others] }) =>
    first === program && others.every((word) => hasWord(args, word))
  );
}

/** Flags may come before the word: `flask --app shop run`. */
function hasWord(args: readonly string[], word: string): boolean {
  const at = args.indexOf(word);
  return at === 0 || (at > 0 && args[0]?.startsWith("-") === true);
}

/** Programs that run several others, each of which is a service. */
const ORCHESTRATORS: ReadonlySet<string> = new Set([
  ...["concurrently", "npm-run-all", "npm-run-all2", "run-p", "run-s"],
  ...["turbo", "nx", "lerna", "wireit", "foreman", "honcho", "overmind"],
  ...["docker", "docker-compose", "podman", "devsvc", "make"],
]);

/** Programs that build, test or set up. */
const BUILDERS: ReadonlySet<string> = new Set([
  ...["tsc", "tsup", "rollup", "esbuild", "swc", "babel", "sass", "postcss"],
  ...["tailwindcss", "jest", "vitest", "mocha", "eslint", "prettier"],
  ...["pytest", "mypy", "ruff", "pip", "pip3", "rimraf", "echo", "exit", "rm"],
  ...["vite", "next", "nuxt", "astro", "webpack", "parcel", "storybook"],
]);

/** Whether a program starts services instead of being one. */
export function isOrchestrator(program: string): boolean {
  return ORCHESTRATORS.has(program);
}

/** Whether a program that is no server builds, tests or sets up. */
export function isBuilder(program: string): boolean {
  return BUILDERS.has(program);
}
