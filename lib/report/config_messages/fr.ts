/**
 * What devsvc says about a wrong services.toml, in French.
 *
 * @module
 */

import type {
  ConfigIssue,
  ConfigPath,
  EnvLineReason,
  Expected,
  HeaderReason,
  NameReason,
  ReadFailure,
  TomlKind,
} from "../../config/errors/config_issue.ts";
import type { ConfigMessages, Explanation } from "./en.ts";
import { syntax } from "./fr_syntax.ts";

/** A value as it stands in a sentence: cut where it is long. */
function quote(value: string): string {
  const letters = Array.from(value);
  return `« ${
    letters.length > 60 ? letters.slice(0, 59).join("") + "…" : value
  } »`;
}

function list(names: readonly string[], isCut = false): string {
  return [...names, ...(isCut ? ["…"] : [])].join(", ");
}

/** `49 980`. */
function count(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, " ");
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

/** The path stands in `http` itself, or in its table. */
function httpKey(path: ConfigPath): string {
  return path.at(-1) === "path" ? "path" : "http";
}

/** `a → b → a`, or `a → b → … → a`. */
function trail(names: readonly string[], isCut = false): string {
  return [...names, ...(isCut ? ["…"] : []), names[0]].join(" → ");
}

function withAdvice(text: string, advice: string | undefined): Explanation {
  return advice === undefined ? { text } : { text, advice };
}

/** The French texts. */
export const fr: ConfigMessages = {
  issue: {
    "syntax": syntax,
    "unknown-key": ({ key, allowed, suggestion }) => ({
      text: `clé inconnue ${quote(key)}`,
      advice: didYouMean(suggestion) ??
        `les clés possibles ici sont : ${list(allowed)}`,
    }),
    "wrong-type": (issue) => {
      const { key, expected, found, value, choices } = issue;
      const takes = expected === "choice" && choices
        ? list(choices)
        : EXPECTED[expected];
      return withAdvice(
        `${quote(key)} attend ${takes} : trouvé ${value ?? FOUND[found]}`,
        rewrite(issue),
      );
    },
    "missing-key": ({ key, table }) => ({
      text: `le service ${quote(table)} n'a pas de ${quote(key)}`,
      advice: key === "command"
        ? 'écrivez ce qui est lancé : command = "npm run dev"'
        : `ajoutez ${key} = …`,
    }),
    "out-of-range": ({ key, min, max, found }) => ({
      text:
        `${key} ${found} est hors limites : un entier de ${min} à ${max} est attendu`,
    }),
    "not-a-port-text": ({ found, port }) => ({
      text: `« port » attend un nombre entier : trouvé le texte ${
        quote(found)
      }`,
      advice: `écrivez-le sans guillemets : port = ${port}`,
    }),
    "duplicate-port": ({ port, service }) => ({
      text: `le port ${port} est déjà celui du service ${quote(service)}`,
      advice: "donnez à chaque service son propre port",
    }),
    "cycle": ({ names, isCut }) => ({
      text: names.length === 1
        ? `le service ${quote(names[0] ?? "")} dépend de lui-même`
        : `des services s'attendent l'un l'autre : ${trail(names, isCut)}`,
      advice: "retirez une de ces dépendances",
    }),
    "unknown-dependency": ({ name, services, isCut, suggestion }) => ({
      text: `il n'y a pas de service ${quote(name)} dont dépendre`,
      advice: didYouMean(suggestion) ??
        (services.length === 0
          ? "il n'y a pas d'autre service dans ce fichier"
          : `les autres services sont : ${list(services, isCut)}`),
    }),
    "empty-value": ({ key }) => ({ text: `${quote(key)} est vide` }),
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
    "bad-choice": ({ key, found, choices, suggestion }) =>
      withAdvice(
        `${quote(key)} attend ${list(choices)} : trouvé ${quote(found)}`,
        didYouMean(suggestion),
      ),
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
  },
  more: (number) => number === 1 ? "et 1 autre" : `et ${count(number)} autres`,
  nothingStarted: (file, number) =>
    `${count(number)} ${
      number === 1 ? "erreur" : "erreurs"
    } dans ${file} : rien n'a été démarré.`,
  noConfig: {
    notFound: "Il n'y a pas de services.toml.",
    searched: "Cherché dans :",
    example: "Un services.toml ressemble à ceci :",
  },
};
