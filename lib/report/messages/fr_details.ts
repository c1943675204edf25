/**
 * The messages in French about a wrong services.toml, of `why` and of `init`.
 */

import type {
  ConfigIssue,
  ConfigPath,
  EnvLineReason,
  Expected,
  HeaderReason,
  NameReason,
  ReadFailure,
  SyntaxReason,
  TomlKind,
} from "../../config/errors/config_issue.ts";
import type { WindowsHazard } from "../../core/path.ts";
import { formatCount, formatCycle, formatNames, shorten } from "../format.ts";
import type { Details, Explanation } from "./en_details.ts";

function quote(value: string): string {
  return `« ${shorten(value, 60)} »`;
}

function didYouMean(suggestion: string | undefined): string | undefined {
  return suggestion === undefined
    ? undefined
    : `vouliez-vous dire ${quote(suggestion)} ?`;
}

const EXPECTED: Readonly<Record<Expected, string>> = {
  text: "un texte entre guillemets",
  integer: "un nombre entier",
  true: "true",
  table: "une table",
  command: "une commande (un texte, ou une liste de textes)",
  names: "une liste de noms de services",
  duration: 'une durée comme "10s"',
  size: 'une taille comme "10MB"',
  boolean: "true ou false",
  statuses: "une liste de codes de statut HTTP",
  env: "un texte entre guillemets",
  header: "un texte entre guillemets",
  http: "un chemin, ou une table avec un path",
  restart: "never, on-failure, always, ou une table",
  live: "false, ou une table",
  choice: "un mot parmi quelques-uns",
};

const FOUND: Readonly<Record<TomlKind, string>> = {
  string: "un texte",
  integer: "un nombre",
  float: "un nombre",
  boolean: "true ou false",
  date: "une date",
  array: "une liste",
  table: "une table",
};

const READ: Readonly<Record<ReadFailure, string>> = {
  "not-found": "introuvable",
  "not-permitted": "accès refusé",
  "is-folder": "c'est un dossier",
  "not-file": "ce n'est pas un fichier ordinaire",
  "too-large": "il dépasse 1 Mio",
  "not-folder": "ce n'est pas un dossier",
  "encoding": "ce n'est pas de l'UTF-8",
  "other": "refus du système",
};

const ENV_LINE: Readonly<Record<EnvLineReason, string>> = {
  "no-equals": "il n'y a pas de =",
  "bad-name":
    "le nom avant = doit commencer par une lettre ou _, et n'avoir que des lettres, des chiffres, _, . et -",
  "unclosed-quote": "un guillemet n'est pas fermé",
  "text-after-quote": "il y a du texte après le guillemet fermant",
  "nul": "il y a un caractère NUL",
};

const NAME: Readonly<Record<NameReason, string>> = {
  characters:
    "un nom a des lettres sans accent, des chiffres, - et _, et commence par une lettre ou un chiffre",
  device: "Windows garde ce nom pour un périphérique",
  reserved: "ce nom est réservé",
  case:
    "il ne diffère d'un autre que par les majuscules, et leurs fichiers aussi",
};

const HEADER: Readonly<Record<HeaderReason, string>> = {
  characters:
    "un nom a des lettres sans accent, des chiffres et des -, comme X-Api-Key",
  framing: "devsvc dit lui-même où finit la requête",
  reserved: "ce nom est réservé",
};

const WINDOWS_PATH: Readonly<Record<WindowsHazard, string>> = {
  network:
    "un chemin d'une autre machine, à laquelle Windows montrerait qui vous êtes",
  device: "un périphérique de Windows",
};

/** What to write instead of a value of the wrong kind. */
function rewrite(issue: ConfigIssue<"wrong-type">): string | undefined {
  const { key, expected, value } = issue;
  switch (expected) {
    case "env":
    case "header":
    case "text":
      return value === undefined
        ? undefined
        : `écrivez-le entre guillemets : "${value}"`;
    case "duration":
      return value === undefined
        ? undefined
        : `écrivez une unité : "${value}s"`;
    case "size":
      return value === undefined
        ? undefined
        : `écrivez une unité : "${value}MB"`;
    case "statuses":
      return value === undefined ? undefined : `écrivez ${key} = [${value}]`;
    case "table":
      return key === "log" && issue.found === "string"
        ? 'une ligne de la sortie s\'attend par ready = { log = "…" }'
        : undefined;
    case "restart":
      return 'écrivez restart = "on-failure"';
    case "live":
      return "écrivez live = false pour ne plus rien vérifier, ou retirez la clé";
    case "true":
      return `écrivez ${key} = true, ou retirez la clé`;
    case "names":
      return `écrivez ${key} = ["nom"]`;
    default:
      return undefined;
  }
}

