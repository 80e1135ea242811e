// SPDX-License-Identifier: MIT
// pagewalk mrc: miss-ratio curves of one trace.
import type { CurveOptions, CurveResult } from "../../curve.js";
import { curvesCsv, curvesText } from "../../report/curve.js";
import { numbersJsonText } from "../../report/json.js";
import { Trace } from "../../trace.js";
import { defined } from "../defined.js";
import { abortOnInterrupt } from "../interrupt.js";
import { isTerminal, print, terminalWidth, wantsColor } from "../output.js";
import { type ProgressForm, progressForm, progressReporter } from "../progress.js";

export interface MrcFlags extends Pick<CurveOptions, "points" | "refs" | "limit" | "seed" | "threads"> {
  policy: string;
  frames?: string;
  format?: string;
  onError?: "skip" | "stop";
  json?: boolean;
  csv?: boolean;
  quiet?: boolean;
  progress?: ProgressForm;
  color: boolean;
}

// A person reads some rows; a program plots what it gets.
const usualPoints = (flags: MrcFlags): number => (flags.json || flags.csv ? 200 : 20);

function textOf(result: CurveResult, flags: MrcFlags): string {
  if (flags.json) return numbersJsonText(result);
  if (flags.csv) return curvesCsv(result);
  return curvesText(result, { aligned: isTerminal(), color: wantsColor(flags.color), width: terminalWidth() });
}

export async function mrc(path: string, flags: MrcFlags): Promise<void> {
  const { policy, frames, refs, limit, seed, threads, format, onError } = flags;
  const points = flags.points ?? (frames === undefined ? usualPoints(flags) : undefined);
  const trace = await Trace.open(path, defined({ format, onError }));
  const progress = progressReporter(progressForm(flags));
  const { signal, release } = abortOnInterrupt();
  try {
    const hooks = { signal, onProgress: progress.update };
    const result = await trace.missRatioCurves({ policy, frames, points, refs, limit, seed, threads, ...hooks });
    progress.end();
    await print(textOf(result, flags));
  } finally {
    progress.end();
    release();
    trace.close();
  }
}
