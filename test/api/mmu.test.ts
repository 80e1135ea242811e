// SPDX-License-Identifier: MIT
// The MMU by hand: registers, walks that are shown, and what is refused with which code.
import { describe, expect, it } from "vitest";
import { Mmu, type MmuOptions, PhysicalMemory } from "../../lib/index.js";
import { thrownBy } from "../support/errors.js";

const va = 0x0000_1234_5678_9abcn;
const index = (level: number): bigint => (va >> BigInt(12 + 9 * (level - 1))) & 511n;
const tableOf = (level: number): bigint => BigInt(level) * 0x1000n;
const entryOf = (level: number): bigint => tableOf(level) + index(level) * 8n;
const frame = 0x7000n;

/** Tables of four levels for one page, one frame each, with all rights. */
function byHand(options: Omit<MmuOptions, "memory"> = {}) {
  const memory = new PhysicalMemory({ size: "64MiB" });
  for (const level of [4, 3, 2]) memory.write64(entryOf(level), tableOf(level - 1) | 7n);
  memory.write64(entryOf(1), frame | 7n);
  const mmu = new Mmu({ memory, ...options });
  mmu.writeCr3(tableOf(4));
  return { memory, mmu };
}
const code = (call: () => unknown): string => thrownBy(call).code.replace("ERR_PAGEWALK_", "");

describe("an access", () => {
  it("tells where it went, and both pages where it crosses a boundary", () => {
    const { memory, mmu } = byHand();
    expect(mmu.access(va, "write", { size: 4 })).toEqual({ ok: true, pa: 0x7abcn, pageSize: 4096 });
    expect(memory.read64(entryOf(1))).toBe(frame | 0x67n);
    memory.write64(entryOf(1) + 8n, 0x9007n);
    expect(mmu.access(va | 0xfffn, "read", { size: 2 })).toEqual({
      ok: true,
      pa: 0x7fffn,
      pageSize: 4096,
      pa2: 0x9000n,
      pageSize2: 4096,
    });
  });

  it("is in user mode unless it says otherwise", () => {
    const { memory, mmu } = byHand();
    memory.write64(entryOf(1), frame | 3n);
    expect(mmu.access(va)).toEqual({ ok: false, vector: 14, errorCode: 5, cr2: va });
    expect(mmu.access(va, "read", { cpl: 0 })).toMatchObject({ ok: true });
    expect(mmu.access(va, "read", { cpl: 2 })).toMatchObject({ ok: true });
  });

  it("of an address that is not canonical is a general-protection exception", () => {
    expect(byHand().mmu.access(1n << 47n)).toEqual({ ok: false, vector: 13, errorCode: 0 });
    expect(byHand({ control: { la57: 1 } }).mmu.access(1n << 47n)).toMatchObject({ vector: 14, cr2: 1n << 47n });
  });

  it("is translated by TLBs until they are told to forget", () => {
    const { memory, mmu } = byHand({ tlb: { l1i: 4, l1d: 4, l2: "8x4" } });
    mmu.access(va);
    memory.write64(entryOf(1), 0);
    expect(mmu.access(va).ok).toBe(true);
    mmu.invlpg(va);
    expect(mmu.access(va).ok).toBe(false);
    expect(byHand({ tlb: "none" }).mmu.stats().tlbs).toEqual([]);
    expect(byHand({ tlb: "amd-zen4" }).mmu.stats().tlbs.length).toBeGreaterThan(2);
  });

  it("refuses sizes, privilege levels, operations and fields that do not exist", () => {
    const { mmu } = byHand();
    for (const size of [0, 65, 1.5, -1, Number.NaN])
      expect(code(() => mmu.access(va, "read", { size }))).toBe("OUT_OF_RANGE");
    for (const cpl of [4, -1, 0.5]) expect(code(() => mmu.access(va, "read", { cpl }))).toBe("OUT_OF_RANGE");
    expect(code(() => mmu.access(va, "read", { ac: 2 as never }))).toBe("OUT_OF_RANGE");
    expect(code(() => mmu.access(va, "read", { ac: "1" as never }))).toBe("INVALID_ARGUMENT");
    expect(code(() => mmu.access(va, "load" as never))).toBe("UNKNOWN_NAME");
    expect(code(() => mmu.access(va, "read", { sise: 2 } as never))).toBe("UNKNOWN_NAME");
    expect(code(() => mmu.access(va, "read", 3 as never))).toBe("INVALID_ARGUMENT");
    expect(code(() => mmu.access(undefined as never))).toBe("INVALID_ARGUMENT");
    expect(code(() => mmu.access(1n << 64n))).toBe("OUT_OF_RANGE");
  });
});

