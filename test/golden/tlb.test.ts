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

const walkReference = goldenRows("conformance", "tlb", "golden.csv");
const drmemtrace = goldenRows("conformance", "tlb-drmemtrace", "golden.csv");

// Runs `check` on every row of a table, each trace opened once.
function eachRow(rows: Row[], title: (row: Row) => string, check: (trace: Trace, row: Row) => Promise<void>): void {
  for (const [name, group] of groupedBy(rows, "trace")) {
    const path = sharedTrace(name);
    describe.skipIf(!path)(name, () => {
      let trace: Trace;
      beforeAll(async () => {
        trace = await Trace.open(path!);
      });
      afterAll(() => trace?.close());
      it.each(group.map((row) => [title(row), row] as const))("%s", (_title, row) => check(trace, row), 120_000);
    });
  }
}

describe.skipIf(walkReference.length === 0)("counts of the plain reference", () => {
  const title = (row: Row): string =>
    `${row.lines} lines, ${row.l1i} ${row.l1d} ${row.l2}, psc ${row.pml4e} ${row.pdpte} ${row.pde}`;
  eachRow(walkReference, title, async (trace, row) => {
    const tlb = `l1i=${row.l1i},l1d=${row.l1d},l2=${row.l2}`;
    const psc = `pml4e=${row.pml4e},pdpte=${row.pdpte},pde=${row.pde}`;
    const result = await replay(trace, { tlb, psc }, Number(row.lines));
    expect(counted(result)).toMatchObject(expected(row));
  });
});

describe.skipIf(drmemtrace.length === 0)("counts of drmemtrace's TLB simulator", () => {
  const title = (row: Row): string => `${row.page} pages, ${row.l1i} ${row.l1d} ${row.l2}, ${row.replacement}`;
  eachRow(drmemtrace, title, async (trace, row) => {
    const geometry = (name: string): string => row[name]!.replace("/", "x");
    const result = await replay(trace, {
      tlb: `l1i=${geometry("l1i")},l1d=${geometry("l1d")},l2=${geometry("l2")}`,
      tlbPolicy: row.replacement!.toLowerCase() as "lru" | "fifo",
      pageSize: row.page as "4KiB" | "2MiB",
      modify: "twice",
    });
    expect(counted(result)).toMatchObject(expected(row));
  });
});
