/**
 * The texts of `status` in English.
 *
 * @module
 */

/** What is said below the table, and the heads of its columns. */
export const status = {
  service: "SERVICE",
  state: "STATE",
  port: "PORT",
  pid: "PID",
  uptime: "UPTIME",
  restarts: "RESTARTS",
  cpu: "CPU",
  memory: "MEMORY",
  url: "URL",
  configChanged: (label: string) =>
    `${label}: services.toml changed since it was started; devsvc restart applies it`,
  environmentChanged: (label: string, names: readonly string[]) =>
    `${label}: the environment changed since it was started (${
      names.join(", ")
    }); devsvc restart applies it`,
  ended: (label: string, how: string, at: string) =>
    `${label}: ended by itself at ${at}${how}`,
  byCode: (code: number) => `, exit code ${code}`,
  bySignal: (signal: string) => `, signal ${signal}`,
  due: (label: string, span: string, restarts: number) =>
    `${label}: starts again in ${span} (attempt ${restarts})`,
  gaveUp: (label: string, restarts: number) =>
    `${label}: was started again ${restarts} times in a row and is left alone; devsvc start tries again`,
  watching: "Ctrl-C ends the view; the services go on",
};
