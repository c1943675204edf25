/**
 * Where a holder listens, and a network that is not as usual: `check` is right
 * in each, as a Windows program too.
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { reportOf } from "../kit/report.ts";
import {
  answers,
  devsvcWords,
  LANE,
  laneFolder,
  makeLaneProject,
  RUN,
  spawnInLane,
  waitFor,
} from "./lane.ts";

const ADDRESSES = ["127.0.0.1", "0.0.0.0", "::1", "::"];

Deno.test(
  `Windows: another server on ${ADDRESSES.join(", ")} is seen`,
  LANE,
  async () => {
    await using project = makeLaneProject(
      4,
      (ports) =>
        ports.map((port, index) =>
          `[services.${"abcd"[index]}]
command = "never run"
port = ${port}
`
        ).join("\n"),
    );
    const free = reportOf(await project.run(["check", "--json"]));
    deepStrictEqual(
      free.services.map(({ state }) => state),
      ["free", "free", "free", "free"],
    );
    const holds = ADDRESSES.map((hostname, index) =>
      `Deno.listen({ hostname: "${hostname}", port: ${project.ports[index]} });`
    );
    await using otherServer = spawnInLane(
      ["deno.exe", "eval", `${holds.join("")} setInterval(() => {}, 1000)`],
      { cwd: "/" },
    );
    for (const [index, hostname] of ADDRESSES.entries()) {
      const loopback = hostname.includes(":") ? "::1" : "127.0.0.1";
      await waitFor(() => answers(project.ports[index] ?? 0, loopback));
    }

    const check = await project.run(["check", "--json"]);
    strictEqual(check.code, 1);
    const { services } = reportOf(check);
    deepStrictEqual(
      services.map(({ state, holders }) => [state, holders[0]?.addresses]),
      ADDRESSES.map((address) => ["foreign", [address]]),
    );
    strictEqual((await project.run(["start"])).code, 3);
    otherServer.kill();
  },
);

/** Its own drive C: has its own Wine server, in the network of the sandbox. */
const OWN_LANE = `
base=$(mktemp -d)
mount -t tmpfs tmpfs "$base"
mkdir "$base/upper" "$base/work"
mount -t overlay overlay \\
  -o "lowerdir=$LANE/prefix,upperdir=$base/upper,workdir=$base/work" "$LANE/prefix"
ip link set lo up
`;

const NO_IPV6 = "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6";
const NO_LOCALHOST = ': >"$base/hosts"; mount --bind "$base/hosts" /etc/hosts';

/** Ends with 7 where the change is seen by a Windows program. */
const SEES_NO_IPV6 = `try { Deno.listen({ hostname: "::1", port: 0 }); }
catch { Deno.exit(7); }`;
const SEES_NO_LOCALHOST =
  `try { await Deno.connect({ hostname: "localhost", port: 9 }); }
catch (e) { if (!(e instanceof Deno.errors.ConnectionRefused)) Deno.exit(7); }`;

for (
  const [name, change, proof] of [
    ["IPv6 is switched off", NO_IPV6, SEES_NO_IPV6],
    ["localhost has no address", NO_LOCALHOST, SEES_NO_LOCALHOST],
  ] as const
) {
  Deno.test(
    `Windows: ${name}: check, start and stop are right`,
    LANE,
    async () => {
      await using project = makeLaneProject(
        1,
        ([port = 0], server) =>
          `[services.a]
command = ${server("--port", String(port))}
port = ${port}
ready = { http = "/" }
`,
      );
      const day = ["check", "start", "check", "stop", "check"];
      const programs = [
        ["deno.exe", "eval", proof],
        ...day.map((command) => devsvcWords(command)),
      ];
      const lines = programs.map((words) =>
        `code=0; "$RUN" ${
          words.map((word) => `'${word}'`).join(" ")
        } </dev/null >>"$base/out" 2>&1 || code=$?; codes="$codes $code"`
      );
      const script = [
        "set -eu",
        OWN_LANE,
        change,
        "codes=",
        ...lines,
        '"$RUN" --stop >/dev/null 2>&1',
        'cat "$base/out"; echo "codes:$codes"',
      ].join("\n");
      const { stdout, stderr } = await new Deno.Command("unshare", {
        args: [
          ...["--mount", "--net", "--propagation", "private"],
          ...["bash", "-c", script],
        ],
        cwd: project.root,
        env: { LANE: laneFolder(), RUN },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      const said = decoder.decode(stdout) + decoder.decode(stderr);
      // The change is seen; free, started, held, stopped, free again.
      strictEqual(/codes:(.*)/.exec(said)?.[1], " 7 0 0 1 0 0", said);
    },
  );
}
