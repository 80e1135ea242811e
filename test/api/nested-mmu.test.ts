// SPDX-License-Identifier: MIT
// Virtual machines by hand: what is counted, what an exit tells, and what is refused with which code.
import { describe, expect, it } from "vitest";
import { NestedMmu, type NestedMmuOptions, PhysicalMemory } from "../../lib/index.js";
import { thrownBy } from "../support/errors.js";

/** A guest whose first GiB is the host's second, with one page. */
function guest(options: Partial<NestedMmuOptions> = {}) {
  const memory = new PhysicalMemory({ size: "8GiB" });
  memory.write64(0x1000, 0x2007n);
  memory.write64(0x2000, 0x400000b7n);
  for (const level of [4, 3, 2]) memory.write64(0x40000000 + level * 0x1000, (BigInt(level - 1) * 0x1000n) | 7n);
  memory.write64(0x40001000, 0x5007n);
  const mmu = new NestedMmu({ memory, eptp: 0x101e, vmid: 1, ...options });
  mmu.writeCr3(0x4000);
  return { memory, mmu };
}
const code = (call: () => unknown): string => thrownBy(call).code.replace("ERR_PAGEWALK_", "");

describe("a nested MMU", () => {
  it("reaches host-physical addresses and counts both dimensions", () => {
    const { memory, mmu } = guest({ nestedTlb: 0 });
    expect(mmu.access(0x123, "write")).toEqual({ ok: true, pa: 0x40005123n, pageSize: 4096 });
    expect(memory.read64(0x40001000)).toBe(0x5067n);
    expect(mmu.stats().walks).toMatchObject({ total: 1, references: 14, guestReferences: 4, hostReferences: 10 });
    expect(mmu.access(0x123).ok).toBe(true);
    expect(mmu.stats().walks.total).toBe(1);
    expect(guest().mmu.stats().tlbs.at(-1)).toEqual({ name: "nested", level: 2, hits: 0, misses: 0 });
  });

  it("tells the host's refusals from the guest's", () => {
    const { memory, mmu } = guest();
    expect(mmu.access(0x1000)).toEqual({ ok: false, vector: 14, errorCode: 4, cr2: 0x1000n });
    memory.write64(0x40001000, 0x8000005007n);
    expect(mmu.access(0x7)).toEqual({
      ok: false,
      violation: {
        access: "read",
        during: "access",
        guestPhysical: 0x8000005007n,
        guestLinear: 0x7n,
        level: 4,
        entryAddress: 0x1008n,
        entry: 0n,
        rights: { read: false, write: false, execute: false },
        qualification: 0x181,
      },
    });
    memory.write64(0x2000, 0x40000093n);
    mmu.invept(2);
    expect(mmu.access(0x7)).toMatchObject({ ok: false, misconfiguration: { during: "walk", level: 3 } });
    expect(mmu.stats().walks).toMatchObject({ faulted: 1, exits: 2 });
  });

  it("has the guest's registers and keeps machines apart", () => {
    const { memory, mmu } = guest();
    mmu.setControl({ smep: 1 });
    mmu.setProtectionKeys({ pkru: 5 });
    expect([mmu.control.smep, mmu.protectionKeys.pkru, mmu.cr3]).toEqual([true, 5n, 0x4000n]);
    mmu.access(0);
    memory.write64(0x40001000, 0);
    expect(mmu.access(0).ok).toBe(true);
    mmu.enter({ eptp: 0x101e, vmid: 2 });
    expect(mmu.access(0).ok).toBe(false);
    mmu.enter({ eptp: 0x101e, vmid: 1 });
    expect(mmu.access(0).ok).toBe(true);
    mmu.invvpid(1, { vmid: 1 });
    expect(mmu.access(0).ok).toBe(false);
  });

  it("refuses what makes no sense", () => {
    const { mmu } = guest();
    for (const eptp of [0x1019, 0x1006, 0x109e, 0x102e, 1n << 60n])
      expect(code(() => mmu.enter({ eptp }))).toBe("OUT_OF_RANGE");
    expect(code(() => guest({ eptp: undefined as never }))).toBe("INVALID_ARGUMENT");
    expect(code(() => mmu.enter({ eptp: 2n ** 40n + 0x1en }))).toBe("PHYSICAL_ADDRESS");
    expect(code(() => mmu.enter({ eptp: 0x101e, vmid: 65536 }))).toBe("OUT_OF_RANGE");
    expect(code(() => mmu.enter({ eptp: 0x101e, vpid: 1 } as never))).toBe("UNKNOWN_NAME");
    for (const type of [0, 3, -1]) expect(code(() => mmu.invept(type))).toBe("OUT_OF_RANGE");
    expect(code(() => mmu.invept(1))).toBe("OUT_OF_RANGE");
    expect(code(() => mmu.invvpid(4))).toBe("OUT_OF_RANGE");
    expect(code(() => mmu.invvpid(1))).toBe("OUT_OF_RANGE");
    expect(code(() => mmu.invvpid(0, { vmid: 1, va: 1n << 60n }))).toBe("NOT_CANONICAL");
    expect(code(() => mmu.access(0, "read", { size: 65 }))).toBe("OUT_OF_RANGE");
    expect(code(() => mmu.writeCr3(1n << 63n))).toBe("GENERAL_PROTECTION");
    for (const nestedTlb of ["5x2", "many", null, -1])
      expect(code(() => guest({ nestedTlb: nestedTlb as never }))).toBe("INVALID_GEOMETRY");
    expect(code(() => guest({ processor: { executeOnly: 2 as never } }))).toBe("OUT_OF_RANGE");
    expect(code(() => guest({ mode: 1 } as never))).toBe("UNKNOWN_NAME");
  });
});