/** The key that holds the path: `http`, or `path` in its table. */
function httpKey(path: ConfigPath): string {
  return path.at(-1) === "path" ? "path" : "http";
}

function invalidValue(text: string): Explanation {
  const lower = text.toLowerCase();
  if (lower === "true" || lower === "false") {
    return {
      text: `${text} n'est pas une valeur`,
      advice: `écrivez ${lower}`,
    };
  }
  if (/^[“”‘’«]/.test(text)) {
    return {
      text: `${text} commence par un guillemet que TOML ne connaît pas`,
      advice: 'écrivez des guillemets droits : "…"',
    };
  }
  return {
    text: `${text} n'est pas une valeur`,
    advice: `un texte s'écrit entre guillemets : "${text}"`,
  };
}

const SYNTAX: Readonly<
  Record<SyntaxReason, (text: string, detail: string) => Explanation>
> = {
  "invalid-value": invalidValue,
  "missing-value": () => ({
    text: "il manque une valeur après =",
    advice: "un texte s'écrit entre guillemets, un nombre sans",
  }),
  "missing-equals": () => ({
    text: "= est attendu après le nom d'une clé",
    advice: "une ligne s'écrit : clé = valeur",
  }),
  "missing-line-end": (text) => ({
    text: `la fin de la ligne est attendue, trouvé ${text}`,
    advice: "une seule clé par ligne",
  }),
  "missing-comma": () => ({
    text: "une virgule est attendue, ou la fin de la liste ou de la table",
    advice: "une liste se ferme par ], une table par }",
  }),
  "unclosed-text": () => ({
    text: "ce guillemet n'est pas fermé sur sa ligne",
    advice: "fermez-le par le même guillemet",
  }),
  "bad-escape": () => ({
    text:
      "séquence inconnue : entre guillemets doubles, une barre oblique inverse commence un caractère spécial",
    advice: "écrivez le texte entre guillemets simples : 'C:\\dossier'",
  }),
  "bad-key": (text) => ({
    text: `${text || "ceci"} ne peut pas être dans le nom d'une clé`,
    advice:
      "un nom a des lettres sans accent, des chiffres, - et _ ; les autres s'écrivent entre guillemets",
  }),
  "bad-number": (text) => ({
    text: `${text} n'est pas un nombre lisible`,
  }),
  "bad-date": (text) => ({
    text: `${text} n'est pas une date`,
    advice: `un texte s'écrit entre guillemets : "${text}"`,
  }),
  "control-character": () => ({
    text: "un caractère de contrôle n'est pas permis ici",
    advice: "retirez-le, ou écrivez-le comme \\t",
  }),
  "duplicate": (text) => ({
    text: `${text} est défini deux fois`,
    advice: "gardez l'une des deux définitions",
  }),
  "encoding": () => ({
    text: "le fichier n'est pas en UTF-8 ici",
    advice: "enregistrez-le en UTF-8 dans l'éditeur",
  }),
  "other": (_, detail) => ({ text: `ce n'est pas du TOML : ${detail}` }),
};

function ports(numbers: readonly number[]): string {
  if (numbers.length === 0) return "";
  return ` (${numbers.length === 1 ? "port" : "ports"} ${numbers.join(", ")})`;
}

