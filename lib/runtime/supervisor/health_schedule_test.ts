import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { makeService } from "../../../tests/kit/builders.ts";
import { HealthSchedule } from "./health_schedule.ts";

const NOBODY = () => false;

function planned(everies: Readonly<Record<string, number>>): HealthSchedule {
  const looks = new HealthSchedule();
  for (const [name, every] of Object.entries(everies)) {
    looks.plan(service(name, every), 0);
  }
  return looks;
}

function service(name: string, every: number) {
  return makeService({ name, live: { every, failures: 1, restart: false } });
}

Deno.test("a look is due when its pause is over, not sooner", () => {
  const looks = planned({ a: 200 });
  strictEqual(looks.next(NOBODY), 200);
  deepStrictEqual([...looks.due(199, NOBODY)], []);
  deepStrictEqual([...looks.due(200, NOBODY)], ["a"]);
});

Deno.test("looks that are due soon are made together", () => {
  const looks = planned({ a: 10_000, b: 10_900, c: 12_500 });
  deepStrictEqual([...looks.due(10_000, NOBODY)], ["a", "b"]);
});

Deno.test("nobody is looked at much too often because of another", () => {
  const looks = planned({ quick: 200, slow: 2_000 });
  deepStrictEqual([...looks.due(200, NOBODY)], ["quick"]);
});

Deno.test("who is busy is not waited for", () => {
  const looks = planned({ a: 200, b: 5_000 });
  const isBusy = (name: string) => name === "a";
  strictEqual(looks.next(isBusy), 5_000);
  deepStrictEqual([...looks.due(1_000, isBusy)], []);
});

Deno.test("what is no longer watched is never due", () => {
  const looks = planned({ a: 200, b: 200 });
  looks.plan(service("a", 0), 0);
  looks.drop("b");
  strictEqual(looks.next(NOBODY), Infinity);
  deepStrictEqual([...looks.due(9_999, NOBODY)], []);
});
