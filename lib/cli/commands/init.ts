/** `devsvc init`: writes services.toml from what it finds in the project. */

import { CONFIG_NAME } from "../../config/locate.ts";
import { basename, dirname, join, resolve } from "../../core/path.ts";
import {
  initJson,
  initReport,
  type InitResult,
  nothingFound,
} from "../../report/init_report.ts";
import {
  type Details,
  loadDetails,
} from "../../report/messages/load_messages.ts";
import { markOf } from "../../report/style.ts";
import type { View } from "../../report/view.ts";
import {
  batchFiles,
  type InitFile,
  InitFileError,
  type PlacedFile,
  placeFiles,
  writeInitFile,
} from "./_init_files.ts";
import type { CliContext } from "../cli_context.ts";
import {
  type Command,
  type CommonFlags,
  commonFlags,
  defineCommand,
} from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { relocate } from "../relocate.ts";

/** The flags of `devsvc init`. */
interface InitFlags extends CommonFlags {
  /** Print services.toml, and write nothing. */
  readonly dryRun: boolean;
  /** Replace files that are there, without asking. */
  readonly force: boolean;
  /** Leave `start.bat` and `stop.bat`, too, which call devsvc. */
  readonly batch: boolean;
}

/** What not every call needs. */
const load = {
  /** Most of the modules: the help, which loads all commands, does without. */
  detection: () =>
    Promise.all([
      import("../../init/detect/detect.ts"),
      import("../../init/detect/folder_tree.ts"),
      import("../../init/plan_file.ts"),
      import("../../init/render.ts"),
    ]),
  /** Where files are to be replaced. */
  prompts: () => import("@clack/prompts"),
  /** For errors with `--json`. */
  json: () => import("../../report/json.ts"),
};

/** What the functions below share. */
interface Call {
  readonly context: CliContext;
  readonly flags: InitFlags;
  readonly root: string;
  readonly texts: Details["init"];
  readonly view: View;
}

/** Defines `devsvc init`. */
export const init: Command = defineCommand<InitFlags, []>({
  brief: {
    en: "Writes services.toml from what it finds in the project",
    fr: "Écrit services.toml d'après ce qu'il trouve dans le projet",
  },
  parameters: (cli) => ({
    flags: {
      ...commonFlags(cli),
      dryRun: { kind: "boolean", brief: cli.initDryRun, default: false },
      force: { kind: "boolean", brief: cli.initForce, default: false },
      batch: { kind: "boolean", brief: cli.batch, default: false },
    },
  }),
  action: writeConfig,
});

async function writeConfig(
  context: CliContext,
  flags: InitFlags,
): Promise<number> {
  const file = flags.config === undefined
    ? join(context.cwd, CONFIG_NAME)
    : resolve(context.cwd, flags.config);
  const call: Call = {
    context,
    flags,
    root: dirname(file),
    texts: (await loadDetails(context.textLanguage)).init,
    view: {
      messages: context.messages,
      language: context.textLanguage,
      style: context.terminal.style,
    },
  };
  if (basename(file) !== CONFIG_NAME) {
    const text = call.texts.wrongName(basename(file));
    return await refuse(call, text, EXIT.usage);
  }
  const elsewhere = flags.dryRun ? undefined : await relocate(file, context);
  return elsewhere ?? await run(call);
}

async function run(call: Call): Promise<number> {
  const { context, flags, root, texts, view } = call;
  const [{ detect }, { openTree }, { planFile }, { renderFile }] = await load
    .detection();
  const tree = openTree(root);
  const plan = planFile(tree, detect(tree));
  const base = {
    dryRun: flags.dryRun,
    file: join(root, CONFIG_NAME),
    plan,
    written: [],
    inTheWay: [],
  };
  if (plan.services.length === 0) {
    if (flags.json) printJson(call, { ...base, code: EXIT.failed });
    const lines = nothingFound(root, tree.folders.length, texts);
    context.terminal.writeError(lines.join("\n") + "\n");
    return EXIT.failed;
  }
  const text = renderFile(plan, texts.file, context.language);
  const result = { ...base, text };
  const report = initReport(plan, root, texts, view).join("\n") + "\n";
  if (flags.dryRun) {
    // Standard output is the file alone, so that it can be redirected.
    if (flags.json) printJson(call, { ...result, code: EXIT.ok });
    else {
      context.terminal.writeError(report);
      context.terminal.write(text);
    }
    return EXIT.ok;
  }
  if (!flags.json) context.terminal.write(report);
  return await write(call, result);
}

