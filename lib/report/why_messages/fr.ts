/**
 * What `why` says, in French.
 *
 * @module
 */

import type { WhyMessages } from "./en.ts";

/** The French texts. */
export const fr: WhyMessages = {
  reasons: {
    free: "Rien n'en tourne, et son port est libre",
    running: "Son processus vit, son port est bien le sien, il répond bien",
    starting: "Son processus vit, mais il n'est pas encore prêt",
    unhealthy: "Son processus vit, mais il ne fait pas son travail",
    untracked:
      "Son port est tenu par un processus de ce projet que devsvc n'a pas démarré",
    foreign: "Son port est tenu par un programme étranger au projet",
    container: "Son port est tenu par un conteneur",
    hidden:
      "Son port est tenu par quelqu'un dont vous ne voyez pas les processus",
    reserved: "Le système ne donne pas son port à un programme comme lui",
    orphan:
      "Son premier processus a disparu, mais des processus qu'il a laissés tournent encore",
    "stale-owner": "Son port est tenu au nom d'un processus mort",
    crashed: "Il s'est terminé sans que devsvc l'arrête",
    stopped: "Rien n'en tourne",
    unknown: "Le système n'a pas pu le dire, et rien n'est supposé",
  },
  runningWithoutPort: "Son processus vit, il répond bien",
  started: (time) => `devsvc l'a démarré à ${time}`,
  ready: (span) => `il était prêt, preuve faite, ${span} plus tard`,
  notReady: (limit) => `il a ${limit} pour être prêt`,
  overdue: (limit) => `il n'était pas prêt au bout de ${limit}`,
  gone: (pid) => `le PID ${pid} a disparu`,
  recycled: (pid) =>
    `le PID ${pid} a disparu, son numéro est à un autre programme`,
  processes: "Ses processus :",
  fails: (check, detail) => `${check} échoue : ${detail}`,
  dependsOn: (label, state) => `Il dépend de ${label} : ${state}`,
  waitsFor: (label, state) => `Il attend ${label} : ${state}`,
  needs: (label, state) =>
    `Il lui faut ${label} : ${state} ; devsvc start le démarre d'abord`,
  blockedBy: (label, state, name) =>
    `Il ne peut pas démarrer avant ${label} : ${state} ; voir devsvc why ${name}`,
  toStart: (name) => `devsvc start ${name} le démarre`,
  toFollow: (name) => `devsvc logs -f ${name} montre ce qu'il écrit`,
};
