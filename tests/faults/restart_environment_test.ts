/** What a service was started with is what it is started again with. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { cheapServer } from "../kit/cheap.ts";
import {
  journalOf,
  killSupervisor,
  untilSupervised,
} from "../kit/test_supervisor.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import {
  answers,
  environmentOf,
  instancesIn,
  isAlive,
} from "../kit/processes.ts";
import { makeProject, type TestProject } from "../kit/test_project.ts";

/** Nobody may find them anywhere but in the environment of the service. */
const SECRETS = {
  caller: "caller-secret-4711",
  table: "table-secret-4712",
  file: "file-secret-4713",
} as const;

const SERVER = (ports: readonly number[]) =>
  `[services.a]
command = ${cheapServer(ports[0] ?? 0)}
port = ${ports[0]}
env = { FROM_TABLE = "${SECRETS.table}" }
env_file = ".env"
restart = { when = "always", limit = 3, delay = "50ms" }
`;

function makeServer(): TestProject {
  const project = makeProject(1, SERVER);
  Deno.writeTextFileSync(
    `${project.root}/.env`,
    `FROM_FILE=${SECRETS.file}\n`,
  );
  return project;
}

function pidOf(project: TestProject): number {
  return instancesIn(project.root).get("a")?.[0] ?? 0;
}

async function crash(project: TestProject): Promise<void> {
  const before = pidOf(project);
  Deno.kill(before, "SIGKILL");
  await until(
    async () => !isAlive(before) && await answers(project.ports[0] ?? 0),
  );
}

Deno.test(
  "it is started again with the environment of who started it",
  ON_LINUX,
  async () => {
    await using project = makeServer();
    const mine = { FOO: "1", OF_CALLER: SECRETS.caller };
    strictEqual((await project.run(["start"], { env: mine })).code, 0);
    await killSupervisor(project);
    const other = { FOO: "2", ONLY_LATER: "yes" };
    strictEqual((await project.run(["status"], { env: other })).code, 0);
    await untilSupervised(project);
    // Twice: the one that was started again hands it on.
    for (let time = 0; time < 2; time++) {
      await crash(project);
      const environment = environmentOf(pidOf(project));
      strictEqual(environment.get("FOO"), "1");
      strictEqual(environment.get("OF_CALLER"), SECRETS.caller);
      strictEqual(environment.get("FROM_TABLE"), SECRETS.table);
      strictEqual(environment.get("FROM_FILE"), SECRETS.file);
      strictEqual(environment.get("ONLY_LATER"), undefined);
    }
  },
);

Deno.test("secrets are written nowhere", ON_LINUX, async () => {
  await using project = makeServer();
  const env = { OF_CALLER: SECRETS.caller };
  const told = [await project.run(["start", "--json"], { env })];
  await crash(project);
  await killSupervisor(project);
  told.push(await project.run(["status", "--json"]));
  await untilSupervised(project);
  await crash(project);
  for (
    const words of [
      ["status", "--json"],
      ["check", "--json"],
      ["start", "--json"],
      ["restart", "--json", "--dry-run"],
      ["status"],
    ]
  ) told.push(await project.run(words));
  const kept = textsIn(`${project.root}/.devsvc`);
  told.push(await project.run(["stop", "--json"], { env }));
  const texts = [
    ...kept,
    ...textsIn(`${project.root}/.devsvc`),
    ...told.flatMap(({ stdout, stderr }) => [stdout, stderr]),
  ];
  ok(texts.length > told.length * 2);
  for (const secret of Object.values(SECRETS)) {
    deepStrictEqual(texts.filter((text) => text.includes(secret)), []);
  }
});

function textsIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return textsIn(path);
    try {
      return [Deno.readTextFileSync(path)];
    } catch {
      return [];
    }
  });
}

/** The service dies, and the test takes its port while the supervisor sleeps. */
async function takePortOf(project: TestProject): Promise<Deno.Listener> {
  const [port = 0] = project.ports;
  strictEqual((await project.run(["start"])).code, 0);
  const supervisor = await untilSupervised(project);
  Deno.kill(supervisor, "SIGSTOP");
  try {
    Deno.kill(pidOf(project), "SIGKILL");
    return await until(() => {
      try {
        return Deno.listen({ hostname: "127.0.0.1", port });
      } catch {
        return undefined;
      }
    });
  } finally {
    Deno.kill(supervisor, "SIGCONT");
  }
}

function countOf(project: TestProject, pattern: RegExp): number {
  return journalOf(project).filter((line) => pattern.test(line)).length;
}

Deno.test(
  "a restart waits while another process has the port, and is made then",
  ON_LINUX,
  async () => {
    await using project = makeServer();
    // So many that it is not given up before the other process leaves.
    project.write(SERVER(project.ports).replace("limit = 3", "limit = 9"));
    {
      using _other = await takePortOf(project);
      await until(
        () => countOf(project, /^refused a state=foreign/) > 0,
      );
      deepStrictEqual([...instancesIn(project.root)], []);
    }
    await until(() => countOf(project, /^ready a/) === 2);
    ok(countOf(project, new RegExp(`^refused a .*pids=${Deno.pid}$`)) >= 1);
    strictEqual(instancesIn(project.root).get("a")?.length, 1);
    strictEqual((await project.run(["status"])).code, 0);
  },
);

Deno.test(
  "a restart is given up where another process keeps the port",
  ON_LINUX,
  async () => {
    await using project = makeServer();
    using _other = await takePortOf(project);
    await until(() => countOf(project, /^gave-up a restarts=3$/) > 0);
    strictEqual(countOf(project, /^refused a state=foreign/), 3);
    deepStrictEqual([...instancesIn(project.root)], []);
  },
);
