/** What `deno task doc` asks of the documentation of a symbol. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { type Declaration, docIssues } from "../scripts/check_docs.ts";

type Tags = NonNullable<Declaration["jsDoc"]>["tags"];

function issuesOf(doc: string, tags: Tags = []): readonly string[] {
  return docIssues("findService", {
    jsDoc: { doc, tags },
    def: {
      params: [{ name: "files", tsType: { repr: "ConfigFile" } }],
      returnType: { repr: "Service" },
    },
  });
}

for (
  const doc of [
    "Finds a service.",
    "`check` of one port.",
    "{@linkcode findService} of another file.",
    "services.toml after its check.",
    "Finds a service\nby its name.\n\nMore about it",
    "One of:\n\n- this",
    "",
  ]
) {
  Deno.test(`docIssues() accepts ${JSON.stringify(doc)}`, () => {
    deepStrictEqual(issuesOf(doc), []);
  });
}

for (const doc of ["finds a service.", "Finds a service", "Finds a\nservice"]) {
  Deno.test(`docIssues() wants a sentence, not ${JSON.stringify(doc)}`, () => {
    match(issuesOf(doc)[0] ?? "", /^not a sentence/);
  });
}

for (
  const [doc, count] of [
    ["The files.", 1],
    ["The config file.", 1],
    ["The files, absolute.", 0],
    ["Which files to read, at least one.", 0],
  ] as const
) {
  Deno.test(`docIssues() finds ${count} repetitions in @param files ${doc}`, () => {
    const tags = [{ kind: "param", name: "files", doc }];
    strictEqual(issuesOf("Finds a service.", tags).length, count);
  });
}

for (
  const [doc, count] of [
    ["The service.", 1],
    ["It.", 1],
    ["The service; `undefined` if there is none.", 0],
  ] as const
) {
  Deno.test(`docIssues() finds ${count} repetitions in @returns ${doc}`, () => {
    const tags = [{ kind: "return", doc }];
    strictEqual(issuesOf("Finds a service.", tags).length, count);
  });
}
