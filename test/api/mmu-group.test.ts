// SPDX-License-Identifier: MIT
// Groups of cores: who is told of a change, what is counted, and what is refused with which code.
import { describe, expect, it } from "vitest";
import { BitmapFrameAllocator, Mapper, Mmu, MmuGroup, type MmuGroupOptions, PhysicalMemory } from "../../lib/index.js";
import { thrownBy } from "../support/errors.js";

const mib = 2 ** 20;

function group(options: Partial<MmuGroupOptions> = {}) {
  const memory = new PhysicalMemory(64 * mib);
  const allocator = new BitmapFrameAllocator(64 * mib);
  return new MmuGroup({ memory, allocator, cores: 3, control: { pcide: 1, pge: 1 }, ...options });
}

/** Cores 0 and 1 run the space, core 2 did before it went to another; all of them hold its two pages. */
function held(options: Partial<MmuGroupOptions> = {}) {
  const cores = group(options);
  const [space, other] = [cores.createSpace(), cores.createSpace()];
  space.map(0x1000, 0x5000);
  space.map(0x2000, 0x6000);
  space.map(0x3000, 0x7000);
  for (const [core, mmu] of cores.cores.entries()) {
    cores.switchTo(core, space);
    expect([mmu.access(0x1000).ok, mmu.access(0x2000).ok]).toEqual([true, true]);
  }
  cores.switchTo(2, other);
  return { cores, space, other };
}
const code = (call: () => unknown): string => thrownBy(call).code.replace("ERR_PAGEWALK_", "");

describe("a group of cores", () => {
  it("forgets at once on every core that may hold the page", () => {
    const { cores, space } = held();
    expect(space.cores).toEqual([0, 1, 2]);
    space.unmap(0x1000);
    expect(cores.stats()).toEqual({ shootdowns: 1, ipis: 2, pages: 3, fullFlushes: 0, skipped: 0, deferredFlushes: 0 });
    expect(cores.cores[1]!.access(0x1000).ok).toBe(false);
    space.protect(0x2000, { writable: false }, { core: 1 });
    expect(cores.stats()).toMatchObject({ shootdowns: 2, ipis: 4, pages: 6 });
    expect(cores.cores[0]!.access(0x2000, "write")).toMatchObject({ errorCode: 7 });
  });

  it("spares cores that run something else if it is lazy, and flushes when they come back", () => {
    const { cores, space } = held({ shootdown: "lazy" });
    space.unmap(0x1000);
    expect(cores.stats()).toMatchObject({ ipis: 1, pages: 2, skipped: 1, deferredFlushes: 0 });
    cores.switchTo(2, space);
    expect(cores.stats().deferredFlushes).toBe(1);
    expect(cores.cores[2]!.access(0x1000).ok).toBe(false);
  });

  it("sees raw writes of CR3, bit 63 included", () => {
    const { cores, space } = held({ shootdown: "lazy" });
    space.unmap(0x1000);
    cores.cores[2]!.writeCr3(space.root | BigInt(space.pcid) | (1n << 63n));
    expect(cores.stats().deferredFlushes).toBe(1);
    expect(cores.cores[2]!.access(0x1000).ok).toBe(false);
  });

  it("gathers pages if it is batched, and flushes everything above the limit", () => {
    for (const [batch, expected] of [
      [2, { pages: 6, fullFlushes: 0 }],
      [1, { pages: 0, fullFlushes: 3 }],
    ] as const) {
      const { cores, space } = held({ shootdown: { batch } });
      space.unmap(0x1000);
      space.unmap(0x2000);
      expect([cores.stats().shootdowns, cores.cores[1]!.access(0x1000).ok]).toEqual([0, true]);
      cores.flush();
      expect(cores.stats()).toMatchObject({ shootdowns: 1, ipis: 2, ...expected });
      for (const mmu of cores.cores.slice(0, 2)) expect(mmu.access(0x1000).ok || mmu.access(0x2000).ok).toBe(false);
    }
  });

  it("works without PCIDs, where a switch forgets the space that is left", () => {
    const { cores, space } = held({ control: {} });
    expect(space.cores).toEqual([0, 1]);
    space.unmap(0x1000);
    expect(cores.stats()).toMatchObject({ ipis: 1, pages: 2 });
    expect(cores.cores.map((mmu) => mmu.access(0x1000).ok)).toEqual([false, false, false]);
  });

  it("has levels and spaces of its own", () => {
    const five = group({ control: { la57: 1 } });
    const space = five.createSpace({ pcid: 7 });
    space.map(1n << 50n, 0x5000, { pageSize: "4KiB", global: true });
    five.switchTo(0, space);
    expect(five.cores[0]!.access(1n << 50n)).toMatchObject({ ok: true, pa: 0x5000n });
    expect(space.find(1n << 50n)).toMatchObject({ physical: 0x5000n });
    expect([space.pcid, five.createSpace().pcid]).toEqual([7, 0]);
  });

  it("refuses what makes no sense", () => {
    const { cores, space } = held();
    for (const count of [0, 257, 1.5, "2"]) expect(code(() => group({ cores: count as number }))).toBe("OUT_OF_RANGE");
    expect(code(() => group({ shootdown: "later" as never }))).toBe("UNKNOWN_NAME");
    expect(code(() => group({ shootdown: { batch: 1, full: 3 } as never }))).toBe("UNKNOWN_NAME");
    expect(code(() => group({ shootdown: { batch: -1 } }))).toBe("OUT_OF_RANGE");
    expect(code(() => group({ shootdown: { batch: 1, lazy: 1 as never } }))).toBe("INVALID_ARGUMENT");
    expect(code(() => group({ shootdown: null as never }))).toBe("INVALID_ARGUMENT");
    expect(code(() => group({ allocator: {} as never }))).toBe("INVALID_ARGUMENT");
    expect(code(() => group({ core: 3 } as never))).toBe("UNKNOWN_NAME");
    expect(code(() => cores.createSpace({ pcid: space.pcid }))).toBe("INVALID_CONFIG");
    expect(code(() => cores.createSpace({ pcid: 4096 }))).toBe("OUT_OF_RANGE");
    expect(code(() => cores.switchTo(3, space))).toBe("OUT_OF_RANGE");
    expect(code(() => cores.switchTo(0, held().space))).toBe("INVALID_ARGUMENT");
    expect(code(() => space.unmap(0x9000))).toBe("NOT_MAPPED");
    expect(code(() => cores.flush({ core: -1 }))).toBe("OUT_OF_RANGE");
    expect(code(() => cores.cores[0]!.setControl({ pcide: 0 }))).toBe("INVALID_CONFIG");
    cores.cores[0]!.setControl({ smep: 1 });
  });

  it("checks the core before it changes the tables", () => {
    const { space } = held();
    expect(code(() => space.unmap(0x1000, { core: 3 }))).toBe("OUT_OF_RANGE");
    expect(space.find(0x1000)).not.toBeNull();
  });
});

it("cores without a group serve stale translations", () => {
  const memory = new PhysicalMemory(64 * mib);
  const mapper = new Mapper(memory, new BitmapFrameAllocator(64 * mib));
  mapper.map(0x1000, 0x5000);
  const cores = [new Mmu({ memory }), new Mmu({ memory })];
  for (const mmu of cores) mmu.writeCr3(mapper.root);
  expect(cores.map((mmu) => mmu.access(0x1000).ok)).toEqual([true, true]);
  cores[0]!.invalidate(mapper.unmap(0x1000));
  expect(cores.map((mmu) => mmu.access(0x1000).ok)).toEqual([false, true]);
});
