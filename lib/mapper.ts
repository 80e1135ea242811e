// SPDX-License-Identifier: MIT
// Page tables in simulated physical memory: map, unmap and protect pages of every size, without a machine.
import { type Address, addressBits } from "./addresses.js";
import { rangeError } from "./errors.js";
import { type BitmapFrameAllocator, nativeAllocatorOf } from "./frame-allocator.js";
import { addon, type NativeInvalidation, type NativeLeaf, type NativeMapper, type PageSize } from "./native.js";
import { nativeMemoryOf, type PhysicalMemory } from "./physical-memory.js";

/** The rights and properties of a leaf. */
export interface LeafFlags {
  /** Default true. */
  writable?: boolean;
  /** Default true. */
  user?: boolean;
  global?: boolean;
  noExecute?: boolean;
  /** Protection key, 0 to 15. */
  key?: number;
}

/** What TLBs must forget after a change; hand it to `Mmu.invalidate`. */
export type Invalidation = NativeInvalidation;
/** The entry that maps an address. */
export type Leaf = NativeLeaf;

function flagBits({ writable = true, user = true, global = false, noExecute = false, key = 0 }: LeafFlags): bigint {
  if (!Number.isInteger(key) || key < 0 || key > 15)
    throw rangeError("ERR_PAGEWALK_OUT_OF_RANGE", `key: expected a protection key from 0 to 15, got ${key}`);
  const flags: [boolean, number][] = [
    [writable, 1],
    [user, 2],
    [global, 8],
    [noExecute, 63],
  ];
  return flags.reduce((bits, [is, bit]) => (is ? bits | (1n << BigInt(bit)) : bits), BigInt(key) << 59n);
}

/** The page tables of one address space. Tables are frames of the allocator, taken from the high end. */
export class Mapper {
  readonly #native: NativeMapper;
  readonly levels: 4 | 5;

  constructor(memory: PhysicalMemory, allocator: BitmapFrameAllocator, options: { levels?: 4 | 5 } = {}) {
    this.levels = options.levels ?? 4;
    this.#native = new (addon().NativeMapper)(nativeMemoryOf(memory), nativeAllocatorOf(allocator), this.levels);
  }

  /** The physical address of the root table: CR3. */
  get root(): bigint {
    return this.#native.root();
  }
  get tableCount(): number {
    return this.#native.tableCount();
  }

  /** Maps a page; tables are created on demand. */
  map(address: Address, physical: Address, options: LeafFlags & { pageSize?: PageSize } = {}): Invalidation {
    const { pageSize = "4KiB" } = options;
    return this.#native.map(addressBits(address), addressBits(physical, "physical"), pageSize, flagBits(options));
  }
  /** Unmaps the page that holds the address; tables that become empty are freed. */
  unmap(address: Address): Invalidation {
    return this.#native.unmap(addressBits(address));
  }
  /** Replaces the rights of the page that holds the address; Accessed and Dirty stay. */
  protect(address: Address, flags: LeafFlags): Invalidation {
    return this.#native.protect(addressBits(address), flagBits(flags));
  }
  /** The leaf that maps the address; null where nothing does. */
  find(address: Address): Leaf | null {
    return this.#native.find(addressBits(address));
  }
}
