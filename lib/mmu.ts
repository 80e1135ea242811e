// SPDX-License-Identifier: MIT
// An x86-64 memory-management unit over simulated physical memory, without a machine: control registers, TLBs,
// paging-structure caches and the walker. It reports exceptions and handles none.
import { type Address, addressBits } from "./addresses.js";
import { rangeError } from "./errors.js";
import type { ExplainOptions, Explanation } from "./explanation.js";
import { type CacheOptions, cacheNames, configText, MachineState } from "./machine-state.js";
import type { Invalidation } from "./mapper.js";
import {
  addon,
  type NativeMmu,
  type NativeCheck,
  type NativeMmuResult,
  type NativeMmuStats,
  type NativeTableDump,
} from "./native.js";
import type { NativeStructureCaches } from "./native-config.js";
import { checkNames } from "./options/names.js";
import { checkedPath } from "./options/path.js";
import type { MachineOptions, TlbOption } from "./options/types.js";
import { decodeEntry, type EntryFlags } from "./paging-entry.js";
import { explanationPart, optionsPart } from "./parts.js";
import { nativeMemoryOf, type PhysicalMemory } from "./physical-memory.js";

/** A bit of a register: 0, 1 or a boolean. */
export type Bit = 0 | 1 | boolean;

/** The names of control bits; not part of the public API. */
export const controlNames = ["wp", "nxe", "smep", "smap", "pke", "pks", "pge", "pcide", "la57"] as const;

/** CR0.WP, IA32_EFER.NXE and the bits of CR4 that paging depends on. */
export type ControlBits = Record<(typeof controlNames)[number], boolean>;

/** What CPUID says of the processor. */
export interface ProcessorOptions {
  /** MAXPHYADDR, 32 to 52 bits. Default 52. */
  maxPhysAddr?: number;
  /** Whether there are 1 GiB pages. Default true. */
  pages1GiB?: Bit;
}

/** What an MMU is made of. The TLBs and structure caches are given as for a machine. */
export interface MmuOptions extends Pick<MachineOptions, "cpu" | "psc" | "tlbPolicy" | "seed"> {
  memory: PhysicalMemory;
  processor?: ProcessorOptions;
  /** Control bits to begin with, as `setControl` takes them. */
  control?: ControlChanges;
  /** `"none"`, the name of a preset, or TLBs that differ from those of `cpu`. */
  tlb?: TlbOption;
}

export type ControlChanges = { [Name in keyof ControlBits]?: Bit | undefined };
export type Operation = "read" | "write" | "fetch";

/** How an access is made. */
export interface AccessMode {
  /** Current privilege level; 3 is user mode. Default 3. */
  cpl?: number;
  /** EFLAGS.AC, which lifts SMAP. Default 0. */
  ac?: Bit;
}
export interface AccessOptions extends AccessMode {
  /** Bytes, 1 to 64. Default 1. */
  size?: number;
}

/**
 * Where an access went, or the exception that it raised: 14 a page fault, 13 a general-protection exception (the address
 * is not canonical). `pa2` and `pageSize2` tell where the part in a second page went. Page sizes are in bytes.
 */
export type MmuResult = NativeMmuResult;

/** One entry that a walk reads. */
export interface WalkStep {
  /** 5 PML5, 4 PML4, 3 PDPT, 2 PD, 1 PT. */
  level: number;
  /** "PML4E" and so on. */
  name: string;
  /** Which of the table's 512 entries. */
  index: number;
  entryAddress: bigint;
  entry: bigint;
  flags: EntryFlags;
  /** What the entries down to here grant together; null where this one is not present or breaks a rule. */
  rights: { writable: boolean; user: boolean; noExecute: boolean } | null;
  /** Whether a structure cache would spare the walk this entry. */
  cached: boolean;
}

