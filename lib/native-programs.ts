// SPDX-License-Identifier: MIT
// The types of what crosses to the addon for replays of programs.
import type { NativeRunOutcome, NativeSlicedRun } from "./native-run.js";

/** A process of a trace, and the process that stood for it in a replay. */
export interface NativeProgram {
  recorded: number;
  pid: number;
  accesses: number;
}

/** A call whose result in a replay was not the recorded one: addresses in hexadecimal, or names of errors. */
export interface CallDifference {
  /** As recorded. */
  pid: number;
  call: string;
  arguments: string[];
  recorded: string;
  replayed: string;
}

/** What a replay of programs counted. */
export interface ProgramCounts {
  /** Events of the trace by kind. */
  events: Record<string, number>;
  /** Calls whose result was not the recorded one, and the first 32 of them. */
  differing: number;
  differences: CallDifference[];
  /** Accesses that were refused. */
  refused: number;
  /** Accesses of processes that had ended in the replay. */
  skipped: number;
  /** Regions that `vmas: "guess"` made. */
  guessedRegions: number;
}

export interface NativePrograms extends ProgramCounts {
  list: NativeProgram[];
}

export interface NativeProgramRun extends NativeSlicedRun<NativeRunOutcome & { programs: NativePrograms }> {
  /** The process whose access waits for a handler. */
  waiting(): number;
}
