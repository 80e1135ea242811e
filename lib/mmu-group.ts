// SPDX-License-Identifier: MIT
// Several cores over one physical memory, address spaces that they run, and the shootdowns that keep their TLBs true
// to the tables.
import type { Address } from "./addresses.js";
import { rangeError, typeError } from "./errors.js";
import { BitmapFrameAllocator } from "./frame-allocator.js";
import { type Invalidation, type Leaf, type LeafFlags, Mapper } from "./mapper.js";
import { joinGroup, Mmu, type MmuOptions, nativeMmuOf } from "./mmu.js";
import { addon, type NativeShootdownPolicy, type NativeShootdownStats, type NativeShootdowns } from "./native.js";
import type { PageSize } from "./native-config.js";
import { checkNames } from "./options/names.js";
import { show } from "./options/problems.js";
import type { PhysicalMemory } from "./physical-memory.js";

/**
 * How other cores are made to forget: at once, all that may hold the page; lazily, those that run the address space, the
 * others when they come back to it; or in batches that `flush()` delivers, as a full flush above so many pages.
 */
export type ShootdownOption = "immediate" | "lazy" | { batch: number; lazy?: boolean };

/** What a group is made of: every core is an MMU with these options. */
export interface MmuGroupOptions extends MmuOptions {
  /** Where page tables are taken from. */
  allocator: BitmapFrameAllocator;
  /** How many, 1 to 256. */
  cores: number;
  /** Default `"immediate"`. */
  shootdown?: ShootdownOption;
}

/** What shootdowns have cost so far. */
export type ShootdownStats = NativeShootdownStats;

/** Which core does something. Default 0. */
export interface OnCore {
  core?: number;
}

/** What an address space needs of its group. */
interface Shooter {
  check(core: number): void;
  post(core: number, invalidation: Invalidation): void;
  holders(): number[];
}

/** The page tables of one address space of a group. Changes are shot down as the group's variant says. */
export class AddressSpace {
  readonly #mapper: Mapper;
  readonly #shooter: Shooter;
  readonly pcid: number;

  /** @internal Groups make them. */
  constructor(mapper: Mapper, pcid: number, shooter: Shooter) {
    this.#mapper = mapper;
    this.#shooter = shooter;
    this.pcid = pcid;
  }

  get root(): bigint {
    return this.#mapper.root;
  }
  /** The cores that may hold translations of it. */
  get cores(): number[] {
    return this.#shooter.holders();
  }

  /** Nothing can be cached of what becomes present, so no core is interrupted. */
  map(address: Address, physical: Address, options: LeafFlags & { pageSize?: PageSize } = {}): void {
    this.#mapper.map(address, physical, options);
  }
  unmap(address: Address, { core = 0 }: OnCore = {}): void {
    this.#shooter.check(core);
    this.#shooter.post(core, this.#mapper.unmap(address));
  }
  protect(address: Address, flags: LeafFlags, { core = 0 }: OnCore = {}): void {
    this.#shooter.check(core);
    this.#shooter.post(core, this.#mapper.protect(address, flags));
  }
  find(address: Address): Leaf | null {
    return this.#mapper.find(address);
  }
}

export class MmuGroup {
  readonly #native: NativeShootdowns;
  readonly #memory: PhysicalMemory;
  readonly #allocator: BitmapFrameAllocator;
  readonly #levels: 4 | 5;
  readonly #spaces = new Map<AddressSpace, number>();
  readonly cores: readonly Mmu[];

  constructor(options: MmuGroupOptions) {
    checkNames("options", options, [...Mmu.optionNames, "allocator", "cores", "shootdown"]);
    const { allocator, cores, shootdown = "immediate", ...each } = options;
    if (!Number.isInteger(cores) || cores < 1 || cores > 256)
      throw rangeError("ERR_PAGEWALK_OUT_OF_RANGE", `cores: expected 1 to 256, got ${show(cores)}`);
    if (!(allocator instanceof BitmapFrameAllocator))
      throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", "allocator: expected a BitmapFrameAllocator");
    this.#memory = each.memory;
    this.#allocator = allocator;
    this.cores = Object.freeze(Array.from({ length: cores }, () => new Mmu(each)));
    this.#native = new (addon().NativeShootdowns)(this.cores.map(nativeMmuOf), policyOf(shootdown));
    this.#levels = this.cores[0]!.control.la57 ? 5 : 4;
    for (const [core, mmu] of this.cores.entries()) joinGroup(mmu, () => this.#native.noteCr3(core));
  }

  /** An address space without pages. Its PCID is the lowest that is free unless it is given. */
  createSpace(options: { pcid?: number } = {}): AddressSpace {
    checkNames("options", options, ["pcid"]);
    const { pcid = this.#freePcid() } = options;
    const mapper = new Mapper(this.#memory, this.#allocator, { levels: this.#levels });
    const number = this.#native.addSpace(mapper.root, pcid);
    const space = new AddressSpace(mapper, pcid, {
      check: (core) => this.#native.checkCore(core),
      post: (core, invalidation) => this.#native.post(core, number, invalidation),
      holders: () => this.#native.holders(number),
    });
    this.#spaces.set(space, number);
    return space;
  }

  /** The core runs the address space from now on: a MOV to CR3 that keeps what it holds, unless that is stale. */
  switchTo(core: number, space: AddressSpace): void {
    const number = this.#spaces.get(space);
    if (number === undefined)
      throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", "space: expected an address space of this group");
    this.#native.switchTo(core, number);
  }

  /** Delivers what a batch has gathered. */
  flush({ core = 0 }: OnCore = {}): void {
    this.#native.flush(core);
  }

  stats(): ShootdownStats {
    return this.#native.stats();
  }

  #freePcid(): number {
    const used = new Set([...this.#spaces.keys()].map(({ pcid }) => pcid));
    let pcid = 0;
    while (used.has(pcid)) pcid++;
    return pcid;
  }
}

function policyOf(option: ShootdownOption): NativeShootdownPolicy {
  if (option === "immediate" || option === "lazy") return { lazy: option === "lazy" };
  if (typeof option === "string")
    throw rangeError(
      "ERR_PAGEWALK_UNKNOWN_NAME",
      `shootdown: expected "immediate", "lazy" or { batch }, got ${show(option)}`,
    );
  checkNames("shootdown", option, ["batch", "lazy"]);
  return { lazy: option.lazy ?? false, batch: option.batch };
}
