// SPDX-License-Identifier: MIT
// The resolved configuration as it crosses to the addon: plain values, every name and number final.

export type AccessKind = "fetch" | "load" | "store" | "modify";
export type PageSize = "4KiB" | "2MiB" | "1GiB";
export type MemoryType = "usable" | "reserved" | "hole";
export type WayChoice = "lru" | "fifo" | "tree-plru" | "random" | "srrip";

/** One set-associative array of a TLB and the page sizes whose translations it holds. */
export interface NativeTlbArray {
  entries: number;
  ways: number;
  pageSizes: PageSize[];
}

/** One TLB: its arrays share the level and the kinds of access. */
export interface NativeTlb {
  name: string;
  level: number;
  kinds: AccessKind[];
  arrays: NativeTlbArray[];
}

/** Entries of the paging-structure caches; 0 means absent. */
export interface NativeStructureCaches {
  pml4e: number;
  pdpte: number;
  pde: number;
}

/** Cycles charged for events. */
export interface NativeCost {
  l1Hit: number;
  l2Hit: number;
  walkReference: number;
  minorFault: number;
  majorFault: number;
  invalidation: number;
}

/** A part of physical memory. */
export type NativeMemoryRange = [start: bigint, bytes: bigint, type: MemoryType];

/** What a machine is made of, resolved. */
export interface NativeConfig {
  cpu: string;
  tlb: { wayChoice: WayChoice; tlbs: NativeTlb[] };
  structureCaches: NativeStructureCaches;
  cost: NativeCost;
  memoryBytes: bigint;
  /** In place of `memoryBytes`, where it has ranges: start, bytes, what they are. */
  memoryMap: NativeMemoryRange[];
  /** Pages of `pageSize`; 0: the machine's memory is the limit. */
  residentLimit: number;
  policy: string;
  observe: "exact" | "hardware";
  modify: "once" | "twice";
  pageSize: PageSize;
  structureCachesOnEvict: "all" | "none";
  levels: 4 | 5;
  seed: bigint;
  /** Faults between two checks of every invariant; 0: none. */
  validateEvery: number;
}

/** A named processor: geometry, cost and where each figure was published. */
export interface NativePreset {
  name: string;
  summary: string;
  tlb: { wayChoice: WayChoice; tlbs: NativeTlb[] };
  structureCaches: NativeStructureCaches;
  cost: NativeCost;
  sources: Record<string, string>;
}
