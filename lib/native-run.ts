// SPDX-License-Identifier: MIT
// The types of what crosses to the addon for runs of traces.
import type { NativeCounts, NativeStats } from "./native.js";

/** The states of a run: trace::ReplayState of the native side, in its order. */
export const RunState = { Running: 0, Done: 1, Pending: 2, Refused: 3, Failed: 4, Aborted: 5 } as const;

export interface NativeRunOutcome {
  state: number;
  aborted: boolean;
  error: Error | undefined;
  stats: NativeStats;
  counts: NativeCounts;
  accesses: number;
  decodeSeconds: number;
  simulateSeconds: number;
}

export interface NativeProgress {
  position: number;
  total: number;
  accesses: number;
  faults: number;
}

export interface NativeRun extends NativeSlicedRun {
  resume(answer: number): void;
}

/** A run that can go on this thread, where JavaScript can be asked. */
export interface NativeSlicedRun<Outcome extends NativeRunOutcome = NativeRunOutcome> extends NativeThreadRun<Outcome> {
  /** The state after about so long. */
  slice(seconds: number): number;
}

/** A run on a thread of its own, as all runs can be. */
export interface NativeThreadRun<Outcome extends NativeRunOutcome = NativeRunOutcome> {
  start(done: () => void): void;
  abort(): void;
  progress(): NativeProgress;
  finish(): Outcome;
}
