// SPDX-License-Identifier: MIT
// A policy fed with page numbers counts what comparisons count, and refuses what is no page number.
import { describe, expect, it } from "vitest";
import { PolicySimulation, policies, Trace } from "../../lib/index.js";
import { thrownBy } from "../support/errors.js";

/** Page numbers with reuse, from a seed. */
function randomPages(count: number, pages: number): Float64Array {
  let state = 12345;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const near = state >>> 16;
    return near % 3 === 0 ? near % pages : near % 16;
  });
}

describe("PolicySimulation", () => {
  it("counts what can be counted by hand", () => {
    const simulation = new PolicySimulation({ policy: "fifo", frames: 2 });
    const outcome = simulation
      .feed([7, 8, 9], Uint8Array.of(1, 0, 0))
      .feed([8])
      .outcome();
    expect(outcome).toEqual({
      pages: 3,
      requests: 4,
      misses: 3,
      evictions: 1,
      writebacks: 1,
      meanResident: (1 + 2 + 2 + 2) / 4,
      peakResident: 2,
    });
  });

  it("counts what trace.compare() counts, for every policy and in both ways of observing", async () => {
    const pages = randomPages(20_000, 900);
    const trace = Trace.fromAddresses(pages.map((page) => page * 4096));
    const running = policies().filter(({ family }) => family !== "bound");
    expect(running.length).toBeGreaterThan(20);
    for (const observe of ["exact", "hardware"] as const) {
      const policy = running.map(({ name }) => name);
      const { results } = await trace.compare({ policy, frames: 100, observe });
      for (const row of results.filter(({ allocation }) => allocation === "fixed")) {
        const simulation = new PolicySimulation({ policy: row.policy, frames: 100, observe });
        for (let at = 0; at < pages.length; at += 777) simulation.feed(pages.subarray(at, at + 777));
        const { requests, misses, evictions, writebacks } = simulation.outcome();
        expect([row.policy, requests, misses, evictions, writebacks]).toEqual([
          row.policy,
          row.requests,
          row.misses,
          row.evictions,
          row.writebacks,
        ]);
      }
    }
    trace.close();
  });

  it("takes page numbers of 63 bits", () => {
    const simulation = new PolicySimulation({ frames: 1 });
    const largest = 2n ** 63n - 1n;
    expect(simulation.feed(BigUint64Array.of(largest, largest, 0n)).outcome()).toMatchObject({ pages: 2, misses: 2 });
  });

  it.each([
    [{ frames: 0 }, "OUT_OF_RANGE"],
    [{ frames: 2 ** 31 }, "OUT_OF_RANGE"],
    [{ frames: Number.NaN }, "OUT_OF_RANGE"],
    [{}, "OUT_OF_RANGE"],
    [{ frames: 4, policy: "lur" }, "UNKNOWN_NAME"],
    [{ frames: 4, policy: "clock:bits=99" }, "OUT_OF_RANGE"],
    [{ frames: 4, policy: "opt" }, "INVALID_ARGUMENT"],
    [{ frames: 4, policy: 5 }, "INVALID_ARGUMENT"],
    [{ frames: 4, observe: "all" }, "UNKNOWN_NAME"],
    [{ frames: 4, polcy: "lru" }, "UNKNOWN_NAME"],
    [null, "INVALID_ARGUMENT"],
  ])("refuses %j", (options, code) => {
    expect(thrownBy(() => new PolicySimulation(options as never)).code).toBe(`ERR_PAGEWALK_${code}`);
  });

  it.each([
    [[1, 2.5], /pages\[1\].*2\.5/],
    [[-1], /pages\[0\]/],
    [[2 ** 53], /pages\[0\]/],
    [[Number.NaN], /pages\[0\].*NaN/],
    [BigUint64Array.of(1n, 1n << 63n), /pages\[1\]/],
    [["1"], /pages: expected/],
    [new Uint32Array(2), /pages: expected/],
    [undefined, /pages: expected/],
  ])("serves none of %s", (pages, message) => {
    const simulation = new PolicySimulation({ frames: 2 }).feed([1]);
    expect(thrownBy(() => simulation.feed(pages as never)).message).toMatch(message);
    expect(simulation.outcome().requests).toBe(1);
  });

  it("wants stores for every page", () => {
    const simulation = new PolicySimulation({ frames: 2 });
    expect(thrownBy(() => simulation.feed([1, 2], new Uint8Array(1))).code).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
    expect(thrownBy(() => simulation.feed([1], [1] as never)).code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
    expect(simulation.outcome().requests).toBe(0);
  });
});
