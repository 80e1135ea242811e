// SPDX-License-Identifier: MIT
// One set-associative TLB, without a machine.
import { type Address, addressBits } from "./addresses.js";
import { addon, type NativeTlbHandle, type PageSize } from "./native.js";
import type { WayChoice } from "./native-config.js";

/** The geometry of a TLB: any entries and ways that make a whole number of sets. */
export interface TlbGeometryOptions {
  entries: number;
  /** Default: all entries, that is, fully associative. */
  ways?: number;
  /** The page sizes that it holds. Default: 4 KiB alone. */
  pageSizes?: readonly PageSize[];
  /** How a set chooses the way to fill. Default `"lru"`. */
  policy?: WayChoice;
  seed?: number | bigint;
}

/** A cached translation. */
export interface TlbHit {
  pa: bigint;
  pageSize: PageSize;
}

export class Tlb {
  readonly #native: NativeTlbHandle;

  constructor(options: TlbGeometryOptions) {
    const { entries, ways = entries, pageSizes = ["4KiB"], policy = "lru", seed = 0 } = options;
    const arrays = [{ entries, ways, pageSizes: [...pageSizes] }];
    const tlbs = [{ name: "tlb", level: 2, kinds: [], arrays }];
    this.#native = new (addon().NativeTlb)({ wayChoice: policy, tlbs }, seed);
  }

  /** The translation of an address; null on a miss. */
  lookup(address: Address, asid = 0): TlbHit | null {
    return this.#native.lookup(addressBits(address), asid);
  }
  /** Caches that the page of `address` lies at `physical`. */
  insert(address: Address, physical: Address, options: { pageSize?: PageSize; asid?: number } = {}): void {
    const { pageSize = "4KiB", asid = 0 } = options;
    this.#native.insert(addressBits(address), addressBits(physical, "physical"), pageSize, asid);
  }
  invalidate(address: Address, asid = 0): void {
    this.#native.invalidate(addressBits(address), asid);
  }
  clear(): void {
    this.#native.clear();
  }

  get hits(): number {
    return this.#native.lookups() - this.#native.misses();
  }
  get misses(): number {
    return this.#native.misses();
  }
}
