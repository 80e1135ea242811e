// SPDX-License-Identifier: MIT
// pagewalk trace convert: any trace into the packed binary form, or back into text.
import { Trace } from "../../trace.js";
import { defined } from "../defined.js";
import { abortOnInterrupt } from "../interrupt.js";
import { progressForm, progressReporter } from "../progress.js";

export interface ConvertFlags {
  format?: string;
  onError?: "skip" | "stop";
  compress?: boolean;
  text?: boolean;
  limit?: number;
  quiet?: boolean;
}

export async function traceConvert(from: string, to: string, flags: ConvertFlags): Promise<void> {
  const { format, onError, compress, text, limit } = flags;
  const trace = await Trace.open(from, defined({ format, onError }));
  const { signal, release } = abortOnInterrupt();
  const progress = progressReporter(progressForm(flags));
  try {
    await trace.convert(to, defined({ compress, text, limit, signal, onProgress: progress.update }));
  } finally {
    progress.end();
    release();
    trace.close();
  }
}
