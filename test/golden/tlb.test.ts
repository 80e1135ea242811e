// SPDX-License-Identifier: MIT
// TLB hits and misses, walks and their references equal every golden row of two independent simulators.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Machine } from "../../lib/machine.js";
import type { MachineOptions } from "../../lib/options/types.js";
import type { RunResult } from "../../lib/result.js";
import { Trace } from "../../lib/trace.js";
import { goldenRows, groupedBy, sharedTrace } from "../support/shared.js";

type Row = Record<string, string>;

// The counters of a result under the golden table's column names.
function counted({ tlb, walks, trace }: RunResult): Record<string, number> {
  return {
    fetches: trace.fetches,
    loads: trace.loads,
    stores: trace.stores,
    modifies: trace.modifies,
    crossing: trace.crossing,
    l1i_hits: tlb.l1i.hits,
    l1i_misses: tlb.l1i.misses,
    l1d_hits: tlb.l1d.hits,
    l1d_misses: tlb.l1d.misses,
    l2_hits: tlb.l2.hits,
    l2_misses: tlb.l2.misses,
    walks: walks.total,
    walks_fetch: walks.fetch,
    references: walks.references,
  };
}

function expected(row: Row): Record<string, number> {
  const names = Object.keys(row).filter((name) => /_(hits|misses)$|^walks|^references$|s$|^crossing$/.test(name));
  return Object.fromEntries(names.filter((name) => name !== "lines").map((name) => [name, Number(row[name])]));
}

async function replay(trace: Trace, options: MachineOptions, limit?: number): Promise<RunResult> {
  const machine = new Machine(options);
  try {
    return await machine.run(trace, limit === undefined ? {} : { limit });
  } finally {
    machine.close();
  }
}

interface Question {
  title: string;
  options: MachineOptions;
  limit?: number;
}

const fromReference = (row: Row): Question => ({
  title: `${row.lines} lines, ${row.l1i} ${row.l1d} ${row.l2}, psc ${row.pml4e} ${row.pdpte} ${row.pde}`,
  options: {
    tlb: `l1i=${row.l1i},l1d=${row.l1d},l2=${row.l2}`,
    psc: `pml4e=${row.pml4e},pdpte=${row.pdpte},pde=${row.pde}`,
  },
  limit: Number(row.lines),
});

const geometry = (row: Row, name: string): string => `${name}=${row[name]!.replace("/", "x")}`;

const fromDrmemtrace = (row: Row): Question => ({
  title: `${row.page} pages, ${row.l1i} ${row.l1d} ${row.l2}, ${row.replacement}`,
  options: {
    tlb: ["l1i", "l1d", "l2"].map((name) => geometry(row, name)).join(","),
    tlbPolicy: row.replacement === "FIFO" ? "fifo" : "lru",
    pageSize: row.page === "2MiB" ? "2MiB" : "4KiB",
    modify: "twice",
  },
});

const tables: [string, Row[], (row: Row) => Question][] = [
  ["the plain reference", goldenRows("conformance", "tlb", "golden.csv"), fromReference],
  ["drmemtrace's TLB simulator", goldenRows("conformance", "tlb-drmemtrace", "golden.csv"), fromDrmemtrace],
];

for (const [source, rows, ask] of tables) {
  for (const [name, group] of groupedBy(rows, "trace")) {
    const path = sharedTrace(name);
    describe.skipIf(!path)(`counts of ${source} for ${name}`, () => {
      let trace: Trace;
      beforeAll(async () => {
        trace = await Trace.open(path!);
      });
      afterAll(() => trace?.close());
      const cases = group.map((row) => ({ ...ask(row), golden: expected(row) }));
      it.each(cases)(
        "$title",
        async ({ options, limit, golden }) => {
          expect(counted(await replay(trace, options, limit))).toMatchObject(golden);
        },
        120_000,
      );
    });
  }
}

it.skipIf(tables.some(([, rows]) => rows.length === 0))("every golden table was read", () => {
  expect(tables.map(([, rows]) => rows.length)).toEqual([54, 50]);
});