export interface Walk {
  steps: WalkStep[];
  /** Why it ended. */
  end: "translated" | "not-present" | "reserved" | "refused" | "not-canonical";
  /** What an access would come to if nothing were cached. */
  result: MmuResult;
  /** The TLB that holds a translation of the address for this kind of access, if any. */
  tlb: string | null;
  /** Reserved bits that are set in the last entry, where they end the walk. */
  reservedBits: bigint;
  /** The checks that refuse the access. */
  refusedBy: NativeCheck[];
}

/** What a tree of tables maps, and what it holds in all. */
export type TableDump = NativeTableDump;

/** How tables are dumped. */
export interface DumpOptions {
  /** A line for every table, before what it maps. Default false. */
  tree?: boolean;
  /** A range ends where its frames are not contiguous. Default false. */
  physical?: boolean;
}

export type MmuStats = NativeMmuStats;

/** The addon's MMU behind an Mmu; not part of the public API. */
export let nativeMmuOf: (mmu: Mmu) => NativeMmu;
/** Makes an Mmu the core of a group, which is told when CR3 was written; not part of the public API. */
export let joinGroup: (mmu: Mmu, onCr3: () => void) => void;

export class Mmu {
  /** @internal */
  static readonly optionNames = ["memory", "processor", "control", "tlb", "psc", "cpu", "tlbPolicy", "seed"];

  readonly #native: NativeMmu;
  readonly #processor: { maxPhysAddr: number; pages1GiB: boolean };
  readonly #caches: CacheOptions;
  readonly #structureCaches: NativeStructureCaches;
  #onCr3: (() => void) | undefined;

  static {
    nativeMmuOf = (mmu) => mmu.#native;
    joinGroup = (mmu, onCr3) => {
      mmu.#onCr3 = onCr3;
    };
  }