describe("control registers", () => {
  it("keep the bits that are not given, and show them", () => {
    const { mmu } = byHand({ control: { smep: 1, nxe: false } });
    mmu.setControl({ wp: 0, smap: true });
    const set = Object.entries(mmu.control).filter(([, value]) => value);
    expect(set.map(([name]) => name)).toEqual(["smep", "smap"]);
    expect(Object.keys(mmu.control).length).toBe(9);
    mmu.setProtectionKeys({ pkru: 0xffff_ffffn });
    mmu.setProtectionKeys({ pkrs: 4 });
    expect(mmu.protectionKeys).toEqual({ pkru: 0xffff_ffffn, pkrs: 4n });
  });

  it("take a raw CR3: bits 11 to 0 are a PCID or nothing, bit 63 keeps translations", () => {
    const { memory, mmu } = byHand();
    mmu.writeCr3(tableOf(4) | 0xfffn);
    expect(mmu.cr3).toBe(0x4fffn);
    expect(mmu.access(va).ok).toBe(true);
    mmu.writeCr3(tableOf(4));
    mmu.setControl({ pcide: 1 });
    mmu.access(va);
    memory.write64(entryOf(1), 0);
    mmu.writeCr3(tableOf(4) | (1n << 63n));
    expect([mmu.cr3, mmu.access(va).ok]).toEqual([0x4000n, true]);
    mmu.writeCr3(tableOf(4));
    expect(mmu.access(va).ok).toBe(false);
  });

  it("refuse what the processor refuses, and stay as they were", () => {
    const { mmu } = byHand({ processor: { maxPhysAddr: 40 } });
    const before = mmu.control;
    for (const cr3 of [1n << 40n, 1n << 63n, 1n << 51n])
      expect(code(() => mmu.writeCr3(cr3))).toBe("GENERAL_PROTECTION");
    expect(code(() => mmu.setControl({ la57: 1, wp: 0 }))).toBe("GENERAL_PROTECTION");
    mmu.writeCr3(tableOf(4) | 8n);
    expect(code(() => mmu.setControl({ pcide: 1 }))).toBe("GENERAL_PROTECTION");
    expect([mmu.control, mmu.cr3]).toEqual([before, 0x4008n]);
    expect(code(() => mmu.invpcid(4))).toBe("GENERAL_PROTECTION");
    expect(code(() => mmu.invpcid(1, { pcid: 1 }))).toBe("GENERAL_PROTECTION");
    expect(code(() => mmu.invpcid(2, { pcid: 4096 }))).toBe("GENERAL_PROTECTION");
    expect(code(() => mmu.invpcid(0, { va: 1n << 50n }))).toBe("GENERAL_PROTECTION");
    expect(thrownBy(() => mmu.writeCr3(1n << 40n))).toBeInstanceOf(RangeError);
  });

  it("refuse roots beyond the memory, wide key registers, unknown fields and values that are no bits", () => {
    const { mmu } = byHand();
    expect(code(() => mmu.writeCr3(64 * 2 ** 20))).toBe("PHYSICAL_ADDRESS");
    expect(code(() => mmu.setProtectionKeys({ pkru: 1n << 32n }))).toBe("OUT_OF_RANGE");
    expect(code(() => mmu.setProtectionKeys({ pkrs: -1 }))).toBe("OUT_OF_RANGE");
    expect(code(() => mmu.setProtectionKeys({ prku: 1 } as never))).toBe("UNKNOWN_NAME");
    expect(code(() => mmu.setControl({ wpe: 1 } as never))).toBe("UNKNOWN_NAME");
    expect(code(() => mmu.setControl({ wp: 2 as never }))).toBe("OUT_OF_RANGE");
    expect(code(() => mmu.setControl({ wp: null as never }))).toBe("INVALID_ARGUMENT");
    expect(code(() => mmu.setControl(undefined as never))).toBe("INVALID_ARGUMENT");
    expect(code(() => mmu.invpcid(0.5))).toBe("OUT_OF_RANGE");
    expect(code(() => mmu.invpcid(0, { pcid: 0, address: 1 } as never))).toBe("UNKNOWN_NAME");
    mmu.invlpg(1n << 50n); // not canonical: nothing
  });

  it("are refused with the MMU where its options are wrong", () => {
    const memory = new PhysicalMemory({ size: 4096 });
    const made = (options: object) => code(() => new Mmu({ memory, ...options }));
    expect(made({ processor: { maxPhysAddr: 31 } })).toBe("OUT_OF_RANGE");
    expect(made({ processor: { maxPhysAddr: 53 } })).toBe("OUT_OF_RANGE");
    expect(made({ processor: { maxphyaddr: 40 } })).toBe("UNKNOWN_NAME");
    expect(made({ processor: { pages1GiB: "yes" } })).toBe("INVALID_ARGUMENT");
    expect(made({ root: 0 })).toBe("UNKNOWN_NAME");
    expect(made({ memory: {} })).toBe("INVALID_ARGUMENT");
    expect(made({ tlb: "intel-skylake" })).toBe("UNKNOWN_NAME");
    expect(made({ tlb: { l1d: "10x4" } })).toBe("INVALID_GEOMETRY");
    expect(made({ psc: { pdpe: 1 } })).toBe("UNKNOWN_NAME");
    expect(made({ control: { la75: 1 } })).toBe("UNKNOWN_NAME");
    expect(code(() => new Mmu(undefined as never))).toBe("INVALID_ARGUMENT");
  });
});

