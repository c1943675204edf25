/**
 * Coverage of the programs that tests start.
 *
 * `deno test --coverage` hands its folder to every process below it, by
 * `DENO_COVERAGE_DIR`, and each run of devsvc writes some ninety files there.
 * Most tests run devsvc for what others have shown already: those write none.
 */

const VARIABLE = "DENO_COVERAGE_DIR";

/** Where the folder is kept from children: test files share an environment. */
const KEPT = "DEVSVC_COVERAGE_DIR";

const inherited = Deno.env.get(VARIABLE);
if (inherited !== undefined) {
  Deno.env.set(KEPT, inherited);
  Deno.env.delete(VARIABLE);
}

/** The folder that coverage is collected in, if it is collected. */
export const COVERAGE_FOLDER: string | undefined = Deno.env.get(KEPT) ||
  undefined;

/** The environment of a program that is to write coverage. */
export const COVERED: Readonly<Record<string, string>> =
  COVERAGE_FOLDER === undefined ? {} : { [VARIABLE]: COVERAGE_FOLDER };

/** Whether devsvc writes coverage in the test file that runs. */
export const IS_COVERED_FILE: boolean = /\/tests\/e2e\//.test(Deno.mainModule);
