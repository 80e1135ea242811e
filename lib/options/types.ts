// SPDX-License-Identifier: MIT
// The options of a machine as a person writes them: plain JSON apart from bigint, everything optional.
import type { NativeConfig, NativeCost, NativeStructureCaches, PageSize, WayChoice } from "../native-config.js";
import type { NativeSystemConfig } from "../native-system.js";
import type { MemoryMapRange } from "./memory-map.js";
import type { ProcessMachineOptions } from "./processes.js";

/** Geometry of one TLB array: `"1536x12"` is 1536 entries in 12 ways, `64` is fully associative, `0` removes it. */
export type TlbGeometry = string | number | { entries: number; ways?: number };

/**
 * TLBs to change from the preset's: `"l1i=128x8,l1d=64x4,l2=1536x12"`, `"l1d.2MiB=32x4"` for one page size, the same as
 * an object, or `"none"` for a machine without TLBs.
 */
export type TlbOption = string | Record<string, TlbGeometry>;

/** Which of a trace's references are simulated. */
export type Refs = "all" | "data" | "fetch";

/** The options of a machine. */
export interface MachineOptions extends ProcessMachineOptions {
  /** A preset: TLBs, paging-structure caches and costs of a real processor. Default `"intel-skylake-sp"`. */
  cpu?: string;
  /** TLBs that differ from the preset's. */
  tlb?: TlbOption;
  /** Paging-structure caches that differ from the preset's: `"pml4e=2,pdpte=4,pde=32"`, 0 for absent, or `"none"`. */
  psc?: string | Partial<NativeStructureCaches>;
  /** How a TLB set chooses the way to fill. Default `"lru"`. */
  tlbPolicy?: WayChoice;
  /** Physical memory: bytes, or a size such as `"4GiB"`. Default `"4GiB"`. */
  memory?: number | bigint | string;
  /** Instead of `memory`: its ranges, with what is reserved and what is not there. */
  memoryMap?: readonly MemoryMapRange[];
  /** Resident pages allowed: a number of pages, a size, or a share of the trace's pages such as `"25%"`. */
  residentLimit?: number | string;
  /** Page replacement: `"name"` or `"name:key=value,key=value"`. Default `"lru"`. */
  policy?: string;
  /** References that count. Default `"all"`. */
  refs?: Refs;
  /** A modify is looked up once (a store) or twice (a load, then a store). Default `"once"`. */
  modify?: "once" | "twice";
  /** An access over a page boundary touches both pages, or only the first. Default `"both"`. */
  crossing?: "both" | "first";
  /** What demand paging maps. Default `"4KiB"`. */
  pageSize?: PageSize;
  /** What the policy sees: every reference, or the Accessed and Dirty bits. Default `"exact"`. */
  observe?: "exact" | "hardware";
  /** Structure-cache entries that an eviction drops: all of the address space's, or none. Default `"all"`. */
  pscOnEvict?: "all" | "none";
  /** Levels of page tables. Default 4. */
  levels?: 4 | 5;
  /** The source of every random choice. Default 0. */
  seed?: number | bigint;
  /** Cycles that differ from the preset's. */
  cost?: Partial<NativeCost>;
  /** Page faults between two checks of every invariant, each of which costs as much as `health()`. Default 0: none. */
  validateEvery?: number;
}

/** Options after defaults, interpretation and checks. */
export interface ResolvedOptions {
  native: NativeConfig;
  /** What processes add to it. */
  system: NativeSystemConfig;
  refs: Refs;
  crossing: "both" | "first";
  /** The resident limit as a share of the selected stream's distinct pages, where it was given so. */
  residentPercent?: number;
}
