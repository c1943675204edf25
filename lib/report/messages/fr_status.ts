/**
 * The texts of `status` in French.
 *
 * @module
 */

import type { status as en } from "./en_status.ts";

/** What is said below the table, and the heads of its columns. */
export const status: typeof en = {
  service: "SERVICE",
  state: "ÉTAT",
  port: "PORT",
  pid: "PID",
  uptime: "DURÉE",
  restarts: "REPRISES",
  cpu: "CPU",
  memory: "MÉMOIRE",
  url: "URL",
  configChanged: (label) =>
    `${label} : services.toml a changé depuis son démarrage ; devsvc restart l'applique`,
  environmentChanged: (label, names) =>
    `${label} : l'environnement a changé depuis son démarrage (${
      names.join(", ")
    }) ; devsvc restart l'applique`,
  ended: (label, how, at) => `${label} : arrêté tout seul à ${at}${how}`,
  byCode: (code) => `, code de sortie ${code}`,
  bySignal: (signal) => `, signal ${signal}`,
  due: (label, span, restarts) =>
    `${label} : redémarre dans ${span} (tentative ${restarts})`,
  gaveUp: (label, restarts) =>
    `${label} : redémarré ${restarts} fois de suite, puis laissé tel quel ; devsvc start essaie de nouveau`,
  watching: "Ctrl-C ferme la vue ; les services continuent",
};
