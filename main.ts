/**
 * devsvc: the services of a project, started, checked and stopped, once each.
 */

import { main } from "./lib/cli/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