const ISSUES: Details["config"]["issue"] = {
  "syntax": ({ reason, text, detail }) => SYNTAX[reason](text, detail),
  "unknown-key": ({ key, allowed, suggestion }) => ({
    text: `clé inconnue ${quote(key)}`,
    advice: didYouMean(suggestion) ??
      `les clés possibles ici sont : ${formatNames(allowed)}`,
  }),
  "wrong-type": (issue) => {
    const { key, expected, found, value, choices } = issue;
    const takes = expected === "choice" && choices
      ? formatNames(choices)
      : EXPECTED[expected];
    return {
      text: `${quote(key)} attend ${takes} : trouvé ${value ?? FOUND[found]}`,
      advice: rewrite(issue),
    };
  },
  "missing-key": ({ key, table }) => ({
    text: key === "command"
      ? `le service ${quote(table)} n'a pas de ${quote(key)}`
      : `${quote(table)} n'a pas de ${quote(key)}`,
    advice: key === "command"
      ? 'écrivez ce qui est lancé : command = "npm run dev"'
      : `ajoutez ${key} = …`,
  }),
  "out-of-range": ({ key, min, max, found }) => ({
    text:
      `${key} ${found} est hors limites : un entier de ${min} à ${max} est attendu`,
  }),
  "not-a-port-text": ({ found, port }) => ({
    text: `« port » attend un nombre entier : trouvé le texte ${quote(found)}`,
    advice: `écrivez-le sans guillemets : port = ${port}`,
  }),
  "duplicate-port": ({ port, service }) => ({
    text: `le port ${port} est déjà celui du service ${quote(service)}`,
    advice: "donnez à chaque service son propre port",
  }),
  "cycle": ({ names, isCut }) => ({
    text: names.length === 1
      ? `le service ${quote(names[0] ?? "")} dépend de lui-même`
      : `des services s'attendent l'un l'autre : ${formatCycle(names, isCut)}`,
    advice: "retirez une de ces dépendances",
  }),
  "unknown-dependency": ({ name, services, isCut, suggestion }) => ({
    text: `il n'y a pas de service ${quote(name)} dont dépendre`,
    advice: didYouMean(suggestion) ??
      (services.length === 0
        ? "il n'y a pas d'autre service dans ce fichier"
        : `les autres services sont : ${formatNames(services, isCut)}`),
  }),
  "empty-value": ({ key }) => ({ text: `${quote(key)} est vide` }),
  "hidden-character": ({ key, character }) => ({
    text: `${
      quote(key)
    } contient un caractère invisible ou qui agit sur l'écran : ${character}`,
    advice: "supprimez-le, ou retapez le texte",
  }),
  "windows-path": ({ key, found, reason }) => ({
    text: `${quote(key)} est ${WINDOWS_PATH[reason]} : ${quote(found)}`,
    advice: "écrivez un chemin sur un lecteur de cette machine",
  }),
  "missing-folder": ({ folder, reason }) => ({
    text: `dossier ${quote(folder)} inutilisable : ${READ[reason]}`,
    advice: "un dossier relatif part du dossier de ce fichier",
  }),
  "unreadable-file": ({ file, reason }) => ({
    text: `impossible de lire ${quote(file)} : ${READ[reason]}`,
  }),
  "bad-env-line": ({ file, envLine, reason }) => ({
    text: `impossible de lire la ligne ${envLine} de ${quote(file)} : ${
      ENV_LINE[reason]
    }`,
    advice: "une ligne s'écrit NOM=valeur",
  }),
  "bad-env-name": ({ name }) => ({
    text: `${quote(name)} ne peut pas être le nom d'une variable`,
  }),
  "bad-duration": ({ key, found }) => ({
    text: `${quote(key)} attend une durée : trouvé ${quote(found)}`,
    advice: 'écrivez "500ms", "10s", "2m" ou "1m30s", de 1ms à 24h' +
      (key === "every" ? " ; live = false ne vérifie plus rien" : ""),
  }),
  "bad-size": ({ key, found, suggestion }) => ({
    text: `${quote(key)} attend une taille : trouvé ${quote(found)}`,
    advice: didYouMean(suggestion) ??
      'écrivez "500kB", "10MB" ou "1GB", de 64kB à 10GB',
  }),
  "bad-header-name": ({ name, reason }) => ({
    text: `${quote(name)} ne peut pas être un en-tête de la vérification : ${
      HEADER[reason]
    }`,
  }),
  "bad-header-value": ({ name }) => ({
    text: `la valeur de l'en-tête ${
      quote(name)
    } a une fin de ligne ou un caractère NUL`,
  }),
  "bad-http-path": ({ found, suggestion, path }) => ({
    text: `${
      quote(httpKey(path))
    } attend le chemin d'une URL, à partir de son premier / : trouvé ${
      quote(found)
    }`,
    advice: suggestion === undefined
      ? "l'hôte est cette machine, le port celui du service"
      : `écrivez ${
        httpKey(path)
      } = "${suggestion}" : l'hôte est cette machine, le port celui du service`,
  }),
  "bad-pattern": ({ found, detail }) => ({
    text: `${quote(found)} n'est pas une expression régulière : ${detail}`,
    advice:
      "un ( . + ou ? pris à la lettre suit une barre oblique inverse, entre guillemets simples : log = 'ready \\(dev\\)'",
  }),
  "slow-pattern": ({ found, part }) => ({
    text: `${
      quote(found)
    } contient ${part}, qui peut faire durer la recherche sans fin`,
    advice:
      "écrivez-la sans assertion avant ou arrière, sans référence arrière, sans [^], \\c ni \\p, et sans plus de 1000 répétitions",
  }),
  "bad-choice": ({ key, found, choices, suggestion }) => ({
    text: `${quote(key)} attend ${formatNames(choices)} : trouvé ${
      quote(found)
    }`,
    advice: didYouMean(suggestion),
  }),
  "bad-name": ({ name, reason, other }) => ({
    text: `${quote(name)} ne peut pas être le nom d'un service : ${
      NAME[reason]
    }`,
    advice: other === undefined
      ? "choisissez un autre nom ; « label » peut être n'importe quel texte"
      : `l'autre est ${quote(other)}`,
  }),
  "needs-port": ({ check }) => ({
    text: `la vérification ${
      quote(check)
    } demande un port, et ce service n'en a pas`,
    advice: "ajoutez port = …, ou vérifiez par log ou command",
  }),
  "no-services": () => ({
    text: "il n'y a aucun service dans ce fichier",
    advice: "ajoutez une table comme [services.api] avec une command",
  }),
};

