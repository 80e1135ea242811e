// SPDX-License-Identifier: MIT
// pagewalk compare: replacement policies side by side on one trace.
import type { CompareOptions } from "../../comparison.js";
import { spelledOut, splitPolicies } from "../../options/policy-list.js";
import { comparisonText, yardsticks } from "../../report/comparison.js";
import { jsonText } from "../../report/json.js";
import { Trace } from "../../trace.js";
import { defined } from "../defined.js";
import { abortOnInterrupt } from "../interrupt.js";
import { isTerminal, print, terminalWidth, wantsColor } from "../output.js";
import { checkPlot, writePlot } from "../plot.js";
import { type ProgressForm, progressForm, progressReporter } from "../progress.js";

export interface CompareFlags extends Pick<CompareOptions, "refs" | "observe" | "limit" | "seed" | "threads"> {
  policy: string;
  frames: string;
  plot?: string;
  format?: string;
  onError?: "skip" | "stop";
  json?: boolean;
  quiet?: boolean;
  progress?: ProgressForm;
  color: boolean;
}

export async function compare(path: string, flags: CompareFlags): Promise<void> {
  const { frames, refs, observe, limit, seed, threads, format, onError } = flags;
  checkPlot(flags.plot);
  const asked = splitPolicies(flags.policy);
  // A table is measured by LRU and OPT, asked for or not.
  const policy = flags.json ? asked : [...new Set([...spelledOut(asked), ...yardsticks])];
  const trace = await Trace.open(path, defined({ format, onError }));
  const progress = progressReporter(progressForm(flags));
  const { signal, release } = abortOnInterrupt();
  try {
    const hooks = { signal, onProgress: progress.update };
    const document = await trace.compare({ policy, frames, refs, observe, limit, seed, threads, ...hooks });
    progress.end();
    await writePlot(document, flags.plot);
    const form = { aligned: isTerminal(), color: wantsColor(flags.color), width: terminalWidth() };
    await print(flags.json ? jsonText(document) : comparisonText(document, spelledOut(asked), form));
  } finally {
    progress.end();
    release();
    trace.close();
  }
}
