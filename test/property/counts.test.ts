// SPDX-License-Identifier: MIT
// Laws that hold for every run, and those that the literature gives to policies.
import { describe, expect, it } from "vitest";
import { Machine, type MachineOptions, policies } from "../../lib/index.js";
import { Trace } from "../../lib/trace.js";
import { chance, pagesOf, traceOf } from "../support/streams.js";

async function faultsOf(pages: readonly number[], policy: string, residentLimit: number): Promise<number> {
  using machine = new Machine({ policy, residentLimit });
  return (await machine.run(traceOf(pages))).faults.total;
}

/** Accesses of every kind and size at random places of some pages. */
function mixed(seed: number): Trace {
  const next = chance(seed);
  const length = 5000;
  const addresses = Float64Array.from({ length }, () => Math.floor(next() * next() * 400 * 4096));
  const kinds = Uint8Array.from({ length }, () => Math.floor(next() * 4));
  const sizes = Uint32Array.from({ length }, () => 1 + Math.floor(next() * 600));
  return Trace.fromAddresses(addresses, { kinds, sizes });
}

const shapes: MachineOptions[] = [
  {},
  { residentLimit: 20 },
  { residentLimit: 90, policy: "clock", observe: "hardware" },
  { residentLimit: 50, policy: "random", modify: "twice", tlbPolicy: "srrip" },
  { pageSize: "2MiB", tlbPolicy: "tree-plru" },
  { tlb: "l1i=4x2,l1d=4x4,l2=6x3", psc: "pml4e=0,pdpte=0,pde=0", residentLimit: 30, policy: "fifo" },
];

describe.each(shapes)("with %j", (options) => {
  it.each([1, 2, 3])("the counters of run %d agree with each other", async (seed) => {
    using machine = new Machine(options);
    const { tlb, walks, faults, accesses, replacement, memory } = await machine.run(mixed(seed));
    const { l1i, l1d, l2 } = tlb as Record<"l1i" | "l1d" | "l2", { hits: number; misses: number }>;
    expect(l1i.hits + l1i.misses + l1d.hits + l1d.misses).toBeGreaterThanOrEqual(accesses.total);
    expect(l2.hits + l2.misses).toBe(l1i.misses + l1d.misses);
    expect(walks.total).toBe(l2.misses);
    expect(Math.min(l1i.hits, l1d.hits)).toBeGreaterThan(0);
    expect(walks.fetch).toBeLessThanOrEqual(walks.total);
    expect(walks.references).toBeGreaterThanOrEqual(walks.total);
    expect(walks.references).toBeLessThanOrEqual(4 * walks.total);
    expect(faults.total).toBe(faults.minor + faults.major + faults.protection);
    expect(walks.faulted).toBe(faults.total);
    expect(faults.minor + faults.major - replacement.evictions).toBe(memory.residentPages);
    expect(replacement.writebacks).toBeLessThanOrEqual(replacement.evictions);
    expect(memory.residentPages).toBeLessThanOrEqual(memory.peakResidentPages);
    expect(machine.validate()).toEqual([]);
  });
});

// Those that know the future need a stream that is held in memory; a machine refuses them.
const livePolicies = policies()
  .filter(({ family }) => family !== "bound")
  .map(({ name }) => name);

describe("policies", () => {
  it.each([0, 1, 2, 3, 4])("LRU is a stack algorithm: more frames never mean more faults (stream %d)", async (seed) => {
    const pages = pagesOf(seed, 2000, 60);
    let before = Number.POSITIVE_INFINITY;
    for (let frames = 1; frames <= 64; frames += 3) {
      const faults = await faultsOf(pages, "lru", frames);
      expect(faults).toBeLessThanOrEqual(before);
      before = faults;
    }
    expect(before).toBe(new Set(pages).size);
  });

  it("FIFO shows Belady's anomaly on Belady's string", async () => {
    const pages = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5];
    expect(await faultsOf(pages, "fifo", 3)).toBe(9);
    expect(await faultsOf(pages, "fifo", 4)).toBe(10);
    expect(await faultsOf(pages, "lru", 3)).toBe(10);
    expect(await faultsOf(pages, "lru", 4)).toBe(8);
  });

  it.each(livePolicies)("%s faults once a page where all of them fit", async (policy) => {
    const pages = pagesOf(1, 2000, 60);
    expect(await faultsOf(pages, policy, 60)).toBe(new Set(pages).size);
  });
});
