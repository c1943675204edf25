/** The messages in French. */

import type { NamedProcess, ShownCheck } from "../../core/events.ts";
import {
  formatCheck,
  formatNames,
  formatProcesses,
  formatSeconds,
  formatStatusCodes,
  formatTimeout,
} from "../format.ts";
import type { PathProblem } from "../../core/model.ts";
import { FOREIGN_PROC, OTHER_NAMESPACE } from "../../core/pid_namespace.ts";
import { printable, printableName } from "../../core/printable.ts";
import type { Messages } from "./en.ts";

const PATH_PROBLEMS: Readonly<Record<PathProblem, string>> = {
  link: "est un lien",
  owner: "appartient à un autre utilisateur",
  kind: "n'est ni un fichier ordinaire ni un dossier",
  "hard-link": "a un second nom (un lien physique)",
  size: "est trop gros",
  denied: "n'est pas accessible",
  outside: "est hors de .devsvc",
};

function pathAdvice(problem: PathProblem): string {
  switch (problem) {
    case "owner":
      return "arrêtez ses services sous le nom de cet utilisateur, puis supprimez-le";
    case "denied":
      return "donnez-vous-en le droit, ou arrêtez ses services sous le nom de l'utilisateur qui l'a";
    default:
      return "supprimez-le";
  }
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count < 2 ? one : many}`;
}

function nameCheck(check: ShownCheck): string {
  switch (check.kind) {
    case "http":
      return `GET ${check.path}${formatStatusCodes(check.status)}`;
    case "tcp":
      return "connexion TCP";
    case "log":
      return `ligne de journal /${printable(check.pattern)}/`;
    case "command":
      return "commande de vérification";
    default:
      return formatCheck(check);
  }
}

/** Why a check failed, as `lib/runtime/start/probes.ts` says it; the rest is of the OS. */
const DETAILS: Readonly<Record<string, string>> = {
  "connection refused": "connexion refusée",
  "no answer": "pas de réponse",
  "no HTTP answer": "pas de réponse HTTP",
  "no port": "pas de port",
  "not run": "pas lancée",
  "not seen yet": "pas encore vue",
};

function showDetail(detail: string): string {
  const known = Object.hasOwn(DETAILS, detail) ? DETAILS[detail] : undefined;
  return known ?? printable(detail.replace(/^exit code (?=\d+$)/, "code "));
}

function namePortMismatch(
  port: number,
  ports: readonly number[],
  holders: readonly NamedProcess[],
): string {
  return `écoute sur le port ${ports.join(", ")}, pas sur son port ${port}` +
    (holders.length > 0 ? `, qui est à ${formatProcesses(holders)}` : "");
}

const FOREGROUND =
  "Gardez-le au premier plan : enlevez son option d'arrière-plan (--daemon, -D, &), " +
  "ou ajoutez celle du premier plan (nginx -g 'daemon off;', --nodaemon)";

/** The French messages. */
export const fr: Messages = {
  cli: {
    brief:
      "Démarre, vérifie et arrête les services d'un projet, une seule fois chacun",
    description:
      "Lit services.toml dans ce dossier ou un dossier parent. Sans commande : start.",
    keep: "Laisse tourner les services à la fin",
    service: "un service de services.toml ; tous si aucun n'est nommé",
    oneService: "le service de services.toml à expliquer",
    shell: "le shell auquel le script est destiné",
    json: "Écrit le résultat en JSON",
    config: "Le fichier services.toml à utiliser",
    lang: "La langue des textes",
    color: "Utilise des couleurs",
    noColor: "Sans couleurs",
    dryRun: "Écrit ce qui serait fait, et ne fait rien",
    force: "Ne demande rien et arrête tout ce qui tient un port",
    onConflict: "Que faire quand un port est tenu",
    watch: "Affiche de nouveau en continu, sur place",
    follow: "Continue à montrer ce qui s'écrit",
    lines:
      "Combien de lignes de chaque service montrer d'abord ; 50, ou toutes avec --since",
    since:
      "Ne montre que les lignes depuis ce moment : 10m, 2h, 09:12, 2026-11-21",
    grep: "Ne montre que les lignes qui suivent une expression régulière",
    prefix: "Commence chaque ligne par l'heure et le nom de son service",
    initDryRun: "Écrit services.toml sur la sortie, et aucun fichier",
    initForce: "Remplace sans rien demander les fichiers déjà là",
    batch: "Laisse aussi start.bat et stop.bat, qui appellent devsvc",
    help: "Écrit cette aide",
    version: "Écrit la version",
    usage: "UTILISATION",
    commands: "COMMANDES",
    flags: "OPTIONS",
    arguments: "ARGUMENTS",
    aliases: "ALIAS",
    defaultWord: "par défaut =",
    unknownCommand: (input, corrections) =>
      corrections.length > 0
        ? `Pas de commande « ${input} » : vouliez-vous dire ${
          corrections.join(" ou ")
        } ?`
        : `Pas de commande « ${input} » : voir devsvc --help`,
    unknownShell: (name, known, suggestion) =>
      `Pas de complétion pour « ${name} »` +
      (suggestion ? ` : vouliez-vous dire ${suggestion} ?` : ".") +
      ` Shells : ${known.join(", ")}`,
    unknownFlag: (input, corrections) =>
      corrections.length > 0
        ? `Pas d'option --${input} : vouliez-vous dire ${
          corrections.map((word) => `--${word}`).join(" ou ")
        } ?`
        : `Pas d'option --${input} : voir --help`,
    unknownAlias: (input) => `Pas d'option -${input} : voir --help`,
    badChoice: (flag, input, values) =>
      `--${flag} prend l'une des valeurs ${
        values.join(", ")
      }, pas « ${input} »`,
    badValue: (flag, input, reason) =>
      `${flag} ne peut pas être « ${input} » : ${reason}`,
    missingValue: (flag) => `--${flag} attend une valeur`,
    missingArgument: (name) => `Il manque un mot : ${name}`,
    tooManyArguments: (count, input) =>
      `${
        plural(count, "seul mot est attendu", "mots sont attendus")
      }, « ${input} » est de trop`,
    givenTwice: (flag) => `--${flag} est donné plus d'une fois`,
    noValue: (flag) => `--${flag} ne prend pas de valeur`,
    badUsage: (reason) => `${reason} : voir --help`,
    notALineCount: "un nombre entier de 0 à 1000000 est attendu",
    notAPattern: "une expression régulière est attendue",
    slowPattern: (part: string) =>
      `${
        printable(part)
      } peut faire durer la recherche sans fin : une expression régulière sans assertion avant ou arrière ni référence arrière est attendue`,
    notATime:
      'une durée (10m, 2h, 1d) ou un moment (09:12, 2026-11-21, "2026-11-21 09:12", 2026-11-21T09:12:00Z) est attendu',
  },
  errors: {
    prefix: "devsvc :",
    unknownService: (name, known, suggestion) =>
      `Pas de service « ${name} » dans services.toml` +
      (suggestion ? ` : vouliez-vous dire ${suggestion} ?` : ".") +
      ` Services : ${known.join(", ")}`,
    stateDir: (path, reason) =>
      `Impossible d'écrire ${printable(path)} : ${printable(reason)}\n` +
      "devsvc y garde ses journaux et ses fiches d'exécution : rendez le dossier accessible en écriture, ou retirez ce qui est à sa place.\n" +
      "Rien n'a été démarré ni arrêté.",
    stoppedUnlocked: (path, reason) =>
      `Impossible d'écrire ${printable(path)} : ${
        printable(reason)
      } ; les services sont arrêtés quand même, leurs fiches d'exécution restent`,
    outputFailed: (reason) =>
      `Le compte rendu n'a pas pu être écrit : ${printable(reason)}`,
    unexpected: (reason) => `Erreur inattendue : ${printable(reason)}`,
    lockHeld: (owner) =>
      `Un autre devsvc travaille ici (${
        printable(owner)
      }) : attente de sa fin…`,
    legacyState: (folder) =>
      `${
        printable(folder)
      } vient d'une autre version de devsvc, il est ignoré : supprimez-le`,
    stateCopied: (folder) =>
      `${
        printable(folder)
      } n'a pas été créé ici par devsvc, comme dans la copie d'un projet : ignoré jusqu'à ce qu'un démarrage le recrée`,
    stateRefused: (path, problem) => {
      const what = `${printable(path)} ${PATH_PROBLEMS[problem]}`;
      const isUnknown = problem === "owner" || problem === "denied";
      return isUnknown
        ? `${what}, nul ne peut donc dire ce qui tourne ici : ${
          pathAdvice(problem)
        }`
        : `${what} : ignoré, ${pathAdvice(problem)}`;
    },
    stateMoved: (folder, ignored) =>
      `${
        printable(folder)
      } n'a pas été créé ici par devsvc, comme dans la copie d'un projet : recréé, son contenu est dans ${
        printable(ignored)
      }`,
    stateLinkRemoved: (folder) =>
      `${
        printable(folder)
      } était un lien : le lien est supprimé, sa cible est restée telle quelle`,
    untrustedPath: (path, problem) =>
      `${printable(path)} ${PATH_PROBLEMS[problem]} : ${
        pathAdvice(problem)
      } (rien n'a été démarré ni arrêté)`,
    unreadableLog: (path, problem) =>
      `${printable(path)} ${PATH_PROBLEMS[problem]}, il n'est pas lu : ${
        pathAdvice(problem)
      }`,
    unreadableRecord: (label, file, problem) =>
      `Nul ne peut dire si ${label} tourne, sa fiche d'exécution ${
        printable(file)
      } ${PATH_PROBLEMS[problem]} : ${pathAdvice(problem)}`,
    pathProblem: (path, problem) =>
      `${printable(path)} ${PATH_PROBLEMS[problem]}`,
    pathAdvice,
    statusForeign: (file) =>
      `${
        printable(file)
      } n'a pas été écrit ici par devsvc, comme dans la copie d'un projet : ignoré`,
    recordIssue: (label, issue, file) => {
      switch (issue) {
        case "foreign":
          return `La fiche d'exécution de ${label} n'a pas été écrite ici par devsvc, comme dans la copie d'un projet (${
            printable(file)
          }) : ignorée`;
        case "corrupt":
          return `La fiche d'exécution de ${label} est illisible (${
            printable(file)
          }) : ignorée`;
        case "version":
          return `La fiche d'exécution de ${label} vient d'une autre version de devsvc (${
            printable(file)
          }) : ignorée`;
        case "recycled":
          return `Le processus de ${label} a disparu, son numéro est à un autre programme : fiche d'exécution ignorée`;
        case "dead":
          return `Le processus de ${label} a disparu : fiche d'exécution ignorée`;
        case "missing":
          return `La fiche d'exécution de ${label} a disparu (${
            printable(file)
          }) : ses processus disent ce qu'ils sont`;
      }
    },
  },
  check: {
    title: "Vérification des ports",
    free: "DISPONIBLE",
    used: "UTILISÉ",
    closing: "EN FERMETURE",
    reserved: "RÉSERVÉ",
    unknown: "INCONNU",
    line: (port, label, word) => `Port ${port} (${label}) : ${word}`,
    allFree: "Tous les ports sont disponibles",
    someUsed: "ATTENTION : Des services semblent déjà en cours d'exécution",
    someConnected:
      "ATTENTION : Une connexion utilise un port sur lequel aucun service n'écoute",
    someClosing:
      "Aucun service n'écoute, mais un port se ferme encore : libre dans moins d'une minute",
    someUnknown: "ATTENTION : L'état de certains ports n'a pas pu être lu",
    noPorts: "Aucun service n'a de port",
  },
  holder: {
    pid: (pid) => `PID ${pid}`,
    ours: "démarré par devsvc",
    project: "de ce projet",
    otherService: (name) => `du service ${name} de ce projet`,
    foreign: "étranger au projet",
    otherProject: (root) => `du projet dans ${root}`,
    silent: (pid, port) =>
      `tourne (PID ${pid}), mais rien n'écoute sur le port ${port}`,
    connected: "y a un bout de connexion",
    inFolder: (cwd) => `dans ${cwd}`,
    byUser: (user) => `utilisateur ${user}`,
    since: (time) => `depuis ${time}`,
    healthy: "répond bien",
    unhealthy: "répond mal",
    suspended: "suspendu (SIGSTOP, Ctrl-Z)",
    protected: "protégé",
  },
  states: {
    free: "disponible",
    running: "prêt",
    started: "démarré, rien à vérifier",
    starting: "démarre",
    unhealthy: "répond mal",
    suspended: "suspendu",
    untracked: "pas démarré par devsvc",
    foreign: "tenu par un autre programme",
    container: "tenu par un conteneur",
    hidden: "tenu par un autre utilisateur",
    connected: "utilisé par une connexion, personne n'y écoute",
    closing: "en cours de fermeture (TIME_WAIT), libre dans moins d'une minute",
    reserved: "réservé par le système",
    orphan: "restes sans processus principal",
    duplicate: "tourne plus d'une fois",
    "stale-owner": "tenu par un processus mort",
    restarting: "en cours de redémarrage",
    stopping: "en cours d'arrêt",
    crashed: "arrêté tout seul",
    stopped: "arrêté",
    unknown: "inconnu",
  },
  reasons: {
    probe: "le port n'a pas pu être essayé",
    privileged: "les ports sous 1024 demandent plus de droits",
    reserved: "mis de côté par le système",
    [FOREIGN_PROC]:
      "/proc montre les processus d'un autre conteneur ou de l'hôte",
    [OTHER_NAMESPACE]: "démarré dans un conteneur, ou en dehors de celui-ci",
  },
  units: { decimal: ",", day: "j", megabyte: "Mo" },
  question: {
    title: "ATTENTION : Des services semblent déjà actifs",
    ask: "Que souhaitez-vous faire ?",
    restart: "Arrêter les services existants et redémarrer",
    cancel: "Annuler (laisser les services actuels)",
    keep: "Garder ce qui répond bien, démarrer le reste",
    prompt: (choices) => `Votre choix (${choices}) :`,
    invalid: (choices) => `Tapez ${choices}`,
    or: "ou",
    stopForeign: "Les arrêter quand même",
    cancelled: "Annulé : rien n'a été changé.",
  },
  progress: {
    check: nameCheck,
    checkDetail: showDetail,
    starting: "démarrage…",
    closing: (port, span) =>
      `le port ${port} se ferme (TIME_WAIT) : attente de ${span} au plus`,
    waitingFor: (pending) => {
      switch (pending.kind) {
        case "port":
          return `attend le port ${pending.port}…`;
        case "owner":
          return pending.holders.length > 0
            ? `le port ${pending.port} répond, mais il est à ${
              formatProcesses(pending.holders)
            }`
            : `le port ${pending.port} répond, mais son propriétaire est invisible`;
        case "check":
          return `attend ${nameCheck(pending.check)} : ${
            showDetail(pending.detail)
          }`;
        case "address":
          return `il n'écoute que sur ${
            formatNames(pending.addresses)
          }, et devsvc n'interroge que la boucle locale de cette machine : ` +
            "faites-le écouter sur 127.0.0.1 ou 0.0.0.0, " +
            "ou écrivez ready = { log = … } ou { command = … }";
        case "port-mismatch":
          return namePortMismatch(
            pending.port,
            pending.mismatchedPorts,
            pending.holders,
          );
        case "lookup":
          return `impossible de savoir qui écoute : ${
            printable(pending.reason)
          }`;
      }
    },
    slow: (count, log) =>
      `pas encore prêt, ${
        plural(count, "dernière ligne", "dernières lignes")
      } de ${printable(log)} :`,
    upTo: (limit) =>
      `toujours en attente, jusqu'à ${formatTimeout(limit)} : ready.timeout`,
    waited: (ms, limit) =>
      `(${formatSeconds(ms)} sur ${formatTimeout(limit)} : ready.timeout)`,
    portMismatch: namePortMismatch,
    portMismatchAdvice: (ports) =>
      "faites-le échouer plutôt que prendre un autre port (Vite : --strictPort), " +
      `ou écrivez port = ${ports[0]} dans services.toml`,
    held: (port, holders) =>
      `le port ${port} est à ${formatProcesses(holders)}`,
    stopCommand: (pid) => `sa commande d'arrêt s'exécute (PID ${pid})`,
    stopCommandFailed: (failure) => {
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
            formatTimeout(failure.waited)
          } : arrêt forcé`;
      }
    },
    stillRunning: (processes) =>
      `attend la fin de ${formatProcesses(processes)}`,
    spawned: "démarré",
    ready: (pid, time) => `prêt en ${time} (PID ${pid})`,
    startedOnly: (pid) => `démarré, rien à vérifier (PID ${pid})`,
    stopping: (processes) => `arrêt de ${formatProcesses(processes)}`,
    escalating: (processes, time) =>
      `toujours là après ${time} : arrêt forcé de ${
        formatProcesses(processes)
      }`,
    stopped: (time) => `arrêté en ${time}`,
    failed: (failure) => {
      switch (failure.kind) {
        case "spawn":
          return `pas démarré : ${printable(failure.reason)}`;
        case "exited":
          return failure.signal !== undefined
            ? `terminé par ${failure.signal} avant d'être prêt`
            : failure.code !== undefined
            ? `terminé avec le code ${failure.code} avant d'être prêt`
            : "terminé avant d'être prêt";
        case "timeout":
          return `pas prêt après ${
            formatTimeout(failure.waited)
          } (ready.timeout) ; il reste en marche`;
        case "dependency":
          return `pas démarré, car ${failure.names.join(", ")} n'est pas prêt`;
        case "not-stopped":
          return "pas démarré, car ce qui tient son port n'a pas été arrêté";
        case "cancelled":
          return "pas prêt : interrompu";
      }
    },
    notStopped: (failure) => {
      switch (failure.kind) {
        case "survivors":
          return `PAS arrêté : toujours en vie : ${
            formatProcesses(failure.processes)
          }`;
        case "held":
          if (failure.tried) {
            return "PAS arrêté : le port reste tenu pour un processus mort, bien " +
              `que ceci ait été arrêté : ${formatProcesses(failure.tried)}`;
          }
          return failure.holders.length > 0
            ? `PAS arrêté : quelque chose écoute à nouveau : ${
              formatProcesses(failure.holders)
            }. Un superviseur l'a peut-être relancé`
            : "PAS arrêté : le port est toujours utilisé";
        case "denied":
          return `PAS arrêté : le système a refusé le signal à ${
            formatProcesses(failure.processes)
          }`;
        case "lookup":
          return `impossible de savoir s'il est arrêté : ${
            printable(failure.reason)
          }`;
        case "supervised":
          return "sera redémarré : .devsvc ne peut pas être écrit, et son " +
            "superviseur ne peut pas être arrêté";
        case "cancelled":
          return "interrompu pendant l'arrêt";
      }
    },
    lastLines: (count, log) =>
      count > 0
        ? `${plural(count, "dernière ligne", "dernières lignes")} de ${
          printable(log)
        } :`
        : `il n'a rien écrit (${printable(log)})`,
    ended: (processes) =>
      `ce qu'il a laissé a été arrêté : ${formatProcesses(processes)}`,
    hint: (hint) => {
      switch (hint.kind) {
        case "source":
          return "source est une commande de bash, que sh ne connaît pas : écrivez . à la place, " +
            "lancez-le par bash -c '…', ou nommez directement le programme du venv : .venv/bin/uvicorn …";
        case "not-found": {
          const program = printable(hint.program);
          return hint.at === undefined
            ? `${program} est introuvable dans PATH : installez-le, ou écrivez son chemin dans command (celui d'un venv : .venv/bin/…)`
            : `${program} est introuvable dans PATH, mais il est dans le projet : écrivez ${
              printable(hint.at)
            } dans command`;
        }
        case "no-file":
          return `il n'y a pas de fichier ${
            printable(hint.program)
          } : un chemin relatif part du cwd du service`;
        case "folder":
          return `${printable(hint.program)} est un dossier, pas un programme`;
        case "interpreter":
          return `${
            printable(hint.program)
          } existe, mais le programme que nomme sa première ligne est introuvable : installez-le, ou enregistrez le fichier avec des fins de ligne LF`;
        case "not-executable":
          return `${
            printable(hint.program)
          } n'a pas le droit d'être exécuté : faites chmod +x, ou nommez ce qui l'exécute (sh …, python …)`;
        case "usual-code":
          return `si la commande ne l'a pas choisi elle-même, ${hint.code} signifie ${
            hint.code === 126
              ? "qu'un fichier n'a pas le droit d'être exécuté"
              : "qu'un programme est introuvable"
          }`;
        case "background":
          return hint.areAlive
            ? `${
              formatProcesses(hint.processes)
            } tient maintenant son port : si c'est lui, il est passé en arrière-plan. ${FOREGROUND}`
            : `il est passé en arrière-plan comme ${
              formatProcesses(hint.processes)
            }, qui a été arrêté. ${FOREGROUND}`;
        case "ended":
          return `il s'est terminé sans erreur, mais un service tourne jusqu'à son arrêt. S'il passe en arrière-plan : ${FOREGROUND}`;
      }
    },
    crashed: (pid) => `s'était arrêté tout seul (PID ${pid})`,
    backoff: (restarts, span) =>
      `redémarre dans ${span} (tentative ${restarts})`,
    gaveUp: (restarts) =>
      `a été redémarré ${restarts} fois de suite ; il est laissé tel quel`,
    logDegraded: (reason) =>
      `son journal ne peut pas être tenu comme il faut : ${printable(reason)}`,
    recordFailed: (reason) =>
      `sa fiche d'exécution ne peut pas être écrite : ${printable(reason)}`,
    outdated:
      "ne redémarre pas de lui-même : services.toml a changé depuis son démarrage",
    unhealthy: "ne répond plus bien",
    healthy: "répond bien de nouveau",
  },
  up: {
    following: "Ctrl-C arrête tout",
    followingKept: "Ctrl-C ferme la vue ; les services continuent",
    stopping: "Arrêt des services… (Ctrl-C encore : sans attendre)",
    forcing: "Arrêt forcé…",
    kept: "Les services continuent ; pour arrêter : devsvc stop",
    over: "Plus aucun service ne tourne",
  },
  window: { pressEnter: "Appuyez sur Entrée pour fermer" },
  outcome: {
    ready: (ready, started) =>
      [
        ...(ready > 0 || started === 0
          ? [plural(ready, "service est prêt", "services sont prêts")]
          : []),
        ...(started > 0
          ? [
            `${
              plural(started, "service démarré", "services démarrés")
            }, sans rien à vérifier`,
          ]
          : []),
      ].join(" ; "),
    already: (count) =>
      `Déjà en cours d'exécution : ${
        plural(count, "service", "services")
      }. Rien n'a été démarré.`,
    failed: (labels) => `Tout n'est pas prêt : ${labels.join(", ")}`,
    stopped: (count, areFree) =>
      plural(count, "service arrêté", "services arrêtés") +
      (areFree ? ", ports disponibles" : ""),
    stoppedClosing: (count, ports) =>
      `${
        plural(count, "service arrêté", "services arrêtés")
      } ; encore en cours de fermeture (TIME_WAIT), libre dans moins d'une minute : ${
        ports.length === 1 ? "port" : "ports"
      } ${ports.join(", ")}`,
    nothingRan: "Aucun service n'était en marche",
    notStopped: (labels) => `Tout n'est pas arrêté : ${labels.join(", ")}`,
    conflict: "Rien n'a été démarré : un port est tenu",
    nothingStarted: "Rien n'a été démarré",
    notStoppedUnknown: "Pas arrêté, car rien ne dit ce qui tourne :",
    refused: "Pas arrêté, car ce n'est pas à ce projet :",
    refusedOther: "Pas arrêté, car c'est à un autre service de ce projet :",
    refusedByHand: "Pas arrêté, car devsvc ne l'a pas démarré :",
    interrupted: "Interrompu",
    stillRunning: (labels) =>
      labels.length > 0
        ? `Toujours en marche : ${
          labels.join(", ")
        }. Pour arrêter : devsvc stop`
        : "Rien de ce projet n'est en marche",
    toStop: "Pour arrêter : devsvc stop",
  },
  advice: (state, { port, container, isStop }) => {
    switch (state) {
      case "started":
      case "running":
      case "starting":
        return undefined;
      case "suspended":
        return "kill -CONT et son numéro de processus le laisse continuer ; devsvc restart l'arrête et le redémarre";
      case "unhealthy":
      case "orphan":
        return "devsvc restart l'arrête et le redémarre";
      case "duplicate":
        return "devsvc stop les arrête tous, devsvc restart en redémarre un seul";
      case "untracked":
        return isStop
          ? "devsvc stop --force l'arrête quand même : seul son dossier dit qu'il est à ce projet"
          : "devsvc start --on-conflict=restart l'arrête et le redémarre";
      case "foreign":
        return isStop
          ? "devsvc stop --force l'arrête quand même"
          : "arrêtez-le vous-même, ou : devsvc start --on-conflict=restart";
      case "container":
        return container === undefined
          ? `trouvez-le par : docker ps --filter publish=${port}, puis : docker stop NOM`
          : `docker stop ${printable(container)}`;
      case "hidden":
        return "son propriétaire vous est invisible : demandez les droits, ou changez de port";
      case "reserved":
        return "changez de port, ou lancez avec les droits qu'il demande";
      case "stale-owner":
        return isStop
          ? "devsvc stop --force arrête ceux qui gardent son port ; s'il n'y en a pas, fermez la session"
          : "devsvc start --on-conflict=restart arrête ceux qui gardent son port ; s'il n'y en a pas, fermez la session";
      case "unknown":
        return "réessayez ; si cela persiste, regardez vous-même : ss -ltnp, lsof -iTCP ou netstat -ano";
      case "connected":
        return "attendez la fin de cette connexion, arrêtez son programme, ou choisissez un autre port";
      case "restarting":
      case "stopping":
      case "closing":
      case "crashed":
      case "free":
      case "stopped":
        return undefined;
    }
  },
  protectedHolder: (name) =>
    `${printableName(name)} est protégé : devsvc ne l'arrête jamais`,
  runsElsewhere: (command) =>
    `le devsvc de ce projet-là le fait tourner, et l'arrête : ${
      printable(command)
    }`,
  runsOtherService: (name) =>
    `il est au service ${name}, et s'arrête avec lui : devsvc stop ${name}`,
  stoppingElsewhere: (services, root) =>
    `Arrêt de ${services.join(", ")} du projet dans ${printable(root)}`,
  runsInNamespace: (service) =>
    `arrêtez-le là où il a été démarré ; si ce conteneur n'existe plus, supprimez .devsvc/runs/${
      printable(service)
    }.json`,
  plan: {
    title: "Ce qui serait fait (rien n'a été fait)",
    keep: "garder",
    await: "attendre qu'il soit prêt",
    start: "démarrer",
    stop: "arrêter",
    "stop-own": "arrêter ce que devsvc a démarré",
    "stop-elsewhere": "le faire arrêter par le devsvc de son projet",
    restart: "arrêter, puis démarrer",
    none: "rien à faire",
    conflict: "conflit",
    blocked: "impossible",
  },
  status: {
    service: "SERVICE",
    state: "ÉTAT",
    port: "PORT",
    pid: "PID",
    uptime: "DURÉE",
    restarts: "REPRISES",
    cpu: "CPU",
    memory: "MÉMOIRE",
    url: "URL",
    configChanged: (label, name) =>
      `${label} : services.toml a changé depuis son démarrage ; devsvc restart ${name} l'applique`,
    environmentChanged: (label, name, names) =>
      `${label} : l'environnement a changé depuis son démarrage (${
        names.join(", ")
      }) ; devsvc restart ${name} l'applique`,
    ended: (label, how, at) => `${label} : arrêté tout seul à ${at}${how}`,
    byCode: (code) => `, code de sortie ${code}`,
    bySignal: (signal) => `, signal ${signal}`,
    due: (label, span, restarts) =>
      `${label} : redémarre dans ${span} (tentative ${restarts})`,
    gaveUp: (label, restarts) =>
      `${label} : redémarré ${restarts} fois de suite, puis laissé tel quel ; devsvc start essaie de nouveau`,
    outdated: (label, name) =>
      `${label} : ne redémarre pas de lui-même, car services.toml a changé depuis son démarrage ; devsvc restart ${name}`,
    recordMissing: (label) =>
      `${label} : sa fiche d'exécution a disparu, ses processus disent ce qu'ils sont ; devsvc restart en écrit une autre`,
    runs: (label, pids) =>
      `${label} : tourne ${pids.length} fois à la fois (${
        pids.map((pid) => `PID ${pid}`).join(", ")
      }) ; devsvc stop les arrête tous`,
    removed: (name, pids) =>
      `${
        printable(name)
      } : n'est plus dans services.toml, mais tourne encore (${
        pids.map((pid) => `PID ${pid}`).join(", ")
      }) ; devsvc stop ${printable(name)} l'arrête`,
    removedUnknown: (name, reason) =>
      `${
        printable(name)
      } : n'est plus dans services.toml ; le système n'a pas pu dire s'il tourne encore (${
        printable(reason)
      })`,
    watching: "Ctrl-C ferme la vue ; les services continuent",
  },
  logs: {
    none: "Pas encore de journal : rien n'a été démarré ici",
    empty: (labels) => `${labels.join(", ")} : rien n'a encore été écrit`,
  },
};
