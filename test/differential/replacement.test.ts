// SPDX-License-Identifier: MIT
// Faults under a resident limit equal those of the naive twins, on random streams.
import { describe, expect, it } from "vitest";
import { Machine } from "../../lib/machine.js";
import { clock } from "../reference/clock.js";
import { fifo } from "../reference/fifo.js";
import { lru } from "../reference/lru.js";
import { optimum } from "../reference/optimum.js";
import { pagesOf, traceOf } from "../support/streams.js";

const twins: Record<string, (pages: readonly number[], frames: number) => number> = {
  fifo,
  lru,
  clock: (pages, frames) => clock(pages, frames),
  "clock:bits=2": (pages, frames) => clock(pages, frames, 2),
  "clock:bits=5": (pages, frames) => clock(pages, frames, 5),
};

async function faultsOf(pages: readonly number[], policy: string, residentLimit: number, seed = 0) {
  using machine = new Machine({ policy, residentLimit, seed });
  const { faults } = await machine.run(traceOf(pages));
  expect(machine.validate()).toEqual([]);
  return faults;
}

const seeds = Array.from({ length: 12 }, (_, seed) => seed);

describe.each(Object.entries(twins))("%s", (policy, twin) => {
  it.each(seeds)("has the faults of its twin on stream %d", async (seed) => {
    const pages = pagesOf(seed, 1500, 40 + seed * 10);
    for (const frames of [1, 2, 7, 30]) {
      const faults = await faultsOf(pages, policy, frames);
      expect(faults.total).toBe(twin(pages, frames));
      expect(faults.minor).toBe(new Set(pages).size);
    }
  });
});

describe("random", () => {
  it.each(seeds)("lies between the optimum and the number of references on stream %d", async (seed) => {
    const pages = pagesOf(seed, 600, 50);
    const { total, minor } = await faultsOf(pages, "random", 20, seed);
    expect(total).toBeGreaterThanOrEqual(optimum(pages, 20));
    expect(total).toBeLessThanOrEqual(pages.length);
    expect(minor).toBe(new Set(pages).size);
    expect(await faultsOf(pages, "random", 20, seed)).toMatchObject({ total });
  });

  it("chooses by its seed", async () => {
    const pages = pagesOf(0, 2000, 50);
    const totals = new Set<number>();
    for (const seed of seeds) totals.add((await faultsOf(pages, "random", 20, seed)).total);
    expect(totals.size).toBeGreaterThan(1);
  });
});
