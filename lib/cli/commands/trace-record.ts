// SPDX-License-Identifier: MIT
// pagewalk trace record: runs a program and writes its accesses and memory calls as a packed trace.
import { constants } from "node:os";
import { type Recorded, record } from "../../recording.js";
import { exitCodes } from "../exit.js";

export interface RecordFlags {
  output: string;
  compress: boolean;
  children?: boolean;
  quiet?: boolean;
}

// As a shell has it: the program's own, or 128 and the number of the signal.
function exitCodeOf({ exitCode, signal }: Recorded): number {
  return signal === null ? (exitCode ?? exitCodes.failed) : 128 + constants.signals[signal];
}

function summary({ info }: Recorded, output: string): string {
  const accesses = info!.lines.references.toLocaleString("en-US");
  const { fork = 0, mmap = 0, munmap = 0, brk = 0 } = info!.events ?? {};
  const skipped = info!.lines.skipped > 0 ? `; ${info!.lines.skipped} lines of valgrind's were not understood` : "";
  const calls = `${mmap} mmap, ${munmap} munmap, ${brk} brk, ${fork} fork`;
  return `pagewalk: ${output}: ${accesses} accesses, ${calls}${skipped}\n`;
}

export async function traceRecord(command: readonly string[], flags: RecordFlags): Promise<void> {
  const { output, compress, children = false } = flags;
  const recorded = await record(command, { output, compress, children });
  const code = exitCodeOf(recorded);
  if (recorded.error !== undefined && code === exitCodes.ok) throw recorded.error;
  if (recorded.error !== undefined) process.stderr.write(`pagewalk: ${(recorded.error as Error).message}\n`);
  else if (!flags.quiet) process.stderr.write(summary(recorded, output));
  process.exitCode = code;
}
