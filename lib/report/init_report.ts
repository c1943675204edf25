/** The result of `devsvc init`, for people and for programs. */

import { placeOf, quoteOf } from "../init/render.ts";
import type { PlannedFile, PlannedService } from "../init/plan_file.ts";
import { EXAMPLE_CONFIG } from "./config_report.ts";
import { printable } from "../core/printable.ts";
import type { Details } from "./messages/load_messages.ts";
import { JSON_VERSION } from "./json.ts";
import { markOf } from "./style.ts";
import type { View } from "./view.ts";

/** Writes what was found, one line a service. */
export function initReport(
  file: PlannedFile,
  root: string,
  texts: Details["init"],
  view: View,
): readonly string[] {
  const found = texts.found(file.services.length, printable(root));
  return [
    `${markOf("search", view.style)} ${found}`,
    ...file.services.map((service) =>
      `${markOf(service.sharedPort ? "warn" : "ok", view.style)} ${
        lineOf(service, texts, view)
      }`
    ),
    ...file.services.flatMap(({ label, sharedPort }) =>
      sharedPort
        ? [
          `${markOf("warn", view.style)} ${
            printable(texts.shared(label, sharedPort.value))
          }`,
        ]
        : []
    ),
    ...file.composeServices.map(({ from, names, ports }) =>
      `${markOf("search", view.style)} ${
        printable(texts.file.compose(placeOf(from), names, ports))
      }`
    ),
  ];
}

function lineOf(
  { label, cwd, port, evidence: [evidence] }: PlannedService,
  texts: Details["init"],
  view: View,
): string {
  const quote = evidence ? quoteOf(evidence) : "";
  const moved = port?.movedFrom;
  const parts = [
    (port ? texts.port(port.value) : texts.noPort) +
    (moved === undefined ? "" : ` ${texts.moved(moved)}`),
    ...(cwd === "" ? [] : [texts.inFolder(cwd)]),
    quote === "" ? placeOf(evidence) : `${placeOf(evidence)} (${quote})`,
  ];
  const colon = view.language === "fr" ? " :" : ":";
  return printable(`${label}${colon} ${parts.join(" · ")}`);
}

/** Says what was searched for in vain, and how to write services.toml by hand. */
export function nothingFound(
  root: string,
  folders: number,
  texts: Details["init"],
): readonly string[] {
  return [
    ...texts.nothing,
    texts.looked(folders, printable(root)),
    "",
    texts.byHand,
    "",
    EXAMPLE_CONFIG.trimEnd().replace(/^(?=.)/gm, "    "),
  ];
}

/** The result of `devsvc init`. */
export interface InitResult {
  /** The exit code. */
  readonly code: number;
  /** Nothing was written because of `--dry-run`. */
  readonly dryRun: boolean;
  /** Where services.toml is or would be, absolute. */
  readonly file: string;
  /** Its content; no services where nothing was found. */
  readonly plan: PlannedFile;
  /** Its text; `undefined` where nothing was found. */
  readonly text?: string;
  /** The names of the files that were written. */
  readonly written: readonly string[];
  /** The names of the files that were there already. */
  readonly inTheWay: readonly string[];
}

/** Writes the result as one JSON document, with its newline. */
export function initJson(result: InitResult): string {
  const { plan } = result;
  return JSON.stringify(
    {
      version: JSON_VERSION,
      command: "init",
      exitCode: result.code,
      dryRun: result.dryRun,
      file: result.file,
      written: result.written,
      inTheWay: result.inTheWay,
      toml: result.text ?? null,
      services: plan.services.map((service) => ({
        name: service.name,
        label: service.label,
        cwd: service.cwd,
        command: service.command.posix,
        windowsCommand: service.command.windows,
        port: service.port?.value ?? null,
        ready: service.ready?.value ?? null,
        dependsOn: service.dependsOn.map(({ value }) => value),
        evidence: service.evidence.map(({ file, line, text }) => ({
          file,
          line: line ?? null,
          text: text ?? null,
        })),
      })),
      composeServices: plan.composeServices.map(({ from, names, ports }) => ({
        file: from.file,
        names,
        ports,
      })),
    },
    null,
    2,
  ) + "\n";
}
