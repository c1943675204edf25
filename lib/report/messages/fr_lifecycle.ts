/**
 * What devsvc says of services that port mismatch, still run or are asked by a command to
 * stop, in French.
 *
 * @module
 */

import { printable } from "../format.ts";
import { nameProcesses, nameWait } from "./_names.ts";
import type { Messages } from "./en.ts";

/** The French texts. */
export const lifecycle: Messages["lifecycle"] = {
  drift: (port, took, holders) =>
    `écoute sur le port ${took.join(", ")}, pas sur son port ${port}` +
    (holders.length > 0 ? `, qui est à ${nameProcesses(holders)}` : ""),
  driftAdvice: (took) =>
    "faites-le échouer plutôt que prendre un autre port (Vite : --strictPort), " +
    `ou écrivez port = ${took[0]} dans services.toml`,
  held: (port, holders) => `le port ${port} est à ${nameProcesses(holders)}`,
  asking: (pid) => `sa commande d'arrêt s'exécute (PID ${pid})`,
  askFailed: (failure) => {
    switch (failure.kind) {
      case "spawn":
        return `impossible d'exécuter sa commande d'arrêt : ${
          printable(failure.reason)
        }`;
      case "exited":
        return failure.signal === undefined
          ? `sa commande d'arrêt a échoué avec le code ${failure.code}`
          : `sa commande d'arrêt a été terminée par ${failure.signal}`;
      case "timeout":
        return `sa commande d'arrêt n'a pas fini en ${
          nameWait(failure.waited)
        } : arrêt forcé`;
    }
  },
  stillRunning: (processes) => `attend la fin de ${nameProcesses(processes)}`,
};
