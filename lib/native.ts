// SPDX-License-Identifier: MIT
// The only file that loads the addon, and the types of what crosses to it.
import { dirname } from "node:path";
import { PagewalkError, type PagewalkErrorDetails, rangeError, typeError } from "./errors.js";
import type {
  NativeComparison,
  NativeComparisonResult,
  NativeCurveRequest,
  NativeCurveResult,
  NativeReuseRequest,
  NativeReuseResult,
} from "./native-analysis.js";
import type { NativeConfig, NativeMemoryRange, NativePreset, PageSize } from "./native-config.js";
import type { NativeProgramRun } from "./native-programs.js";
import type { NativeRun } from "./native-run.js";
import type { NativeSystem, NativeSystemConfig } from "./native-system.js";
import type { PolicyOutcome } from "./policy-simulation.js";

export type { AccessKind, NativeConfig, NativePreset, PageSize } from "./native-config.js";

/** What a machine has counted, as the addon gives it. */
export interface NativeStats {
  tlbs: { name: string; level: number; hits: number; misses: number }[];
  walks: { total: number; fetch: number; references: number; faulted: number; dirtyUpdates: number };
  faults: { minor: number; major: number; protection: number };
  replacement: { evictions: number; writebacks: number };
  memory: { frames: number; tableFrames: number; residentPages: number; peakResidentPages: number };
  accesses: { accesses: number; fetches: number };
  cycles: { translation: number; faults: number; invalidations: number; meanWalk: number };
  invalidations: number;
}

/** What the lines of a trace hold. */
export interface NativeCounts {
  records: number;
  instructions: number;
  fetches: number;
  loads: number;
  stores: number;
  modifies: number;
  crossing: number;
}

/** Which accesses of a trace a call is about. */
export interface NativeSelection {
  limit?: number | undefined;
  refs?: "all" | "data" | "fetch";
  crossing?: "both" | "first";
}

/** One step of a boot: its name, what it made, what it took the host. */
export interface NativeBootStep {
  name: string;
  made: string;
  hostNanoseconds: number;
}

/** One check of invariants. */
export interface NativeHealthCheck {
  name: string;
  checked: number;
  unit: string;
  problems: string[];
}

export interface NativeMachine {
  access(): void;
  accessMany(addresses: BigUint64Array | Float64Array, kinds: Uint8Array | undefined): void;
  setFaultHandler(ask: (() => number) | undefined): void;
  stats(): NativeStats;
  reset(): void;
  health(): NativeHealthCheck[];
  bootLog(): NativeBootStep[];
  saveState(path: string, config: string): undefined;
  saveState(path: undefined, config: string): Uint8Array;
  validate(): string[];
  close(): void;
}

/** What a policy written in JavaScript may ask while it chooses a victim. */
export interface NativePolicyHost {
  testAndClearAccessed(page: number): boolean;
  isDirty(page: number): boolean;
}

export interface NativeTraceOptions {
  format?: string | undefined;
  compression?: string | undefined;
  onError?: string | undefined;
}

/** A synthetic trace; what is absent keeps the generator's default. */
export interface NativeGenerate {
  name: string;
  accesses?: number | undefined;
  bytes?: number | undefined;
  base?: number | undefined;
  stores?: number | undefined;
  seed?: bigint | undefined;
  exponent?: number | undefined;
  stride?: number | undefined;
  phase?: number | undefined;
}

export interface NativeConversion {
  compress: boolean;
  text: boolean;
  limit?: number | undefined;
}

export interface NativeTrace {
  readonly name: string;
  readonly format: string;
  readonly compression: string;
  readonly hasEvents: boolean;
  /** With the keys of `pagewalk trace info --json`. */
  info(): NativeTask<Record<string, unknown>>;
  distinctPages(selection: NativeSelection, pageSize: PageSize): NativeTask<number>;
  convert(path: string, options: NativeConversion): NativeTask<NativeCounts>;
  compare(selection: NativeSelection, what: NativeComparison): NativeTask<NativeComparisonResult>;
  missRatioCurves(selection: NativeSelection, what: NativeCurveRequest): NativeTask<NativeCurveResult>;
  reuse(selection: NativeSelection, what: NativeReuseRequest): NativeTask<NativeReuseResult>;
  close(): void;
}

/** Work on a native thread: its promise, how far it is, and a way to end it early. */
export interface NativeTask<T> {
  promise: Promise<T>;
  progress(): { position: number; total: number };
  cancel(): void;
}

/** A named part of the simulator that a table lists. */
export interface NativeEntry {
  name: string;
  summary: string;
}

export interface NativeParameter {
  name: string;
  default: number;
  min: number;
  max: number;
  unit: string;
  summary: string;
  /** Another name that is accepted. */
  alias?: string;
}

