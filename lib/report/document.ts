// SPDX-License-Identifier: MIT
// The parts of a result document that reports read.

export interface HitsAndMisses {
  hits: number;
  misses: number;
}

export interface ReportDocument {
  schema: string;
  partial?: boolean;
  config: {
    cpu: string;
    policy: string;
    pageSize: string;
    observe: string;
    refs: string;
    modify: string;
    crossing: string;
  };
  trace: {
    path?: string | null;
    format: string;
    compression: string;
    records: number;
    instructions: number;
    fetches: number;
    loads: number;
    stores: number;
    modifies: number;
    crossing: number;
  };
  accesses?: { total: number };
  /** Sums by level (l1i, l1d, l2), then split TLBs by name. */
  tlb: Record<string, HitsAndMisses>;
  walks: { total: number; fetch: number; references: number; faulted: number; dirtyUpdates: number };
  faults: { total: number; minor: number; major: number; protection: number };
  replacement: { policy: string; limit: number | null; evictions: number; writebacks: number };
  memory: { frames: number; tableFrames: number; residentPages: number; peakResidentPages: number };
  cycles: { translation: number; meanWalk: number; faults?: number; invalidations?: number };
  time: { decodeSeconds: number; simulateSeconds: number; wallSeconds: number; accessesPerSecond: number };
}
