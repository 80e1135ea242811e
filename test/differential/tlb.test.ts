// SPDX-License-Identifier: MIT
// Hits, misses and page-table references equal those of the naive TLBs and structure caches, on random streams.
import { expect, it } from "vitest";
import { Machine } from "../../lib/machine.js";
import { StructureCaches } from "../reference/structure-caches.js";
import { Tlb } from "../reference/tlb.js";
import { pagesOf, traceOf } from "../support/streams.js";

const geometries = [
  { l1: [1, 1], l2: [2, 1], psc: { pml4e: 0, pdpte: 0, pde: 0 } },
  { l1: [8, 4], l2: [36, 12], psc: { pml4e: 1, pdpte: 2, pde: 3 } },
  { l1: [20, 20], l2: [21, 3], psc: { pml4e: 2, pdpte: 0, pde: 8 } },
  { l1: [64, 4], l2: [1536, 12], psc: { pml4e: 2, pdpte: 4, pde: 32 } },
] as const;

const cases = geometries.flatMap((geometry) =>
  [1, 200, 70_000, 30_000_000].map((stride, seed) => ({ ...geometry, stride, seed })),
);

it.each(cases)("counts as the twins: L1 $l1, L2 $l2, pages $stride apart", async ({ l1, l2, psc, stride, seed }) => {
  const pages = pagesOf(seed, 4000, 150, stride).map((page) => page % 2 ** 34);
  const [first, second] = [new Tlb(l1[0], l1[1]), new Tlb(l2[0], l2[1])];
  const caches = new StructureCaches(psc);
  let references = 0;
  for (const page of pages) {
    if (first.lookup(page)) continue;
    if (!second.lookup(page)) {
      references += caches.walk(page);
      second.fill(page);
    }
    first.fill(page);
  }
  using machine = new Machine({
    tlb: `l1d=${l1.join("x")},l2=${l2.join("x")}`,
    psc: `pml4e=${psc.pml4e},pdpte=${psc.pdpte},pde=${psc.pde}`,
  });
  const { tlb, walks } = await machine.run(traceOf(pages));
  expect(tlb.l1d).toMatchObject({ hits: first.hits, misses: first.misses });
  expect(tlb.l2).toMatchObject({ hits: second.hits, misses: second.misses });
  expect(walks).toMatchObject({ total: second.misses, references });
});
