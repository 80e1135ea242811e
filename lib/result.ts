// SPDX-License-Identifier: MIT
// The result document: what `machine.run` resolves to and `pagewalk run --json` prints.
import type { NativeCounts, NativeStats } from "./native.js";
import type { NativeRunOutcome } from "./native-run.js";
import type { KernelStats } from "./native-system.js";
import type {
  MemoryType,
  NativeConfig,
  NativeCost,
  NativeMemoryRange,
  NativeStructureCaches,
  NativeTlb,
  PageSize,
  WayChoice,
} from "./native-config.js";
import type { ProgramsResult } from "./programs.js";
import type { Refs, ResolvedOptions } from "./options/types.js";
import { version } from "./version.js";

export const resultSchema = "pagewalk.result/1";

/** A machine's configuration after defaults and presets, as plain JSON. */
export interface MachineConfig {
  cpu: string;
  levels: 4 | 5;
  pageSize: PageSize;
  /** Bytes of usable physical memory. */
  memory: number;
  /** Where it is not one range from 0 on. */
  memoryMap?: { start: number; size: number; type: MemoryType }[];
  /** Pages; null where memory is the limit, and before a share of a trace's pages is known. */
  residentLimit: number | null;
  /** The share of the trace's distinct pages that the limit was given as. */
  residentPercent?: number;
  policy: string;
  observe: "exact" | "hardware";
  refs: Refs;
  modify: "once" | "twice";
  crossing: "both" | "first";
  tlbPolicy: WayChoice;
  tlb: NativeTlb[];
  psc: NativeStructureCaches;
  pscOnEvict: "all" | "none";
  cost: NativeCost;
  /** A decimal string where a number would not be exact. */
  seed: number | string;
}

/** The configuration of one run. */
export interface RunConfig extends MachineConfig {
  limit: number | null;
  warmup: number;
}

export interface HitsAndMisses {
  hits: number;
  misses: number;
}

/** The counters of a machine. */
export interface MachineStats {
  accesses: { total: number; fetches: number };
  /** Sums by level, then TLBs with names of their own. */
  tlb: { l1i: HitsAndMisses; l1d: HitsAndMisses; l2: HitsAndMisses } & Record<string, HitsAndMisses>;
  walks: { total: number; fetch: number; references: number; faulted: number; dirtyUpdates: number };
  faults: { total: number; minor: number; major: number; protection: number };
  replacement: { policy: string; limit: number | null; evictions: number; writebacks: number };
  memory: { frames: number; tableFrames: number; residentPages: number; peakResidentPages: number };
  cycles: { translation: number; meanWalk: number; faults: number; invalidations: number };
  /** INVLPGs and the like that evictions caused. */
  invalidations: number;
  /** Where the machine runs processes: swap, copies, reasons of faults, memory that ran out. */
  kernel?: KernelStats;
}

/** What the lines of the trace held, before any selection. */
export interface TraceSummary extends NativeCounts {
  /** Null for a trace that is no file. */
  path: string | null;
  format: string;
  compression: string;
}

export interface RunTime {
  /** CPU seconds of the decoding thread. */
  decodeSeconds: number;
  /** Seconds inside the machine. */
  simulateSeconds: number;
  wallSeconds: number;
  accessesPerSecond: number;
}

/** The result of a run: exactly the document of `--json`. */
export interface RunResult extends MachineStats {
  schema: typeof resultSchema;
  /** Of pagewalk. */
  version: string;
  /** Set when the run ended early. */
  partial?: true;
  config: RunConfig;
  trace: TraceSummary;
  time: RunTime;
  /** Of a trace with memory calls: its processes, calls and violations. */
  programs?: ProgramsResult;
}

const rangeOf = ([start, bytes, type]: NativeMemoryRange) => ({ start: Number(start), size: Number(bytes), type });

export function machineConfig(options: ResolvedOptions): MachineConfig {
  const { native, refs, crossing, residentPercent } = options;
  const seed = Number(native.seed);
  return {
    cpu: native.cpu,
    levels: native.levels,
    pageSize: native.pageSize,
    memory: Number(native.memoryBytes),
    ...(native.memoryMap.length > 0 ? { memoryMap: native.memoryMap.map(rangeOf) } : {}),
    residentLimit: native.residentLimit || null,
    ...(residentPercent === undefined ? {} : { residentPercent }),
    policy: native.policy,
    observe: native.observe,
    refs,
    modify: native.modify,
    crossing,
    tlbPolicy: native.tlb.wayChoice,
    tlb: structuredClone(native.tlb.tlbs),
    psc: { ...native.structureCaches },
    pscOnEvict: native.structureCachesOnEvict,
    cost: { ...native.cost },
    seed: Number.isSafeInteger(seed) ? seed : native.seed.toString(),
  };
}

const isFetchOnly = (tlb: NativeTlb): boolean => tlb.kinds.every((kind) => kind === "fetch");

// By level; the first level apart for instructions and data. A first level that serves both is "l1d".
function levelName(tlb: NativeTlb): string {
  if (tlb.level > 1) return `l${tlb.level}`;
  return isFetchOnly(tlb) ? "l1i" : "l1d";
}

function tlbCounters(stats: NativeStats, config: NativeConfig): MachineStats["tlb"] {
  const sums: MachineStats["tlb"] = {
    l1i: { hits: 0, misses: 0 },
    l1d: { hits: 0, misses: 0 },
    l2: { hits: 0, misses: 0 },
  };
  const named: Record<string, HitsAndMisses> = {};
  for (const [index, { name, hits, misses }] of stats.tlbs.entries()) {
    const level = levelName(config.tlb.tlbs[index]!);
    sums[level] ??= { hits: 0, misses: 0 };
    sums[level].hits += hits;
    sums[level].misses += misses;
    named[name] = { hits, misses };
  }
  return { ...named, ...sums };
}

export function machineStats(stats: NativeStats, config: NativeConfig): MachineStats {
  const { minor, major, protection } = stats.faults;
  const { translation, meanWalk, faults, invalidations } = stats.cycles;
  return {
    accesses: { total: stats.accesses.accesses, fetches: stats.accesses.fetches },
    tlb: tlbCounters(stats, config),
    walks: stats.walks,
    faults: { total: minor + major + protection, minor, major, protection },
    replacement: { policy: config.policy, limit: config.residentLimit || null, ...stats.replacement },
    memory: stats.memory,
    cycles: { translation, meanWalk, faults, invalidations },
    invalidations: stats.invalidations,
  };
}

/** What a run was, besides its counters. */
export interface RunDescription {
  options: ResolvedOptions;
  limit: number | undefined;
  warmup: number;
  trace: { path: string | null; format: string; compression: string };
  wallSeconds: number;
}

export function runResult(run: RunDescription, outcome: NativeRunOutcome, partial: boolean): RunResult {
  const { path, format, compression } = run.trace;
  return {
    schema: resultSchema,
    version: version(),
    ...(partial ? { partial: true } : {}),
    config: { ...machineConfig(run.options), limit: run.limit ?? null, warmup: run.warmup },
    trace: { path, format, compression, ...outcome.counts },
    ...machineStats(outcome.stats, run.options.native),
    time: {
      decodeSeconds: outcome.decodeSeconds,
      simulateSeconds: outcome.simulateSeconds,
      wallSeconds: run.wallSeconds,
      accessesPerSecond: run.wallSeconds > 0 ? outcome.accesses / run.wallSeconds : 0,
    },
  };
}
