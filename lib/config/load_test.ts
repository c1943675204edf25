import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "../core/path.ts";
import type { Service } from "../core/model.ts";
import { type Folder, makeFolder } from "../../tests/kit/config_folder.ts";
import { loadProject } from "./load.ts";
import type { Os } from "../platform/os.ts";

async function servicesOf(
  folder: Folder,
  text: string,
  os: Os = "linux",
): Promise<readonly Service[]> {
  await folder.write(text);
  return (await loadProject(folder.file, os)).services;
}

Deno.test("loadProject() fills in every default", async () => {
  await using folder = await makeFolder();
  await folder.write('[services.api]\ncommand = "serve"\nport = 8000\n');
  deepStrictEqual(await loadProject(folder.file), {
    root: folder.root,
    file: folder.file,
    services: [{
      name: "api",
      label: "api",
      command: "serve",
      cwd: folder.root,
      port: 8000,
      ready: [{ kind: "tcp" }],
      readyTimeout: 60_000,
      dependsOn: [],
      env: {},
      stop: { signal: "SIGTERM", timeout: 10_000 },
      restart: { when: "never", limit: 5, delay: 500 },
      live: { every: 30_000, failures: 3, restart: false, timeout: 10_000 },
      log: { size: 10_000_000, keep: 5 },
    }],
  });
});

Deno.test("loadProject() takes every key", async () => {
  await using folder = await makeFolder();
  await folder.write(`
language = "fr"

[services.api]
label = "L'API été"
command = ["serve", "--name", ""]
cwd = "app/../é漢"
port = 8000
ready = { log = 'ready in \\d+', http = "/health?x=1", command = ["ok"], timeout = "1m30s", tcp = true }
depends_on = ["db", "db"]
env = { A = "1", "B.C" = "" }
env_file = "good.env"
stop = { signal = "SIGINT", timeout = "500ms" }

[services.db]
command = "db"
`);
  const project = await loadProject(folder.file);
  strictEqual(project.language, "fr");
  deepStrictEqual(project.services, [{
    name: "api",
    label: "L'API été",
    command: ["serve", "--name", ""],
    cwd: join(folder.root, "é漢"),
    port: 8000,
    ready: [
      { kind: "tcp" },
      { kind: "http", path: "/health?x=1" },
      { kind: "log", pattern: "ready in \\d+" },
      { kind: "command", command: ["ok"] },
    ],
    readyTimeout: 90_000,
    dependsOn: ["db"],
    env: { A: "1", "B.C": "" },
    envFile: join(folder.root, "good.env"),
    stop: { signal: "SIGINT", timeout: 500 },
    restart: { when: "never", limit: 5, delay: 500 },
    live: { every: 30_000, failures: 3, restart: false, timeout: 10_000 },
    log: { size: 10_000_000, keep: 5 },
  }, {
    name: "db",
    label: "db",
    command: "db",
    cwd: folder.root,
    ready: [],
    readyTimeout: 60_000,
    dependsOn: [],
    env: {},
    stop: { signal: "SIGTERM", timeout: 10_000 },
    restart: { when: "never", limit: 5, delay: 500 },
    live: { every: 30_000, failures: 3, restart: false, timeout: 10_000 },
    log: { size: 10_000_000, keep: 5 },
  }]);
});

Deno.test("loadProject() keeps the order of the file, names of digits too", async () => {
  await using folder = await makeFolder();
  const services = await servicesOf(
    folder,
    ["web", "8001", "api", "8000"].map((name) =>
      `[services.${name}]\ncommand = "x"\n`
    ).join("\n"),
  );
  deepStrictEqual(services.map(({ name }) => name), [
    "web",
    "8001",
    "api",
    "8000",
  ]);
});

Deno.test("loadProject() lays the table of the OS over the service", async () => {
  await using folder = await makeFolder();
  const text = `
[services.api]
command = "unix"
cwd = "app"
port = 8000
ready = { http = "/", timeout = "5s" }
env = { A = "1", B = "2" }
stop = { signal = "SIGINT", timeout = "3s" }
windows.command = ["win.exe"]
windows.port = 8001

[services.api.macos]
cwd = "é漢"
label = "Mac"
ready = { log = "up" }
env = { B = "3", C = "4" }
stop.timeout = "4s"
env_file = "good.env"
`;
  const [linux] = await servicesOf(folder, text, "linux");
  deepStrictEqual([linux?.command, linux?.port], ["unix", 8000]);

  const [windows] = await servicesOf(folder, text, "windows");
  deepStrictEqual([windows?.command, windows?.port], [["win.exe"], 8001]);
  deepStrictEqual(windows?.ready, [{ kind: "http", path: "/" }]);
  strictEqual(windows?.readyTimeout, 5_000);
  deepStrictEqual(windows?.stop, { signal: "SIGINT", timeout: 3_000 });

  const [mac] = await servicesOf(folder, text, "darwin");
  deepStrictEqual(mac, {
    name: "api",
    label: "Mac",
    command: "unix",
    cwd: join(folder.root, "é漢"),
    port: 8000,
    ready: [{ kind: "http", path: "/" }, { kind: "log", pattern: "up" }],
    readyTimeout: 5_000,
    dependsOn: [],
    env: { A: "1", B: "3", C: "4" },
    envFile: join(folder.root, "good.env"),
    stop: { signal: "SIGINT", timeout: 4_000 },
    restart: { when: "never", limit: 5, delay: 500 },
    live: { every: 30_000, failures: 3, restart: false, timeout: 10_000 },
    log: { size: 10_000_000, keep: 5 },
  });
});

