// SPDX-License-Identifier: MIT
// Every outcome and every changed entry equals what a full-system emulator was observed to do, whatever is cached.
import { describe, expect, it } from "vitest";
import { type Caches, Replay } from "../support/paging-replay.js";
import { vectorFamilies, vectorsOf } from "../support/paging-vectors.js";

const tiny = { entries: 1, ways: 1 };
const settings: [string, Caches][] = [
  ["without TLBs and structure caches", { tlb: "none", psc: "none" }],
  [
    "with TLBs and structure caches of one or two entries",
    {
      tlb: { l1i: tiny, l1d: tiny, l2: 4, "l1i.2MiB": 1, "l1d.2MiB": 1, "l1d.1GiB": 1, "l2.2MiB": 2, "l2.1GiB": 1 },
      psc: { pml4e: 1, pdpte: 1, pde: 2 },
    },
  ],
  ["with those of a processor", { tlb: "intel-skylake-sp" }],
];

const families = vectorFamilies();
const cases = (families ?? []).map((family) => ({ ...family, vectors: vectorsOf(family.name) }));

for (const [title, caches] of settings) {
  describe.skipIf(!families)(`outcomes ${title}`, () => {
    const replay = new Replay(caches);
    it.each(cases)("$name: all $cases cases", ({ vectors, cases: count, accesses }) => {
      const before = replay.accesses;
      const problems = vectors.flatMap((vector) => replay.run(vector));
      expect(problems.slice(0, 10)).toEqual([]);
      expect([vectors.length, replay.accesses - before]).toEqual([count, accesses]);
    });
  });
}

it.skipIf(!families)("all 24 families were read", () => {
  expect(cases.length).toBe(24);
});