export interface NativePolicy extends NativeEntry {
  family: string;
  /** Other names that are accepted. */
  aliases: string[];
  parameters: NativeParameter[];
}

export interface NativeGenerator extends NativeEntry {
  parameters: NativeParameter[];
}

export interface NativeErrorEntry extends NativeEntry {
  type: "TypeError" | "RangeError" | "PagewalkError";
}

/** How the addon was built. */
export interface NativeBuild {
  compiler: string;
  decoders: string[];
}

/** What TLBs must forget after tables were changed. */
export interface NativeInvalidation {
  address: bigint;
  scope: "nothing" | "page" | "tables";
  /** Whether the page was global, so that every address space may hold it. */
  global: boolean;
}

export interface NativeLeaf {
  entry: bigint;
  entryAddress: bigint;
  physical: bigint;
  pageSize: PageSize;
}

export interface NativePhysicalMemory {
  size(): number;
  committedBytes(): number;
  read64(address: bigint): bigint;
  write64(address: bigint, value: bigint): void;
  read(address: bigint, bytes: Uint8Array): void;
  write(address: bigint, bytes: Uint8Array): void;
  zeroFrame(frame: number): void;
  copyFrame(from: number, to: number): void;
  clear(): void;
}

export interface NativeFrameAllocator {
  allocate(order: number, end: string): number | null;
  allocateRun(count: number, alignment: number, end: string): number | null;
  allocateAt(first: number, count: number): void;
  free(first: number, order: number): void;
  freeRun(first: number, count: number): void;
  isFree(frame: number): boolean;
  freeCount(): number;
  frames(): number;
  validate(): string[];
}

export interface NativeMapper {
  root(): bigint;
  tableCount(): number;
  map(address: bigint, physical: bigint, pageSize: PageSize, flags: bigint): NativeInvalidation;
  unmap(address: bigint): NativeInvalidation;
  protect(address: bigint, flags: bigint): NativeInvalidation;
  find(address: bigint): NativeLeaf | null;
}

export interface NativeMmuOptions extends Pick<NativeConfig, "tlb" | "structureCaches" | "seed"> {
  maxPhysAddr: number;
  pages1GiB: boolean | number;
}

export type NativeMmuStats = Pick<NativeStats, "tlbs" | "walks">;

export type NativeMmuResult =
  | { ok: true; pa: bigint; pageSize: number; pa2?: bigint; pageSize2?: number }
  | { ok: false; vector: 13 | 14; errorCode: number; cr2?: bigint };

export interface NativeWalk {
  steps: {
    level: number;
    name: string;
    index: number;
    entryAddress: bigint;
    entry: bigint;
    rights: { writable: boolean; user: boolean; noExecute: boolean } | null;
    cached: boolean;
  }[];
  end: "translated" | "not-present" | "reserved" | "refused" | "not-canonical";
  result: NativeMmuResult;
  tlb: string | null;
  /** Reserved bits that are set in the last entry, where they end the walk. */
  reservedBits: bigint;
  /** The checks that refuse the access. */
  refusedBy: NativeCheck[];
}

export type NativeCheck =
  | "user-supervisor"
  | "read-write"
  | "no-execute"
  | "smep"
  | "smap"
  | "key-access-disable"
  | "key-write-disable";

/** A range of a dump of page tables. */
export interface NativeRange {
  kind: "pages" | "table" | "reserved" | "recursive" | "shared";
  start: bigint;
  /** Of virtual addresses. */
  bytes: number;
  /** Of the entries: 1 PT. */
  level: number;
  /** "PTE" and so on. */
  name: string;
  entries: number;
  /** Entries that have Accessed set. */
  accessed: number;
  /** Of the whole path. */
  rights: { writable: boolean; user: boolean; noExecute: boolean };
  /** The first page, or the table that the entry leads to; absent for reserved entries. */
  physical?: bigint;
  /** Of shared tables: the address under which the table is dumped. */
  sharedWith?: bigint;
  /** These are there for pages only. */
  contiguous?: boolean;
  dirty?: number;
  global?: boolean;
  protectionKey?: number;
}

export interface NativeTableDump {
  ranges: NativeRange[];
  totals: {
    tables: Record<"PT" | "PD" | "PDPT" | "PML4" | "PML5", number>;
    pages: Record<PageSize, number>;
    userBytes: number;
    writableBytes: number;
    executableBytes: number;
    writableExecutableBytes: number;
    accessedPages: number;
    dirtyPages: number;
    reservedEntries: number;
    recursiveEntries: number;
    sharedEntries: number;
    otherEntries: number;
  };
}

/** A saved state besides its memory. */
export interface NativeState {
  processor: { maxPhysAddr: number; pages1GiB: boolean };
  control: NativeControlBits;
  cr3: bigint | null;
  pkru: bigint;
  pkrs: bigint;
  config: string;
}