const WATCHED = `
[services.api]
command = "x"
port = 8000
restart = "always"
stop = { command = "x --quit", signal = "SIGINT" }
live = { every = "10s", restart = true }
log = { size = "500kB" }

[services.api.ready.http]
path = "/health"
status = [200, 503]
headers = { Authorization = "Bearer s3cret", Host = "shop.test" }

[services.api.windows]
restart = { limit = 2, delay = "1s" }
stop = { command = ["x.exe", "/quit"], timeout = "1m" }
live = { failures = 1 }
log = { keep = 0 }
ready.http = "/"

[services.api.macos]
restart = "never"
live = false

[services.worker]
command = "x"
live = false
restart = { limit = 7 }
windows.live = { every = "1s" }
macos.restart = { delay = "2s" }

[services.plain]
command = "x"
windows.restart = { limit = 9 }
macos.restart = "on-failure"
`;

Deno.test("loadProject() takes the times of checks", async () => {
  await using folder = await makeFolder();
  const [api] = await servicesOf(
    folder,
    `[services.api]
command = "x"
port = 8000
ready = { http = "/", attempt = "10s" }
live = { timeout = "3s" }
windows.ready = { attempt = "20s" }
`,
  );
  strictEqual(api?.readyAttempt, 10_000);
  strictEqual(api.live.timeout, 3_000);
});

Deno.test("loadProject() takes a check over HTTP with its status codes and headers", async () => {
  await using folder = await makeFolder();
  const [api] = await servicesOf(folder, WATCHED);
  deepStrictEqual(api?.ready, [{
    kind: "http",
    path: "/health",
    status: [200, 503],
    headers: { Authorization: "Bearer s3cret", Host: "shop.test" },
  }]);
  const [windows] = await servicesOf(folder, WATCHED, "windows");
  deepStrictEqual(windows?.ready, [{ kind: "http", path: "/" }]);
});

Deno.test("loadProject() lays restart, live, log and stop over each other key by key", async () => {
  await using folder = await makeFolder();
  const valuesOn = async (os: Os) =>
    (await servicesOf(folder, WATCHED, os)).map((
      { restart, live, log, stop },
    ) => ({ restart, live, log, stop }));
  const never = { when: "never", limit: 5, delay: 500 };
  const live = { every: 30_000, failures: 3, restart: false, timeout: 10_000 };
  const log = { size: 10_000_000, keep: 5 };
  const stop = { signal: "SIGTERM", timeout: 10_000 };
  const onFailure = { ...never, when: "on-failure" };
  deepStrictEqual(await valuesOn("linux"), [{
    restart: { ...never, when: "always" },
    live: { ...live, every: 10_000, restart: true },
    log: { size: 500_000, keep: 5 },
    stop: { command: "x --quit", signal: "SIGINT", timeout: 10_000 },
  }, {
    restart: { ...onFailure, limit: 7 },
    live: { ...live, every: 0 },
    log,
    stop,
  }, { restart: never, live, log, stop }]);
  deepStrictEqual(await valuesOn("windows"), [{
    restart: { when: "always", limit: 2, delay: 1_000 },
    live: { every: 10_000, failures: 1, restart: true, timeout: 10_000 },
    log: { size: 500_000, keep: 0 },
    stop: { command: ["x.exe", "/quit"], signal: "SIGINT", timeout: 60_000 },
  }, {
    restart: { ...onFailure, limit: 7 },
    live: { ...live, every: 1_000 },
    log,
    stop,
  }, { restart: { ...onFailure, limit: 9 }, live, log, stop }]);
  deepStrictEqual(
    (await valuesOn("darwin")).map(({ restart, live }) => [
      restart,
      live.every,
    ]),
    [
      [never, 0],
      [{ when: "on-failure", limit: 7, delay: 2_000 }, 0],
      [onFailure, 30_000],
    ],
  );
});

Deno.test("loadProject() checks the disk for the OS that it runs on alone", async () => {
  await using folder = await makeFolder();
  const text = `
[services.api]
command = "x"
windows.cwd = "nowhere"
windows.env_file = "nowhere.env"
windows.depends_on = ["nobody"]
`;
  strictEqual((await servicesOf(folder, text, "linux")).length, 1);
});

Deno.test("loadProject() gives a port alone a tcp check, and no port none", async () => {
  await using folder = await makeFolder();
  const services = await servicesOf(
    folder,
    `
[services.port]
command = "x"
port = 1
ready = { timeout = "1s" }
[services.log]
command = "x"
port = 65535
ready.log = "up"
[services.worker]
command = "x"
[services.windows-only]
command = "x"
windows.port = 3
windows.ready = { tcp = true }
`,
  );
  deepStrictEqual(services.map(({ ready }) => ready.map(({ kind }) => kind)), [
    ["tcp"],
    ["log"],
    [],
    [],
  ]);
});

Deno.test("loadProject() reads a file as Windows editors write it", async () => {
  await using folder = await makeFolder();
  const text = "\ufeff# été\r\n[services.api]\r\ncommand = 'C:\\new'\r\n";
  const [api] = await servicesOf(folder, text);
  strictEqual(api?.command, "C:\\new");
});

Deno.test("loadProject() reads the services.toml of this repository", async () => {
  const file = new URL("../../services.toml", import.meta.url);
  const path = decodeURIComponent(file.pathname).replace(/^\/(?=[A-Z]:)/, "");
  const project = await loadProject(path);
  strictEqual(project.services.length > 0, true);
});
