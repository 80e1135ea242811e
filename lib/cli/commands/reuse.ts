// SPDX-License-Identifier: MIT
// pagewalk reuse: reuse times, reuse distances and working sets of one trace.
import { numbersJsonText } from "../../report/json.js";
import { reuseCsv, reuseText } from "../../report/reuse.js";
import type { ReuseOptions, ReuseResult } from "../../reuse.js";
import { Trace } from "../../trace.js";
import { defined } from "../defined.js";
import { abortOnInterrupt } from "../interrupt.js";
import { isTerminal, print, terminalWidth, wantsColor } from "../output.js";
import { type ProgressForm, progressForm, progressReporter } from "../progress.js";

export interface ReuseFlags extends Pick<ReuseOptions, "bins" | "refs" | "limit"> {
  windows?: number[];
  format?: string;
  onError?: "skip" | "stop";
  json?: boolean;
  csv?: boolean;
  quiet?: boolean;
  progress?: ProgressForm;
  color: boolean;
}

function textOf(result: ReuseResult, flags: ReuseFlags): string {
  if (flags.json) return numbersJsonText(result);
  if (flags.csv) return reuseCsv(result);
  return reuseText(result, { aligned: isTerminal(), color: wantsColor(flags.color), width: terminalWidth() });
}

export async function reuse(path: string, flags: ReuseFlags): Promise<void> {
  const { bins, windows, refs, limit, format, onError } = flags;
  const trace = await Trace.open(path, defined({ format, onError }));
  const progress = progressReporter(progressForm(flags));
  const { signal, release } = abortOnInterrupt();
  try {
    const result = await trace.reuse({ bins, windows, refs, limit, signal, onProgress: progress.update });
    progress.end();
    await print(textOf(result, flags));
  } finally {
    progress.end();
    release();
    trace.close();
  }
}
