// SPDX-License-Identifier: MIT
// pagewalk run: replays a trace on a machine and prints the result, whole or, after Ctrl-C, partial.
import type { VmaSource } from "../../machine.js";
import { csvText } from "../../report/csv.js";
import { jsonText } from "../../report/json.js";
import { violationReport } from "../../report/programs.js";
import { sectionsText, textReport } from "../../report/text.js";
import type { RunResult } from "../../result.js";
import { Trace } from "../../trace.js";
import { defined } from "../defined.js";
import { exitCodes } from "../exit.js";
import { abortOnInterrupt } from "../interrupt.js";
import { type MachineFlags, machineOf } from "../machine-flags.js";
import { isTerminal, print, terminalWidth, wantsColor } from "../output.js";
import { type ProgressForm, progressForm, progressReporter } from "../progress.js";

export interface OutputFlags {
  json?: boolean;
  csv?: boolean;
  quiet?: boolean;
  progress?: ProgressForm;
  color: boolean;
}

export interface ReplayFlags {
  vma?: VmaSource;
  warmup?: number;
  limit?: number;
  format?: string;
  onError?: "skip" | "stop";
}

export type RunFlags = MachineFlags &
  ReplayFlags &
  OutputFlags & { config?: string; saveState?: string; violations?: boolean };

function partialOf(error: unknown): RunResult | undefined {
  return (error as { partial?: RunResult } | null)?.partial;
}

/** Replays a trace; an interrupted run gives its partial result and sets the exit code. */
export async function replay(path: string, flags: RunFlags): Promise<RunResult> {
  const machine = machineOf(flags);
  const progress = progressReporter(progressForm(flags));
  const { signal, release } = abortOnInterrupt();
  try {
    const trace = await Trace.open(path, defined({ format: flags.format, onError: flags.onError }));
    const { limit, warmup, vma } = flags;
    const result = await machine.run(trace, { signal, onProgress: progress.update, limit, warmup, vmas: vma });
    if (flags.saveState !== undefined) machine.saveState(flags.saveState);
    return result;
  } catch (error) {
    const partial = partialOf(error);
    if (!signal.aborted || !partial) throw error;
    process.exitCode = exitCodes.interrupted;
    if (flags.saveState !== undefined) machine.saveState(flags.saveState);
    return partial;
  } finally {
    progress.end();
    release();
    machine.close();
  }
}

/** A result in the form that the flags ask for. */
export function rendered(document: RunResult, flags: OutputFlags): string {
  if (flags.json) return jsonText(document);
  if (flags.csv) return csvText(document);
  return textReport(document, { aligned: isTerminal(), color: wantsColor(flags.color), width: terminalWidth() });
}

// For people; the document has them anyway.
function violationsText(document: RunResult): string {
  const options = { aligned: isTerminal(), color: false, width: terminalWidth() };
  const { list, text } = violationReport(document);
  const table = list ? sectionsText("", [list], options).trimStart() : "";
  return `\n${table}${text === "" ? "" : `${text}\n`}`;
}

export async function run(path: string, flags: RunFlags): Promise<void> {
  const document = await replay(path, flags);
  const forPeople = !flags.json && !flags.csv;
  await print(rendered(document, flags) + (flags.violations && forPeople ? violationsText(document) : ""));
}
