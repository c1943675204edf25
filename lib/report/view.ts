/** What every report needs: the texts, their language and the screen. */

import type { Diagnosis, Language } from "../core/model.ts";
import type { Messages } from "./messages/load_messages.ts";
import type { Style } from "./style.ts";

/** The texts and the screen of a report. */
export interface View {
  /** The texts. */
  readonly messages: Messages;
  /** Their language. */
  readonly language: Language;
  /** What the screen can show. */
  readonly style: Style;
}

/** Returns the URL of a service; `undefined` if it has no port. */
export function urlOf(diagnosis: Diagnosis): string | undefined {
  const { port } = diagnosis.service;
  return port === undefined ? undefined : `http://localhost:${port}`;
}

/** Sets a label before a text, with the colon of the language. */
export function labelled(label: string, text: string, view: View): string {
  return view.language === "fr" ? `${label} : ${text}` : `${label}: ${text}`;
}
