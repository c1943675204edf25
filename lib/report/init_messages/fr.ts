/**
 * What `devsvc init` says and writes into services.toml, in French.
 *
 * @module
 */

import type { InitMessages } from "./en.ts";

function ports(numbers: readonly number[]): string {
  if (numbers.length === 0) return "";
  return ` (${numbers.length === 1 ? "port" : "ports"} ${numbers.join(", ")})`;
}

/** The French texts. */
export const fr: InitMessages = {
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
  notWritten: (file, reason) =>
    `Impossible d'écrire ${file} : ${reason}. init n'écrit que dans le dossier où il est appelé`,
};