  constructor(options: MmuOptions) {
    checkNames("options", options, Mmu.optionNames);
    const { memory, processor = {}, control, ...rest } = options;
    checkNames("processor", processor, ["maxPhysAddr", "pages1GiB"]);
    const { maxPhysAddr = 52, pages1GiB = true } = processor;
    this.#processor = { maxPhysAddr, pages1GiB: Boolean(pages1GiB) };
    this.#caches = namedTlbs(rest);
    const { tlb, structureCaches, seed } = optionsPart().resolveOptions(this.#caches).native;
    this.#structureCaches = structureCaches;
    const native = nativeMemoryOf(memory);
    this.#native = new (addon().NativeMmu)(native, { maxPhysAddr, pages1GiB, tlb, structureCaches, seed });
    if (control !== undefined) this.setControl(control);
  }

  /** An MMU as it was saved, on the state's memory; its caches are empty, and may be given anew. */
  static fromState(state: MachineState, options: CacheOptions = {}): Mmu {
    checkNames("options", options, cacheNames);
    const { memory, processor, control, cr3, protectionKeys, config } = state;
    const mmu = new Mmu({ memory, processor, control, ...config.caches, ...options });
    mmu.setProtectionKeys(protectionKeys);
    if (cr3 !== null) mmu.writeCr3(cr3);
    return mmu;
  }
  /** The MMU that `saveState` of an MMU or of a machine wrote. */
  static loadState(path: string, options: CacheOptions = {}): Mmu {
    return Mmu.fromState(MachineState.load(path), options);
  }

  /** What CPUID says of the processor. */
  get processor(): { maxPhysAddr: number; pages1GiB: boolean } {
    return { ...this.#processor };
  }
  /** Entries of the paging-structure caches. */
  get structureCaches(): NativeStructureCaches {
    return { ...this.#structureCaches };
  }

  /** The control bits as they stand. */
  get control(): ControlBits {
    return this.#native.control();
  }
  /** MOV to CR0 and CR4 and WRMSR of IA32_EFER: bits that are not given stay. LA57 is fixed by the first `writeCr3`. */
  setControl(changes: ControlChanges): void {
    checkNames("control", changes, controlNames);
    if (this.#onCr3 && (changes.pcide !== undefined || changes.la57 !== undefined))
      throw rangeError("ERR_PAGEWALK_INVALID_CONFIG", "control: pcide and la57 are fixed for the cores of a group");
    this.#native.setControl(changes);
  }

  get protectionKeys(): { pkru: bigint; pkrs: bigint } {
    return this.#native.keys();
  }
  /** WRPKRU and WRMSR of IA32_PKRS, 32 bits each; what is not given stays. They count while `pke` and `pks` are set. */
  setProtectionKeys(keys: { pkru?: number | bigint; pkrs?: number | bigint }): void {
    checkNames("keys", keys, ["pkru", "pkrs"]);
    const { pkru, pkrs } = { ...this.#native.keys(), ...withoutUndefined(keys) };
    this.#native.setKeys(pkru, pkrs);
  }

  get cr3(): bigint {
    return this.#native.cr3();
  }
  /** MOV to CR3 of the raw value, PCID and bit 63 included. */
  writeCr3(value: Address): void {
    this.#native.writeCr3(addressBits(value, "cr3"));
    this.#onCr3?.();
  }

  /** One access. Accessed and Dirty bits are set as the architecture says. */
  access(address: Address, operation: Operation = "read", options: AccessOptions = {}): MmuResult {
    checkNames("access", options, ["size", "cpl", "ac"]);
    const { size = 1, cpl = 3, ac = 0 } = options;
    return this.#native.access(addressBits(address), operation, cpl, ac, size);
  }

  /** What a walk for the address would read and find. Nothing changes, neither memory nor what is cached. */
  walk(address: Address, operation: Operation = "read", mode: AccessMode = {}): Walk {
    checkNames("mode", mode, ["cpl", "ac"]);
    const { cpl = 3, ac = 0 } = mode;
    const { steps, ...walk } = this.#native.walk(addressBits(address), operation, cpl, ac);
    return { ...walk, steps: steps.map((step) => ({ ...step, flags: decodeEntry(step.entry, step.level) })) };
  }

  /** What an access would come to and why, page by page; like `walk` it changes nothing. */
  explain(address: Address, operation: Operation = "read", options: ExplainOptions = {}): Explanation {
    checkNames("access", options, ["size", "cpl", "ac"]);
    return explanationPart().explain(this, addressBits(address), operation, options);
  }
  /** What the tables map: adjacent pages of one size and one set of rights are one range. */
  tables(options: DumpOptions = {}): TableDump {
    checkNames("options", options, ["tree", "physical"]);
    return this.#native.tables({ tree: options.tree ?? false, physical: options.physical ?? false });
  }

  /** Writes memory and registers to a file; caches are not part of it. */
  saveState(path: string): void {
    this.#native.saveState(checkedPath(path, "path"), configText({ caches: this.#caches }));
  }
  /** The bytes that `saveState` would write. */
  encodeState(): Uint8Array {
    return this.#native.saveState(undefined, configText({ caches: this.#caches }));
  }

  invlpg(address: Address): void {
    this.#native.invlpg(addressBits(address));
  }
  /** Types: 0 an address of a PCID, 1 a PCID, 2 everything with global pages, 3 everything but them. */
  invpcid(type: number, descriptor: { pcid?: number | bigint; va?: Address } = {}): void {
    checkNames("descriptor", descriptor, ["pcid", "va"]);
    this.#native.invpcid(type, descriptor.pcid ?? 0, addressBits(descriptor.va ?? 0, "va"));
  }
  /** What a mapper's change asks to forget. */
  invalidate(invalidation: Invalidation): void {
    if (invalidation.scope !== "nothing") this.invlpg(invalidation.address);
  }

  stats(): MmuStats {
    return this.#native.stats();
  }
}

/** The name of a preset in place of TLBs stands for its TLBs and structure caches; not part of the public API. */
export function namedTlbs(options: Omit<MmuOptions, "memory" | "processor" | "control">): MachineOptions {
  const { tlb, ...rest } = options;
  if (tlb === undefined) return rest;
  return typeof tlb !== "string" || tlb === "none" || tlb.includes("=") ? { ...rest, tlb } : { ...rest, cpu: tlb };
}

/** Not part of the public API. */
export function withoutUndefined<T extends object>(given: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]: Exclude<T[Name], undefined> };
}
