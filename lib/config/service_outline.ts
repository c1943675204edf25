/**
 * The names, labels and language of services.toml, without a check of the rest. It serves where an error would be in the way: while the
 * user still types, and after the end of a command.
 */

import { parse } from "smol-toml";
import { type Language, LANGUAGES } from "../core/model.ts";
import { readText } from "./_read_text.ts";
import { isTable } from "./toml.ts";
import { SERVICE_NAME } from "../core/service_name.ts";

/** The part of a services.toml that can be read without checks. */
export interface ServiceOutline {
  /** The language that it asks for. */
  readonly language?: Language;
  /** The labels of its services by their names, in the order of the file. */
  readonly labels: ReadonlyMap<string, string>;
}

/**
 * Reads the names of the services, whatever else the file says.
 *
 * @param file The file, absolute.
 * @returns What could be read of it; names that no service may have are left
 * out, for they would be typed into a shell.
 */
export function readServiceNames(file: string): ServiceOutline {
  const reading = readText(file);
  const table = reading.ok ? parseLeniently(reading.text) : undefined;
  if (!isTable(table)) return { labels: new Map() };
  const language = LANGUAGES.find((name) => name === table["language"]);
  const services = isTable(table["services"]) ? table["services"] : {};
  return {
    ...(language ? { language } : {}),
    labels: new Map(
      Object.entries(services)
        .filter(([name]) => SERVICE_NAME.test(name))
        .map(([name, service]) => [name, labelOf(name, service)]),
    ),
  };
}

function parseLeniently(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function labelOf(name: string, service: unknown): string {
  const label = isTable(service) ? service["label"] : undefined;
  return typeof label === "string" ? label : name;
}
