// SPDX-License-Identifier: MIT
// PhysicalMemory, BitmapFrameAllocator, Mapper, Mmu and Tlb work without a machine, and refuse what they must.
import { describe, expect, it } from "vitest";
import { BitmapFrameAllocator, Mapper, Mmu, PhysicalMemory, Tlb } from "../../lib/index.js";
import { thrownBy } from "../support/errors.js";

const mib = 2 ** 20;

describe("PhysicalMemory", () => {
  it("reads back what was written, and zero elsewhere", () => {
    const memory = new PhysicalMemory(64 * mib);
    memory.write64(0x1000, 0x0123456789abcdefn);
    expect(memory.read64("0x1000")).toBe(0x0123456789abcdefn);
    expect(memory.read64(0x1008n)).toBe(0n);
    expect([...memory.read(0x0fff, new Uint8Array(3))]).toEqual([0, 0xef, 0xcd]);
    memory.copyFrame(1, 2);
    expect(memory.read64(0x2000)).toBe(0x0123456789abcdefn);
    memory.zeroFrame(1);
    expect(memory.read64(0x1000)).toBe(0n);
    memory.clear();
    expect(memory.read64(0x2000)).toBe(0n);
  });

  it("of a TiB costs next to nothing", () => {
    const memory = new PhysicalMemory({ size: "1TiB" });
    memory.write64(2 ** 40 - 8, 7);
    expect(memory.frames).toBe(2 ** 28);
    expect(memory.committedBytes).toBeLessThan(mib);
  });

  it("refuses addresses and frames beyond the end, and words that are not aligned", () => {
    const memory = new PhysicalMemory(mib);
    const beyond = "ERR_PAGEWALK_PHYSICAL_ADDRESS";
    expect(thrownBy(() => memory.read64(mib)).code).toBe(beyond);
    expect(thrownBy(() => memory.write64(mib, 0)).code).toBe(beyond);
    expect(thrownBy(() => memory.read(mib - 1, new Uint8Array(2))).code).toBe(beyond);
    expect(thrownBy(() => memory.write(-1, new Uint8Array(1))).code).toBe(beyond);
    expect(thrownBy(() => memory.zeroFrame(256)).code).toBe(beyond);
    expect(thrownBy(() => memory.copyFrame(0, 256)).code).toBe(beyond);
    expect(thrownBy(() => memory.read64(4)).code).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
  });

  it("refuses sizes that are none, and options that do not exist", () => {
    expect(thrownBy(() => new PhysicalMemory({ size: "8 apples" })).code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
    expect(thrownBy(() => new PhysicalMemory({} as never)).code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
    expect(thrownBy(() => new PhysicalMemory({ siez: 4096 } as never)).code).toBe("ERR_PAGEWALK_UNKNOWN_NAME");
    expect(thrownBy(() => new PhysicalMemory(null as never)).code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
  });

  it.each([0, 4095, -4096, 1.5, Number.NaN, 2 ** 53, 1n << 53n])("refuses the size %s", (size) => {
    expect(thrownBy(() => new PhysicalMemory(size))).toBeInstanceOf(RangeError);
  });
});

describe("BitmapFrameAllocator", () => {
  it("gives the lowest frames first, and from the high end when asked", () => {
    const allocator = new BitmapFrameAllocator(mib);
    expect([allocator.allocate(), allocator.allocate(), allocator.allocate(0, "high")]).toEqual([0, 1, 255]);
    expect(allocator.allocate(4)).toBe(16);
    expect(allocator.allocateRun(3, 2)).toBe(2);
    expect(allocator.freeCount).toBe(256 - 3 - 16 - 3);
    allocator.free(16, 4);
    allocator.freeRun(2, 3);
    expect(allocator.isFree(16)).toBe(true);
    expect(allocator.validate()).toEqual([]);
  });

  it("is exhausted without an error", () => {
    const allocator = new BitmapFrameAllocator(4096 * 2);
    expect([allocator.allocate(), allocator.allocate(), allocator.allocate(), allocator.allocate(9)]).toEqual([
      0,
      1,
      null,
      null,
    ]);
  });

  it("refuses double frees, foreign frames and frames in use", () => {
    const allocator = new BitmapFrameAllocator([
      { start: 0, bytes: 4096 * 4 },
      { start: 4096 * 4, bytes: 4096 * 4, kind: "reserved" },
      { start: 4096 * 8, bytes: 4096 * 8 },
    ]);
    expect(thrownBy(() => allocator.free(0)).code).toBe("ERR_PAGEWALK_DOUBLE_FREE");
    expect(thrownBy(() => allocator.free(5)).code).toBe("ERR_PAGEWALK_FOREIGN_FRAME");
    expect(thrownBy(() => allocator.free(16)).code).toBe("ERR_PAGEWALK_FOREIGN_FRAME");
    allocator.allocateAt(9, 2);
    expect(thrownBy(() => allocator.allocateAt(8, 2)).code).toBe("ERR_PAGEWALK_ALREADY_ALLOCATED");
    expect(thrownBy(() => allocator.allocateAt(4)).code).toBe("ERR_PAGEWALK_FOREIGN_FRAME");
    expect(allocator.validate()).toEqual([]);
  });

  it("refuses arguments that make no sense", () => {
    const allocator = new BitmapFrameAllocator(mib);
    expect(thrownBy(() => allocator.allocate(-1))).toBeInstanceOf(RangeError);
    expect(thrownBy(() => allocator.allocate(64))).toBeInstanceOf(RangeError);
    expect(thrownBy(() => allocator.allocateRun(0))).toBeInstanceOf(RangeError);
    expect(thrownBy(() => allocator.allocateRun(1, 3))).toBeInstanceOf(RangeError);
    expect(thrownBy(() => allocator.allocate(0, "middle" as "low")).code).toBe("ERR_PAGEWALK_UNKNOWN_NAME");
    expect(thrownBy(() => new BitmapFrameAllocator([])).code).toMatch(/^ERR_PAGEWALK_/);
    expect(thrownBy(() => new BitmapFrameAllocator("1" as never)).code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
  });
});

function tables() {
  const memory = new PhysicalMemory(64 * mib);
  const allocator = new BitmapFrameAllocator(64 * mib);
  const mapper = new Mapper(memory, allocator);
  return { memory, allocator, mapper };
}

function mmuOf({ memory, mapper }: ReturnType<typeof tables>): Mmu {
  const mmu = new Mmu({ memory });
  mmu.writeCr3(mapper.root);
  return mmu;
}

describe("Mapper and Mmu", () => {
  it("translate what was mapped, set Accessed and Dirty, and fault on the rest", () => {
    const { memory, allocator, mapper } = tables();
    mapper.map(0x7000, 0x3000);
    const mmu = mmuOf({ memory, allocator, mapper });
    expect(mmu.access(0x7123)).toEqual({ ok: true, pa: 0x3123n, pageSize: 4096 });
    expect(mapper.find(0x7000)!.entry & 0x60n).toBe(0x20n);
    mmu.access(0x7123, "write");
    expect(mapper.find(0x7000)!.entry & 0x60n).toBe(0x60n);
    expect(mmu.access(0x8000, "write")).toEqual({ ok: false, vector: 14, errorCode: 0b110, cr2: 0x8000n });
    const { walks, tlbs } = mmu.stats();
    expect(walks).toMatchObject({ total: 1, references: 4, faulted: 1, dirtyUpdates: 1 });
    expect(tlbs.find(({ name }) => name === "l1d")).toMatchObject({ hits: 1, misses: 1 });
  });

  it("keep a stale translation until it is invalidated", () => {
    const all = tables();
    all.mapper.map(0x7000, 0x3000);
    const mmu = mmuOf(all);
    mmu.access(0x7000);
    const invalidation = all.mapper.unmap(0x7000);
    expect(invalidation).toEqual({ address: 0x7000n, scope: "tables", global: false });
    expect(mmu.access(0x7000).ok).toBe(true);
    mmu.invalidate(invalidation);
    expect(mmu.access(0x7000)).toEqual({ ok: false, vector: 14, errorCode: 0b100, cr2: 0x7000n });
  });

  it("refuse a write to what is read-only and a fetch of what may not be executed", () => {
    const all = tables();
    all.mapper.map(0x20_0000, 0x20_0000, { pageSize: "2MiB", writable: false, noExecute: true });
    const mmu = mmuOf(all);
    expect(mmu.access(0x20_1234)).toEqual({ ok: true, pa: 0x20_1234n, pageSize: 2 * mib });
    expect(mmu.access(0x20_1234, "write")).toMatchObject({ errorCode: 0b111 });
    expect(mmu.access(0x20_1234, "fetch")).toMatchObject({ errorCode: 0b10101 });
    mmu.invalidate(all.mapper.protect(0x20_0000, {}));
    expect(mmu.access(0x20_1234, "write").ok).toBe(true);
  });

  it("free the tables that become empty", () => {
    const { allocator, mapper } = tables();
    const before = allocator.freeCount;
    mapper.map(0, 0);
    expect(mapper.tableCount).toBe(4);
    mapper.unmap(0);
    expect(mapper.tableCount).toBe(1);
    expect(allocator.freeCount).toBe(before);
  });

  it("refuse wrong arguments with their codes", () => {
    const { allocator, mapper } = tables();
    mapper.map(0x1000, 0x1000);
    expect(thrownBy(() => mapper.map(0x1000, 0x2000)).code).toBe("ERR_PAGEWALK_ALREADY_MAPPED");
    expect(thrownBy(() => mapper.map(0x2001, 0x2000)).code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
    expect(thrownBy(() => mapper.map(0x2000, 64 * mib)).code).toBe("ERR_PAGEWALK_PHYSICAL_ADDRESS");
    expect(thrownBy(() => mapper.map(2 ** 47, 0)).code).toBe("ERR_PAGEWALK_NOT_CANONICAL");
    expect(thrownBy(() => mapper.unmap(0x9000)).code).toBe("ERR_PAGEWALK_NOT_MAPPED");
    expect(thrownBy(() => mapper.map(0x3000, 0, { key: 16 })).code).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
    expect(thrownBy(() => new Mapper({} as never, allocator))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => new Mapper(new PhysicalMemory(mib), allocator)).code).toBe("ERR_PAGEWALK_INVALID_CONFIG");
  });

  it("survive scripts that write over the tables or free their frames", () => {
    const { memory, allocator, mapper } = tables();
    mapper.map(0, 0x1000);
    for (const rubbish of [0xffff_ffff_ffff_ffffn, mapper.root | 7n, (1n << 50n) | 7n]) {
      memory.write64(mapper.root, rubbish);
      expect(thrownBy(() => mapper.map(0x5000, 0x1000)).code).toMatch(/^ERR_PAGEWALK_/);
      expect(thrownBy(() => mapper.unmap(0)).code).toMatch(/^ERR_PAGEWALK_/);
      mmuOf({ memory, allocator, mapper }).access(0);
    }
    const second = new Mapper(memory, allocator);
    allocator.free(Number(second.root >> 12n));
    expect(thrownBy(() => second.map(0, 0)).code).toBe("ERR_PAGEWALK_INVALID_CONFIG");
    memory.clear();
    expect(mapper.find(0)).toBeNull();
  });
});

describe("Tlb", () => {
  it("finds what was inserted, by address space, and replaces the least recently used way", () => {
    const tlb = new Tlb({ entries: 2, ways: 2 });
    tlb.insert(0x1000, 0xa000);
    tlb.insert(0x2000, 0xb000, { asid: 1 });
    expect(tlb.lookup(0x1234)).toEqual({ pa: 0xa234n, pageSize: "4KiB" });
    expect(tlb.lookup(0x2000)).toBeNull();
    expect(tlb.lookup(0x2000, 1)).toEqual({ pa: 0xb000n, pageSize: "4KiB" });
    tlb.lookup(0x1000);
    tlb.insert(0x3000, 0xc000);
    expect(tlb.lookup(0x2000, 1)).toBeNull();
    expect([tlb.hits, tlb.misses]).toEqual([3, 2]);
    tlb.invalidate(0x1000);
    expect(tlb.lookup(0x1000)).toBeNull();
    tlb.clear();
    expect(tlb.lookup(0x3000)).toBeNull();
  });

  it("holds several page sizes, and replaces a translation of the same address", () => {
    const tlb = new Tlb({ entries: 12, ways: 4, pageSizes: ["4KiB", "2MiB"], policy: "tree-plru" });
    tlb.insert(0x20_0000, 0x40_0000, { pageSize: "2MiB" });
    tlb.insert(0x20_0000, 0x5000);
    expect(tlb.lookup(0x20_0008)).toEqual({ pa: 0x5008n, pageSize: "4KiB" });
  });

  it("refuses geometries that make no whole number of sets, and other wrong arguments", () => {
    expect(thrownBy(() => new Tlb({ entries: 10, ways: 4 })).code).toBe("ERR_PAGEWALK_INVALID_GEOMETRY");
    expect(thrownBy(() => new Tlb({ entries: 0 })).code).toBe("ERR_PAGEWALK_INVALID_GEOMETRY");
    expect(thrownBy(() => new Tlb({ entries: 4, policy: "lur" as "lru" })).code).toBe("ERR_PAGEWALK_UNKNOWN_NAME");
    const tlb = new Tlb({ entries: 4 });
    expect(thrownBy(() => tlb.insert(0, 1)).code).toBe("ERR_PAGEWALK_PHYSICAL_ADDRESS");
    expect(thrownBy(() => tlb.insert(0, 0, { pageSize: "1GiB" })).code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
    expect(thrownBy(() => tlb.lookup(0, 4096)).code).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
    expect(thrownBy(() => tlb.lookup(1n << 60n)).code).toBe("ERR_PAGEWALK_NOT_CANONICAL");
  });
});
