// SPDX-License-Identifier: MIT
// pagewalk trace info: what a trace holds.
import { jsonText } from "../../report/json.js";
import { infoText } from "../../report/trace-info.js";
import { Trace } from "../../trace.js";
import { defined } from "../defined.js";
import { isTerminal, print } from "../output.js";

export interface InfoFlags {
  format?: string;
  onError?: "skip" | "stop";
  json?: boolean;
}

export async function traceInfo(file: string, flags: InfoFlags): Promise<void> {
  const trace = await Trace.open(file, defined({ format: flags.format, onError: flags.onError }));
  try {
    const info = await trace.info();
    await print(flags.json ? jsonText(info) : infoText(info, isTerminal()));
  } finally {
    trace.close();
  }
}
