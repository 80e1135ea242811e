// SPDX-License-Identifier: MIT
// A memory-management unit over simulated physical memory: TLBs, paging-structure caches and the walker, without a
// machine. It reports page faults and handles none.
import { type Address, addressBits } from "./addresses.js";
import type { Invalidation } from "./mapper.js";
import { addon, type NativeMmu, type NativeMmuStats, type PageSize } from "./native.js";
import { resolveOptions } from "./options/resolve.js";
import type { MachineOptions } from "./options/types.js";
import { nativeMemoryOf, type PhysicalMemory } from "./physical-memory.js";

/** What an MMU is made of; the TLBs are those of a machine's options. */
export interface MmuOptions extends Pick<MachineOptions, "cpu" | "tlb" | "psc" | "tlbPolicy" | "levels" | "seed"> {
  /** The physical address of the root table: CR3. */
  root: Address;
}

/** A translation, or the page fault that there was instead. */
export type MmuResult =
  | { pa: bigint; pageSize: PageSize; fault: null }
  | { pa?: undefined; pageSize?: undefined; fault: { address: bigint; errorCode: number } };

export type MmuStats = NativeMmuStats;

export class Mmu {
  readonly #native: NativeMmu;

  constructor(memory: PhysicalMemory, options: MmuOptions) {
    const { root, ...rest } = options;
    const { tlb, structureCaches, levels, seed } = resolveOptions(rest).native;
    const native = nativeMemoryOf(memory);
    this.#native = new (addon().NativeMmu)(native, {
      root: addressBits(root, "root"),
      tlb,
      structureCaches,
      levels,
      seed,
    });
  }

  /** MOV to CR3: the TLBs and structure caches forget everything. */
  setRoot(root: Address): void {
    this.#native.setRoot(addressBits(root, "root"));
  }

  /** One access in user mode. Accessed and Dirty bits are set as the architecture says. */
  access(address: Address, operation: "read" | "write" | "fetch" = "read"): MmuResult {
    return this.#native.access(addressBits(address), operation);
  }

  /** INVLPG: forgets the page of an address, or what a mapper's change asks to forget. */
  invalidate(what: Address | Invalidation): void {
    if (typeof what !== "object") return this.#native.invalidate(addressBits(what), false);
    if (what.scope !== "nothing") this.#native.invalidate(what.address, what.scope === "tables");
  }
  invalidateAll(): void {
    this.#native.invalidateAll();
  }

  stats(): MmuStats {
    return this.#native.stats();
  }
}
