/**
 * What devsvc says about a services.toml that is not TOML, in French.
 *
 * @module
 */

import type {
  ConfigIssue,
  SyntaxReason,
} from "../../config/errors/config_issue.ts";
import type { Explanation } from "./en.ts";

type Words = (text: string, detail: string) => Explanation;

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

const REASONS: Readonly<Record<SyntaxReason, Words>> = {
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

/** Explains a mistake of syntax. */
export function syntax(issue: ConfigIssue<"syntax">): Explanation {
  return REASONS[issue.reason](issue.text, issue.detail);
}
