/** All workloads, in the order of the page. */

import type { Workload } from "../_bench.ts";
import { free } from "./a_free.ts";
import { holder } from "./b_holder.ts";
import { stopOne } from "./c_stop_one.ts";
import { startAll } from "./d_start.ts";
import { stopAll } from "./e_stop.ts";
import { restartOne } from "./f_restart.ts";
import { listAll } from "./g_status.ts";
import { resident } from "./h_resident.ts";
import { logs } from "./i_logs.ts";
import { crash } from "./j_crash.ts";

/** The workloads. */
export const WORKLOADS: readonly Workload[] = [
  free,
  holder,
  stopOne,
  startAll,
  stopAll,
  restartOne,
  listAll,
  resident,
  logs,
  crash,
];
