// SPDX-License-Identifier: MIT
// A comparison gives the golden miss counts of libCacheSim for every row whose policy is exact, under the table's own
// names and parameters.
import { describe, expect, it } from "vitest";
import { Trace } from "../../lib/trace.js";
import { goldenRows, groupedBy, sharedTrace } from "../support/shared.js";

const exact = "fifo lru belady clock sieve lfu arc twoq s3fifo s3fifo-2024 slru lecar".split(" ");
// With fewer frames the table's LIRS, a variant of its own, counts hits of pages that it has evicted.
const isExact = ({ policy, cache_pages }: Record<string, string>): boolean =>
  exact.includes(policy!) || (policy === "lirs" && Number(cache_pages) >= 200);

function specOf({ policy, params }: Record<string, string>): string {
  if (policy === "lirs") return "lirs:demote=1";
  return params === "default" ? policy! : `${policy}:${params}`;
}

const rows = goldenRows("conformance", "replacement", "golden.csv")
  .filter(isExact)
  .map((row): Record<string, string> => ({ ...row, spec: specOf(row) }));

const key = (spec: string, frames: number | string): string => `${spec} ${frames}`;

for (const [name, group] of groupedBy(rows, "trace")) {
  const path = sharedTrace(name);
  describe.skipIf(!path)(`a comparison on ${name}`, () => {
    it("misses as often as libCacheSim, to the last one", async () => {
      using trace = await Trace.open(path!);
      const policy = [...new Set(group.map((row) => row.spec!))];
      const frames = [...new Set(group.map((row) => row.cache_pages!))];
      const { results } = await trace.compare({ policy, frames, refs: "data" });
      const counted = new Map(results.map((row) => [key(row.policy, row.frames), row]));
      const ours = group.map(({ spec, cache_pages }) => counted.get(key(spec!, cache_pages!))!);
      expect(ours.map(({ requests, misses }) => `${requests} ${misses}`)).toEqual(
        group.map(({ requests, misses }) => `${requests} ${misses}`),
      );
    }, 600_000);

    it("takes shares of the pages as the table does", async () => {
      using trace = await Trace.open(path!);
      const { results, pages } = await trace.compare({ policy: "fifo", frames: "1%,5%,10%,25%,50%", refs: "data" });
      const asked = [...new Set(group.map((row) => Number(row.cache_pages)))];
      // The table's tiny traces have 2 where a share gives less.
      const least = pages < 200 ? 2 : 1;
      expect(results.map(({ frames }) => Math.max(least, frames))).toEqual(asked);
    });
  });
}

it.skipIf(rows.length === 0)("every exact row was compared", () => {
  expect(rows).toHaveLength(652);
});
