/** The variables of a process. */
export type Environment = Readonly<Record<string, string>>;

/**
 * Variables that differ between two terminals, or two calls in one, and mean
 * nothing to a service: those of shells, terminals, sessions, editors and task
 * runners.
 */
const IGNORED_NAMES: ReadonlySet<string> = new Set([
  ..."_ SHLVL PWD OLDPWD COLUMNS LINES TERM COLORTERM NO_COLOR FORCE_COLOR"
    .split(" "),
  ..."PS1 PS2 PROMPT PROMPT_COMMAND HISTFILE HISTSIZE WINDOWID DISPLAY STY"
    .split(" "),
  ..."LS_COLORS LESS PAGER LESSOPEN LESSCLOSE INIT_CWD MAIL LOGNAME".split(" "),
  ..."INVOCATION_ID JOURNAL_STREAM MANAGERPID SYSTEMD_EXEC_PID".split(" "),
]);

const IGNORED_PREFIXES: readonly string[] = [
  ..."DEVSVC_ TERM_ TMUX SSH_ XDG_ DBUS_ VTE_ WT_ KITTY_ ALACRITTY_".split(" "),
  ..."WEZTERM_ ITERM_ KONSOLE_ GNOME_ VSCODE_ GIT_ npm_ NPM_ DENO_".split(" "),
];

/** Set by Deno beside the folder of its own `node` in PATH. */
const SHIM_ACTIVE = "DENO_NODE_SHIM_ACTIVE";

/** The last part of the folder of that `node`. */
const SHIM_FOLDER = /[\\/]node_compat_bin[\\/]?$/;

/**
 * Takes out what Deno adds to its own environment where PATH has no Node: a
 * `node` that is Deno (libs/node_shim in https://github.com/denoland/deno).
 *
 * @param separator Between two folders of PATH.
 */
export function withoutNodeShim(
  env: Environment,
  separator: ":" | ";",
): Environment {
  const entries = Object.entries(env);
  const is = (name: string) => ([key]: readonly [string, string]) =>
    key.toUpperCase() === name;
  if (!entries.some(is(SHIM_ACTIVE))) return env;
  const isPath = is("PATH");
  return Object.fromEntries(
    entries.filter((entry) => !is(SHIM_ACTIVE)(entry)).map((entry) => {
      if (!isPath(entry)) return entry;
      const [name, value] = entry;
      const folders = value.split(separator)
        .filter((folder) => !SHIM_FOLDER.test(folder));
      return [name, folders.join(separator)];
    }),
  );
}

/**
 * Names the variables that differ between the environment that a service was
 * started with and the one that it would get now: sorted, without the values.
 */
export function changedNames(
  before: Environment,
  now: Environment,
): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((name) => !isIgnored(name) && before[name] !== now[name])
    .sort();
}

function isIgnored(name: string): boolean {
  return IGNORED_NAMES.has(name) ||
    IGNORED_PREFIXES.some((prefix) => name.startsWith(prefix));
}
