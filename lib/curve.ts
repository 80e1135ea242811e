// SPDX-License-Identifier: MIT
// Miss-ratio curves: how often a policy misses at every size.
import type { NativeTrace } from "./native.js";
import { oneOf, wholeIn } from "./options/choice.js";
import { checkNames } from "./options/names.js";
import { Problems } from "./options/problems.js";
import type { Refs } from "./options/types.js";
import { checkHooks, follow, type TaskHooks } from "./task.js";

/** Which stream a curve is of: one request for each selected trace line, to the page of its first byte. */
export interface CurveOptions extends TaskHooks {
  /** References that count. Default `"all"`. */
  refs?: Refs | undefined;
  /** Trace lines to read. Default: all. */
  limit?: number | undefined;
}

/** The exact curve of LRU. */
export interface MissRatioCurve {
  policy: "lru";
  requests: number;
  /** Distinct pages of the stream. */
  pages: number;
  /** By number of frames: from 0, where every request misses, to `pages`, where only first touches do. */
  misses: Float64Array;
}

const names = ["refs", "limit", "signal", "onProgress"];

/** The exact LRU miss-ratio curve of a trace, from one pass. */
export async function lruCurve(native: NativeTrace, options: CurveOptions): Promise<MissRatioCurve> {
  checkNames("options", options, names);
  checkHooks(options);
  const problems = new Problems();
  const refs = oneOf(problems, "refs", options.refs ?? "all", ["all", "data", "fetch"]);
  const { limit } = options;
  if (limit !== undefined) wholeIn(problems, "limit", limit, 1, Number.MAX_SAFE_INTEGER);
  problems.throwIfAny();
  const misses = await follow(native.lruCurve({ limit, refs }), "curve", options);
  return { policy: "lru", requests: misses[0]!, pages: misses.length - 1, misses };
}