/** The French messages. */
export const details: Details = {
  config: {
    issue: ISSUES,
    more: (count) =>
      count === 1 ? "et 1 autre" : `et ${formatCount(count, " ")} autres`,
    worksAllTheSame: (count) =>
      count === 1
        ? "ce qui tourne est trouvé quand même"
        : `la première de ${
          formatCount(count, " ")
        } erreurs, devsvc check les montre ; ce qui tourne est trouvé quand même`,
    nothingStarted: (file, count) =>
      `${formatCount(count, " ")} ${
        count === 1 ? "erreur" : "erreurs"
      } dans ${file} : rien n'a été démarré.`,
    noConfig: {
      hazard: (path: string, reason: WindowsHazard) =>
        `--config est ${
          WINDOWS_PATH[reason]
        } : ${path}. Écrivez un chemin sur un lecteur de cette machine.`,
      foreign: (file: string, owner: string) =>
        `${file} appartient à l'utilisateur ${owner} et ne sert donc pas depuis un dossier plus bas : lancez devsvc dans son propre dossier, ou nommez-le avec --config.`,
      notFound: "Il n'y a pas de services.toml.",
      searched: "Cherché dans :",
      example: "Un services.toml ressemble à ceci :",
    },
  },
  why: {
    reasons: {
      free: "Rien n'en tourne, et son port est libre",
      running: "Son processus vit, son port est bien le sien, il répond bien",
      started:
        "Il a été démarré, et n'a ni port ni vérification : rien ne prouve qu'il est prêt",
      starting: "Son processus vit, mais il n'est pas encore prêt",
      unhealthy: "Son processus vit, mais il ne fait pas son travail",
      suspended:
        "Son processus est suspendu (SIGSTOP, Ctrl-Z) : il ne fait rien avant SIGCONT",
      untracked:
        "Son port est tenu par un processus de ce projet que devsvc n'a pas démarré",
      foreign: "Son port est tenu par un programme étranger au projet",
      container: "Son port est tenu par un conteneur",
      hidden:
        "Son port est tenu par quelqu'un dont vous ne voyez pas les processus",
      connected:
        "Personne n'écoute sur son port, mais un programme y a un bout de connexion",
      closing:
        "Personne n'écoute sur son port ; le système le garde une minute après sa dernière connexion (TIME_WAIT), et start attend jusque-là",
      restarting: "Une commande le redémarre en ce moment",
      stopping: "Une commande l'arrête en ce moment",
      reserved: "Le système ne donne pas son port à un programme comme lui",
      orphan:
        "Son premier processus a disparu, mais des processus qu'il a laissés tournent encore",
      duplicate: "Il a été démarré plus d'une fois, et tout cela tourne",
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
    notChecked: (check) =>
      `${check} : pas lancée ici, seulement au démarrage et sous surveillance`,
    dependsOn: (label, state) => `Il dépend de ${label} : ${state}`,
    waitsFor: (label, state) => `Il attend ${label} : ${state}`,
    needs: (label, state) =>
      `Il lui faut ${label} : ${state} ; devsvc start le démarre d'abord`,
    blockedBy: (label, state, name) =>
      `Il ne peut pas démarrer avant ${label} : ${state} ; voir devsvc why ${name}`,
    toStart: (name) => `devsvc start ${name} le démarre`,
    toProve:
      "pour que ce soit prouvé, donnez ready.log ou ready.command dans services.toml",
    toFollow: (name) => `devsvc logs -f ${name} montre ce qu'il écrit`,
  },
  init: {
    file: {
      head: [
        "Écrit par devsvc init d'après ce qu'il a trouvé ici : changez ce que vous voulez.",
        "devsvc check dit qui tient les ports, devsvc start démarre, devsvc stop arrête.",
      ],
      understoodFrom: (place, text) =>
        text === ""
          ? `Compris d'après ${place}`
          : `Compris d'après ${place} : ${text}`,
      usualPort: "le port habituel",
      movedPort: (from) => `l'habituel, ${from}, est celui d'un autre service`,
      sharedPort: (port, place) =>
        `Il écoute sur ${port} (${place}), qui est le port d'un autre service : changez l'un des deux, puis écrivez port = … ici`,
      noPort: "Aucun port trouvé : s'il en écoute un, écrivez port = …",
      envFile: (file) => `lui donne les variables de ${file}`,
      compose: (place, names, numbers) =>
        `${place} contient ${names.join(", ")}${
          ports(numbers)
        } : devsvc ne lance pas de conteneurs, docker compose up -d le fait`,
    },
    found: (count, folder) =>
      `${count} ${
        count < 2 ? "service trouvé" : "services trouvés"
      } dans ${folder}`,
    port: (port) => `port ${port}`,
    noPort: "aucun port trouvé",
    inFolder: (folder) => `dans ${folder}`,
    moved: (from) => `au lieu de ${from}, qui est à un autre service`,
    shared: (label, port) =>
      `${label} écoute sur le port ${port}, et un autre service aussi : un seul le peut. Changez l'un des deux dans le projet, puis dans services.toml`,
    nothing: [
      "Aucun service trouvé. Cherché :",
      "  start.bat, run.bat, dev.bat     des fenêtres start qui lancent quelque chose",
      "  Procfile, Procfile.dev          nom: commande",
      "  FastAPI                         app = FastAPI() dans main.py, app.py, …",
      "  Flask                           app = Flask(…) dans app.py, wsgi.py, …",
      "  Django                          manage.py",
      "  Vite, Next.js, scripts npm      package.json avec dev, serve ou start",
      "  Deno                            deno.json avec une tâche dev, start ou serve",
    ],
    looked: (folders, root) =>
      `dans ${folders} ${
        folders < 2 ? "dossier" : "dossiers"
      } à partir de ${root}, sur trois niveaux`,
    byHand: "Écrivez services.toml à la main, par exemple :",
    written: (file) => `${file} écrit`,
    kept: (file, as) => `l'ancien ${file} est gardé sous ${as}`,
    unchanged: (file) => `${file} est déjà ainsi`,
    next: "Relisez services.toml, puis : devsvc start",
    replace: (files) => `Déjà là : ${files.join(", ")}. Remplacer ?`,
    answers: { yes: "Oui", no: "Non" },
    inTheWay: (files) =>
      `Déjà là : ${
        files.join(", ")
      }. Rien n'a été écrit. Pour remplacer : devsvc init --force ; pour voir d'abord : devsvc init --dry-run`,
    oldInTheWay: (file, old) =>
      `Impossible de garder l'ancien ${file} sous ${old}, qui est déjà là : déplacez-le. Rien n'a été écrit.`,
    cancelled: "Annulé : rien n'a été écrit.",
    wrongName: (name) =>
      `init écrit un fichier appelé services.toml, pas ${name} : utilisez --dry-run et écrivez-le où vous voulez`,
    notPlain: (file) =>
      `${file} est un lien, ou n'est pas un fichier ordinaire : supprimez-le, ou écrivez ce fichier à la main. Rien n'a été écrit`,
    notWritten: (file, reason) =>
      `Impossible d'écrire ${file} : ${reason}. init n'écrit que dans le dossier où il est appelé`,
  },
};