type NativeControlBits = Record<"wp" | "nxe" | "smep" | "smap" | "pke" | "pks" | "pge" | "pcide" | "la57", boolean>;

export interface NativeMmu {
  control(): NativeControlBits;
  setControl(changes: { [Name in keyof NativeControlBits]?: boolean | number | undefined }): void;
  keys(): { pkru: bigint; pkrs: bigint };
  setKeys(pkru: number | bigint, pkrs: number | bigint): void;
  cr3(): bigint;
  writeCr3(value: bigint): void;
  access(address: bigint, operation: string, cpl: number, ac: boolean | number, size: number): NativeMmuResult;
  walk(address: bigint, operation: string, cpl: number, ac: boolean | number): NativeWalk;
  invlpg(address: bigint): void;
  invpcid(type: number, pcid: number | bigint, address: bigint): void;
  tables(options: { tree: boolean; physical: boolean }): NativeTableDump;
  saveState(path: string, config: string): undefined;
  saveState(path: undefined, config: string): Uint8Array;
  stats(): NativeMmuStats;
}

/** What the host's tables had against an access. Level and entry are those of the host's tables where they ended. */
export interface EptExit {
  access: "read" | "write" | "fetch";
  /** Whether an entry of the guest's tables was being reached, or what the access is about. */
  during: "walk" | "access";
  guestPhysical: bigint;
  guestLinear: bigint;
  level: number;
  entryAddress: bigint;
  entry: bigint;
}

export interface EptViolation extends EptExit {
  /** What the host's entries on the way grant together. */
  rights: { read: boolean; write: boolean; execute: boolean };
  /** The exit qualification. */
  qualification: number;
}

export type NativeNestedResult =
  | NativeMmuResult
  | { ok: false; violation: EptViolation }
  | { ok: false; misconfiguration: EptExit };

export interface NativeNestedStats {
  tlbs: NativeStats["tlbs"];
  walks: {
    total: number;
    fetch: number;
    /** Of both dimensions, by walks that succeeded. */
    references: number;
    guestReferences: number;
    hostReferences: number;
    faulted: number;
    exits: number;
  };
}

export interface NativeNestedMmuOptions extends NativeMmuOptions {
  executeOnly: boolean | number;
  nestedTlb: NativeConfig["tlb"];
}

export interface NativeNestedMmu extends Omit<NativeMmu, "access" | "walk" | "stats"> {
  enter(eptp: bigint, vmid: number): void;
  access(address: bigint, operation: string, cpl: number, ac: boolean | number, size: number): NativeNestedResult;
  invept(type: number, eptp: bigint): void;
  invvpid(type: number, vmid: number, address: bigint): void;
  stats(): NativeNestedStats;
}

export interface NativeShootdownPolicy {
  lazy: boolean;
  batch?: number;
}

export interface NativeShootdownStats {
  /** Deliveries. */
  shootdowns: number;
  /** Interrupts sent to other cores. */
  ipis: number;
  /** Pages that cores forgot one by one. */
  pages: number;
  /** Address spaces that cores forgot as a whole. */
  fullFlushes: number;
  /** Interrupts that laziness spared. */
  skipped: number;
  /** Address spaces that spared cores forgot when they came back. */
  deferredFlushes: number;
}

export interface NativeShootdowns {
  addSpace(root: bigint, pcid: number): number;
  switchTo(core: number, space: number): void;
  noteCr3(core: number): void;
  checkCore(core: number): void;
  post(core: number, space: number, invalidation: NativeInvalidation): void;
  flush(core: number): void;
  holders(space: number): number[];
  stats(): NativeShootdownStats;
}

export interface NativeTlbHandle {
  lookup(address: bigint, asid: number): { pa: bigint; pageSize: PageSize } | null;
  insert(address: bigint, physical: bigint, pageSize: PageSize, asid: number): void;
  invalidate(address: bigint, asid: number): void;
  clear(): void;
  lookups(): number;
  misses(): number;
}

export interface NativePolicySimulation {
  feed(pages: BigUint64Array | Float64Array, stores: Uint8Array | undefined): void;
  outcome(): PolicyOutcome;
}

