// SPDX-License-Identifier: MIT
// Faults under a resident limit equal the golden miss counts of libCacheSim, for the policies of this table.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Machine } from "../../lib/machine.js";
import { Trace } from "../../lib/trace.js";
import { goldenRows, groupedBy, sharedTrace } from "../support/shared.js";

// The golden table's policy and parameters, and our name for them. SLRU is not among them: where the frames are no
// multiple of four it lets pages go between faults, which a machine asks of it when the next fault comes.
const policies: Record<string, string> = {
  "fifo default": "fifo",
  "lru default": "lru",
  "clock default": "clock",
  "clock n-bit-counter=2": "clock:bits=2",
  "sieve default": "sieve",
  "lfu default": "lfu",
  "arc default": "arc",
  "twoq default": "two-queue",
  "s3fifo default": "s3-fifo",
};

const rows = goldenRows("conformance", "replacement", "golden.csv")
  .map((row) => ({ ...row, ours: policies[`${row.policy} ${row.params}`] ?? "" }))
  .filter((row) => row.ours !== "");

async function faultsOf(
  trace: Trace,
  policy: string,
  residentLimit: number,
): Promise<{ faults: number; requests: number }> {
  const machine = new Machine({ policy, residentLimit, refs: "data", crossing: "first" });
  try {
    const { faults, accesses } = await machine.run(trace);
    return { faults: faults.minor + faults.major, requests: accesses.total };
  } finally {
    machine.close();
  }
}

for (const [name, group] of groupedBy(rows, "trace")) {
  const path = sharedTrace(name);
  describe.skipIf(!path)(`misses of libCacheSim for ${name}`, () => {
    let trace: Trace;
    beforeAll(async () => {
      trace = await Trace.open(path!);
    });
    afterAll(() => trace?.close());
    it.each(group.map((row) => [row.ours, Number(row.cache_pages), row] as const))(
      "%s with %d pages",
      async (policy, pages, row) => {
        const { faults, requests } = await faultsOf(trace, policy, pages);
        expect(requests).toBe(Number(row.requests));
        expect(faults).toBe(Number(row.misses));
      },
      120_000,
    );
  });
}

it.skipIf(rows.length === 0)("every row of these policies was read", () => {
  expect(rows).toHaveLength(438);
});
