// SPDX-License-Identifier: MIT
// Traces with memory calls: programs run again as processes, and what the result document says of them.
import type { NativeTrace } from "./native.js";
import type { NativeProgramRun, NativePrograms, ProgramCounts } from "./native-programs.js";
import type { FaultCounts, NativeProcess, ProcessPages } from "./native-system.js";
import type { ResolvedOptions } from "./options/types.js";
import type { Processes } from "./processes.js";
import { driveProcesses, type RunEnd, type RunHooks, type Slices, unlessAborted } from "./run.js";
import type { System } from "./system.js";
import type { Violation } from "./violation.js";

/** A process of a trace. */
export interface ProgramResult {
  /** As recorded. */
  pid: number;
  accesses: number;
  state: NativeProcess["state"];
  /** The number of the signal that ended it; 0: none. */
  endSignal: number;
  exitStatus: number;
  faults: FaultCounts;
  /** Pages at the end of the run; absent once it has ended. */
  memory?: ProcessPages;
}

/** A violation as plain JSON; addresses are hexadecimal. */
export interface ViolationRow extends Omit<Violation, "address" | "instructionPointer"> {
  address: string;
  instructionPointer: string;
}

/** What became of the processes of a trace. */
export interface ProgramsResult extends ProgramCounts {
  /** In the order in which they began. */
  processes: ProgramResult[];
  /** The latest accesses that were refused, the oldest first; at most `violationsKept`. */
  violations: ViolationRow[];
}

/** Options of the processes that stand for recorded ones: they go on after a violation, and have swap. */
export function optionsForPrograms(options: ResolvedOptions): ResolvedOptions {
  const { system, native, residentPercent: _, ...rest } = options;
  const whole = { slots: Number(native.memoryBytes) / 4096, readLatency: 0, writeLatency: 0 };
  return {
    ...rest,
    native,
    system: { ...system, onViolation: "record", swap: system.swap.length > 0 ? system.swap : [whole] },
  };
}

const hex = (address: bigint): string => `0x${address.toString(16)}`;

function programsResult(processes: Processes, programs: NativePrograms): ProgramsResult {
  const { list, ...report } = programs;
  const recorded = new Map(list.map((program) => [program.pid, program.recorded]));
  const known = list.filter((program) => program.pid !== 0);
  return {
    processes: known.map(({ pid, recorded: number, accesses }) => {
      const { state, endSignal, exitStatus, faults, memory } = processes.system.process(pid);
      return { pid: number, accesses, state, endSignal, exitStatus, faults, ...(memory ? { memory } : {}) };
    }),
    ...report,
    violations: processes.violations({}).map((one) => ({
      ...one,
      pid: recorded.get(one.pid)!,
      address: hex(one.address),
      instructionPointer: hex(one.instructionPointer),
    })),
  };
}

// How page-fault handlers and hooks are asked during a run.
function slicesOf(
  run: NativeProgramRun,
  { asked, blocked }: System,
): Slices & { takeFailure: () => Error | undefined } {
  let failure: Error | undefined; // of an answer that was put off
  return {
    slice: (seconds) => blocked.during(true, () => run.slice(seconds)),
    answered: async (signal) => {
      const pid = run.waiting();
      const answer = blocked.wait(pid).then(() => true);
      try {
        if ((await unlessAborted(answer, signal)) && !signal?.aborted) return true;
      } catch (error) {
        failure = error as Error;
        return false;
      }
      const forget = (): void => blocked.forgetAnswer(pid); // one that nobody takes would meet the next fault
      answer.then(forget, () => {});
      return false;
    },
    takeFailure: () => failure ?? asked.takeFailure(),
  };
}

/** Runs a trace over processes that it makes. */
export async function runPrograms(
  processes: Processes,
  trace: NativeTrace,
  options: ResolvedOptions,
  request: { limit: number | undefined; warmup: number; guess: boolean } & RunHooks,
): Promise<RunEnd & { programs: ProgramsResult }> {
  const { limit, warmup, guess, signal, onProgress } = request;
  const { refs, crossing } = options;
  const { system } = processes;
  const run = system.programRun(trace, { limit, refs, crossing }, { warmup, guess });
  const end = await driveProcesses(run, system.isAsked ? slicesOf(run, system) : undefined, { signal, onProgress });
  return { ...end, programs: programsResult(processes, end.outcome.programs) };
}