interface Addon {
  NativePhysicalMemory: new (bytes: number | bigint) => NativePhysicalMemory;
  NativeFrameAllocator: new (map: [bigint, number | bigint, string][]) => NativeFrameAllocator;
  NativeMapper: new (memory: NativePhysicalMemory, allocator: NativeFrameAllocator, levels: number) => NativeMapper;
  NativeMmu: new (memory: NativePhysicalMemory, options: NativeMmuOptions) => NativeMmu;
  NativeNestedMmu: new (
    memory: NativePhysicalMemory,
    options: NativeNestedMmuOptions,
    eptp: bigint,
    vmid: number,
  ) => NativeNestedMmu;
  NativeShootdowns: new (cores: NativeMmu[], policy: NativeShootdownPolicy) => NativeShootdowns;
  NativeTlb: new (config: NativeConfig["tlb"], seed: number | bigint) => NativeTlbHandle;
  NativePolicySimulation: new (
    policy: string,
    frames: number,
    observe: "exact" | "hardware",
    seed: number | bigint,
  ) => NativePolicySimulation;
  NativePolicyHost: new (ask: () => number, buffer: ArrayBuffer, observesReferences: boolean) => NativePolicyHost;
  NativeMachine: new (config: NativeConfig, mailbox: ArrayBuffer, policy?: NativePolicyHost) => NativeMachine;
  NativeSystem: new (
    config: NativeConfig,
    processes: NativeSystemConfig,
    mailbox: ArrayBuffer,
    ask: (question: number, detail: unknown) => number,
  ) => NativeSystem;
  NativeRun: new (machine: NativeMachine, trace: NativeTrace, selection: NativeSelection, warmup: number) => NativeRun;
  NativeProgramRun: new (
    system: NativeSystem,
    trace: NativeTrace,
    selection: NativeSelection,
    options: { warmup: number; guess: boolean },
  ) => NativeProgramRun;
  openTrace(path: string, options: NativeTraceOptions): NativeTask<NativeTrace>;
  traceFromAddresses(
    addresses: BigUint64Array | Float64Array,
    kinds: Uint8Array | undefined,
    sizes: Uint32Array | undefined,
  ): NativeTrace;
  generateTrace(what: NativeGenerate): NativeTrace;
  recordTrace(what: {
    folder: string;
    pid: number;
    output: string;
    compress: boolean;
  }): NativeTask<Record<string, unknown>>;
  loadState(from: string | Uint8Array, makeMemory: (bytes: number) => NativePhysicalMemory): NativeState;
  setErrorFactory(make: typeof makeError): void;
  presets(): NativePreset[];
  checkMemoryMap(map: readonly NativeMemoryRange[]): { code: string; message: string }[];
  policies(): NativePolicy[];
  formats(): NativeEntry[];
  generators(): NativeGenerator[];
  errors(): NativeErrorEntry[];
  build(): NativeBuild;
}

function makeError(
  type: NativeErrorEntry["type"],
  code: string,
  message: string,
  file?: string,
  line?: number,
  offset?: number,
): Error {
  if (type === "TypeError") return typeError(code, message);
  if (type === "RangeError") return rangeError(code, message);
  const details: PagewalkErrorDetails = {};
  if (file !== undefined) details.file = file;
  if (line !== undefined) details.line = line;
  if (offset !== undefined) details.offset = offset;
  return new PagewalkError(code, message, details);
}

let loaded: Addon | undefined;

function load(): Addon {
  const root = dirname(__dirname); // both lib/ and dist/ are one below it
  try {
    const nodeGypBuild = require("node-gyp-build") as (root: string) => unknown; // not before an addon is needed
    const binary = nodeGypBuild(root) as Addon;
    binary.setErrorFactory(makeError);
    return binary;
  } catch (cause) {
    const where = `${process.platform}-${process.arch}`;
    const message = `no binary of pagewalk loads on ${where} (Node ${process.versions.node}); compile it with: npx pagewalk build-native`;
    throw new PagewalkError("ERR_PAGEWALK_NO_BINARY", message, { cause });
  }
}

/** The addon, loaded when it is first needed, so that the command line can explain a missing one. */
export function addon(): Addon {
  loaded ??= load();
  return loaded;
}

let presetTable: readonly NativePreset[] | undefined;
let policyTable: readonly NativePolicy[] | undefined;
/** The tables that every machine and MMU reads, asked for once; not to be changed. */
export const knownPresets = (): readonly NativePreset[] => (presetTable ??= addon().presets());
export const knownPolicies = (): readonly NativePolicy[] => (policyTable ??= addon().policies());

/** What is wrong with a memory map; `index` is the range's, if it is about one. */
export function checkMemoryMap(map: readonly NativeMemoryRange[]): { index?: number; code: string; text: string }[] {
  return addon()
    .checkMemoryMap(map)
    .map(({ code, message }) => {
      const [, range, text = message] = /^memory map(?:, range (\d+))?: (.*)$/s.exec(message) ?? [];
      return { ...(range === undefined ? {} : { index: Number(range) }), code, text };
    });
}

/** The named processors. */
export const presets = (): NativePreset[] => addon().presets();
/** The replacement policies. */
export const policies = (): NativePolicy[] => addon().policies();
/** The trace formats. */
export const formats = (): NativeEntry[] => addon().formats();
/** The synthetic generators. */
export const generators = (): NativeGenerator[] => addon().generators();
/** The error catalogue. */
export const errors = (): NativeErrorEntry[] => addon().errors();
/** How the addon was built. */
export const build = (): NativeBuild => addon().build();