describe("a walk", () => {
  it("shows every entry, the rights so far and what is cached, and changes nothing", () => {
    const { memory, mmu } = byHand();
    memory.write64(entryOf(3), tableOf(2) | (1n << 63n) | 5n);
    const { steps, end, result, tlb } = mmu.walk(va);
    expect([end, result, tlb]).toEqual(["translated", { ok: true, pa: 0x7abcn, pageSize: 4096 }, null]);
    expect(steps.map(({ name, level, cached }) => [name, level, cached])).toEqual([
      ["PML4E", 4, false],
      ["PDPTE", 3, false],
      ["PDE", 2, false],
      ["PTE", 1, false],
    ]);
    expect(steps[1]).toMatchObject({
      index: Number(index(3)),
      entryAddress: entryOf(3),
      entry: memory.read64(entryOf(3)),
    });
    expect(steps[1]!.flags).toMatchObject({
      present: true,
      writable: false,
      user: true,
      noExecute: true,
      pageSize: false,
    });
    expect(steps.map(({ rights }) => rights)).toEqual([
      { writable: true, user: true, noExecute: false },
      ...[1, 2, 3].map(() => ({ writable: false, user: true, noExecute: true })),
    ]);
    expect(steps[3]!.flags).toMatchObject({ accessed: false, dirty: false, global: false, protectionKey: 0 });
    expect(memory.read64(entryOf(4))).toBe(tableOf(3) | 7n);
    expect(mmu.stats().walks.total).toBe(0);
  });

  it("shows what caches would spare, and why it ends", () => {
    const { memory, mmu } = byHand();
    mmu.access(va);
    const cached = mmu.walk(va);
    expect(cached.tlb).toBe("l1d");
    expect(cached.steps.map((step) => step.cached)).toEqual([true, true, true, false]);
    expect(mmu.walk(va, "fetch").tlb).toBe("l2");
    expect(mmu.walk(va, "write").result).toMatchObject({ ok: true });
    memory.write64(entryOf(1), frame | 5n);
    expect(mmu.walk(va, "write")).toMatchObject({ end: "refused", result: { ok: false, errorCode: 7 } });
    memory.write64(entryOf(2), tableOf(1) | (1n << 51n) | 7n);
    const other = new Mmu({ memory, processor: { maxPhysAddr: 50 } });
    other.writeCr3(tableOf(4));
    expect(other.walk(va)).toMatchObject({ end: "reserved", result: { errorCode: 13 } });
    expect(other.walk(va).steps.at(-1)!.rights).toBeNull();
    memory.write64(entryOf(3), 0);
    expect(mmu.walk(va)).toMatchObject({ end: "not-present", result: { errorCode: 4 } });
    expect(mmu.walk(1n << 47n)).toEqual({
      steps: [],
      end: "not-canonical",
      result: { ok: false, vector: 13, errorCode: 0 },
      tlb: null,
      reservedBits: 0n,
      refusedBy: [],
    });
    expect(code(() => mmu.walk(va, "read", { size: 1 } as never))).toBe("UNKNOWN_NAME");
  });
});

it("a table that leads to itself ends after the last level, with the entry as the page", () => {
  const { memory, mmu } = byHand();
  memory.write64(tableOf(4) + 511n * 8n, tableOf(4) | 7n);
  expect(mmu.access(0xffff_ffff_ffff_fff8n, "read", { size: 8 })).toMatchObject({ ok: true, pa: 0x4ff8n });
  expect(memory.read64(0x4ff8n)).toBe(tableOf(4) | 0x27n);
});

it("tables outside the memory read as zero", () => {
  const { memory, mmu } = byHand();
  memory.write64(entryOf(3), (1n << 40n) | 7n);
  expect(mmu.access(va)).toMatchObject({ ok: false, errorCode: 4 });
});
