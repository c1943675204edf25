import { deepStrictEqual } from "node:assert/strict";
import { makeDiagnosis } from "../../tests/kit/builders.ts";
import { withActions } from "./under_way.ts";

Deno.test("withActions() knows no health of what a command changes just now", () => {
  const unhealthy = makeDiagnosis({ state: "unhealthy", health: "unhealthy" });
  const [restarting] = withActions(
    [unhealthy],
    new Map([[unhealthy.service.name, "restart"]]),
  );
  deepStrictEqual(restarting, {
    ...unhealthy,
    state: "restarting",
    health: "unknown",
  });
});

Deno.test("withActions() leaves the health where the state stays, too", () => {
  const unhealthy = makeDiagnosis({ state: "unhealthy", health: "unhealthy" });
  const running = makeDiagnosis({ state: "running", health: "healthy" });
  for (
    const [diagnosis, action] of [
      [unhealthy, "start"],
      [running, "restart"],
    ] as const
  ) {
    const actions = new Map([[diagnosis.service.name, action]]);
    deepStrictEqual(withActions([diagnosis], actions), [diagnosis]);
  }
  deepStrictEqual(withActions([unhealthy], new Map()), [unhealthy]);
});
