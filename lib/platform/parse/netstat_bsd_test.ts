import { deepStrictEqual } from "node:assert/strict";
import { assertSurvivesDamage } from "../../../tests/kit/damage.ts";
import { parseClosingPorts } from "./netstat_bsd.ts";

const TEXT = `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4       0      0  127.0.0.1.8000         127.0.0.1.52210        TIME_WAIT
tcp4       0      0  127.0.0.1.8000         127.0.0.1.52211        FIN_WAIT_2
tcp4       0      0  127.0.0.1.8001         127.0.0.1.52212        TIME_WAIT
tcp4       0      0  *.8001                 *.*                    LISTEN
tcp4       0      0  127.0.0.1.8002         127.0.0.1.52213        ESTABLISHED
tcp6       0      0  ::1.8003               ::1.52214              TIME_WAIT
udp4       0      0  *.8004                 *.*
`;

Deno.test("parseClosingPorts() finds ports with closed connections alone", () => {
  deepStrictEqual([...parseClosingPorts(TEXT)], [8000, 8003]);
  deepStrictEqual([...parseClosingPorts("")], []);
});

Deno.test("parseClosingPorts() survives damage", () => {
  assertSurvivesDamage([TEXT], (text) => [...parseClosingPorts(text)]);
});
