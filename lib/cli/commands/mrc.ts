// SPDX-License-Identifier: MIT
// pagewalk mrc: miss-ratio curves of one trace.
import type { CurveOptions, CurveResult } from "../../curve.js";
import { curvesCsv, curvesText, thinned } from "../../report/curve.js";
import { curveChart } from "../../report/curve-chart.js";
import { numbersJsonText } from "../../report/json.js";
import { Trace } from "../../trace.js";
import { defined } from "../defined.js";
import { abortOnInterrupt } from "../interrupt.js";
import { isTerminal, print, terminalWidth, wantsColor } from "../output.js";
import { checkPlot, writePlot } from "../plot.js";
import { type ProgressForm, progressForm, progressReporter } from "../progress.js";

export interface MrcFlags
  extends Pick<CurveOptions, "method" | "rate" | "samples" | "points" | "refs" | "limit" | "seed" | "threads"> {
  policy: string;
  frames?: string;
  plot?: string;
  format?: string;
  onError?: "skip" | "stop";
  json?: boolean;
  csv?: boolean;
  quiet?: boolean;
  progress?: ProgressForm;
  color: boolean;
}

const shortTable = 20;
const manyPoints = 200;

// A person reads some rows; a program plots what it gets. A picture takes every size that costs nothing.
function usualPoints({ json, csv, plot }: MrcFlags): number | undefined {
  if (json || csv) return manyPoints;
  return plot === undefined ? shortTable : undefined;
}

function textOf(result: CurveResult, flags: MrcFlags): string {
  if (flags.json) return numbersJsonText(result);
  if (flags.csv) return curvesCsv(result);
  const form = { aligned: isTerminal(), color: wantsColor(flags.color), width: terminalWidth() };
  const chart = form.aligned ? curveChart(result, form.width, form.color) : undefined;
  const isUsual = flags.points === undefined && flags.frames === undefined;
  return `${curvesText(isUsual ? thinned(result, shortTable) : result, form)}${chart ? `\n${chart}` : ""}`;
}

export async function mrc(path: string, flags: MrcFlags): Promise<void> {
  const { policy, method, rate, samples, frames, refs, limit, seed, threads, format, onError } = flags;
  checkPlot(flags.plot);
  const points = flags.points ?? (frames === undefined ? usualPoints(flags) : undefined);
  const trace = await Trace.open(path, defined({ format, onError }));
  const progress = progressReporter(progressForm(flags));
  const { signal, release } = abortOnInterrupt();
  try {
    const hooks = { signal, onProgress: progress.update };
    const how = { method, rate, samples, frames, points, seed, threads };
    const result = await trace.missRatioCurves({ policy, refs, limit, ...how, ...hooks });
    progress.end();
    await writePlot(result, flags.plot);
    await print(textOf(result, flags));
  } finally {
    progress.end();
    release();
    trace.close();
  }
}