async function write(
  call: Call,
  result: Omit<InitResult, "code">,
): Promise<number> {
  const { root, flags, texts } = call;
  const files: readonly InitFile[] = [
    { name: CONFIG_NAME, text: result.text ?? "" },
    ...(flags.batch ? batchFiles() : []),
  ];
  const placed = await placeFiles(root, files);
  const notPlain = placed.find(({ state }) => state === "not-plain");
  if (notPlain) {
    const text = texts.notPlain(notPlain.name);
    return await refuse(call, text, EXIT.usage);
  }
  const others = placed.filter(({ state }) => state === "other");
  const inTheWay = others.map(({ name }) => name);
  const stuck = others.find(({ isKeptTaken }) => isKeptTaken);
  if (stuck) {
    const text = texts.oldInTheWay(stuck.name, stuck.keptAs ?? "");
    if (flags.json) {
      printJson(call, { ...result, inTheWay, code: EXIT.conflict });
    }
    return fail(call, text, EXIT.conflict);
  }
  const code = others.length === 0 || flags.force
    ? EXIT.ok
    : await askToReplace(call, inTheWay);
  if (code !== EXIT.ok) {
    if (flags.json) printJson(call, { ...result, inTheWay, code });
    const text = code === EXIT.cancelled
      ? texts.cancelled
      : texts.inTheWay(inTheWay);
    return fail(call, text, code);
  }
  return await writeAll(call, placed, result);
}

/** The question needs a terminal; elsewhere it counts as a conflict. */
async function askToReplace(
  { context, flags, texts }: Call,
  names: readonly string[],
): Promise<number> {
  if (!context.terminal.isInteractive || flags.json) return EXIT.conflict;
  const { confirm, isCancel } = await load.prompts();
  const answer = await confirm({
    message: texts.replace(names),
    active: texts.answers.yes,
    inactive: texts.answers.no,
    initialValue: false,
  });
  return isCancel(answer) || !answer ? EXIT.cancelled : EXIT.ok;
}

async function writeAll(
  call: Call,
  placed: readonly PlacedFile[],
  result: Omit<InitResult, "code">,
): Promise<number> {
  const { context, root, flags, texts, view } = call;
  const written: string[] = [];
  const lines: string[] = [];
  const sign = markOf("ok", view.style);
  for (const file of placed) {
    const { name, state, keptAs } = file;
    if (state === "same") {
      lines.push(`${sign} ${texts.unchanged(name)}`);
      continue;
    }
    try {
      await writeInitFile(root, file);
    } catch (error) {
      if (!(error instanceof InitFileError)) throw error;
      const text = texts.notWritten(name, error.message);
      return await refuse(call, text, EXIT.failed);
    }
    written.push(name);
    lines.push(`${sign} ${texts.written(name)}`);
    if (state === "other" && keptAs !== undefined) {
      lines.push(`${sign} ${texts.kept(name, keptAs)}`);
    }
  }
  if (flags.json) printJson(call, { ...result, written, code: EXIT.ok });
  else context.terminal.write(["", ...lines, texts.next, ""].join("\n"));
  return EXIT.ok;
}

function printJson({ context }: Call, result: InitResult): void {
  context.terminal.write(initJson(result));
}

function fail({ context, view }: Call, text: string, code: number): number {
  const { prefix } = view.messages.errors;
  context.terminal.writeError(`${prefix} ${text}\n`);
  return code;
}

async function refuse(
  call: Call,
  text: string,
  code: number,
): Promise<number> {
  if (call.flags.json) {
    const { errorJson } = await load.json();
    const kind = code === EXIT.usage ? "usage" : "state";
    call.context.terminal.write(errorJson(kind, text, undefined));
  }
  return fail(call, text, code);
}
