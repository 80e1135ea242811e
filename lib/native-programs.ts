// SPDX-License-Identifier: MIT
// The types of what crosses to the addon for replays of programs.
import type { NativeRunOutcome, NativeSlicedRun } from "./native.js";

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

export interface NativePrograms {
  list: NativeProgram[];
  events: Record<string, number>;
  differing: number;
  differences: CallDifference[];
  refused: number;
  skipped: number;
  guessedRegions: number;
}

export interface NativeProgramRun extends NativeSlicedRun<NativeRunOutcome & { programs: NativePrograms }> {
  /** The process whose access waits for a handler. */
  waiting(): number;
}
