// SPDX-License-Identifier: MIT
// pagewalk trace generate: a synthetic trace as a packed file. The addon checks names and ranges.
import { type GenerateOptions, Trace } from "../../trace.js";
import { defined } from "../defined.js";

export type GenerateFlags = Omit<GenerateOptions, "name"> & { compress?: boolean };

export async function traceGenerate(name: string, out: string, flags: GenerateFlags): Promise<void> {
  const { compress = false, ...parameters } = flags;
  const trace = Trace.generate({ name: name as GenerateOptions["name"], ...defined(parameters) });
  try {
    await trace.convert(out, { compress });
  } finally {
    trace.close();
  }
}
