// SPDX-License-Identifier: MIT
// How a trace comes back to its pages: reuse times, reuse distances and working sets.
import type { NativeTrace } from "./native.js";
import { oneOf, wholeIn } from "./options/choice.js";
import { checkNames } from "./options/names.js";
import { Problems, show } from "./options/problems.js";
import type { Refs } from "./options/types.js";
import { checkHooks, follow, type TaskHooks } from "./task.js";
import { version } from "./version.js";

export const reuseSchema = "pagewalk.reuse/1";

/** Of which stream: one request for each selected trace line, to the page of its first byte. */
export interface ReuseOptions extends TaskHooks {
  /** Ranges of the histograms for each power of two, 1 to 64. Default 1. */
  bins?: number | undefined;
  /** Lengths of working-set windows in references, ascending. Default: as the ranges begin, up to the whole stream. */
  windows?: ArrayLike<number> | undefined;
  /** References that count. Default `"all"`. */
  refs?: Refs | undefined;
  /** Trace lines to read. Default: all. */
  limit?: number | undefined;
}

/** References by ranges of a number; the arrays are of one length, and the last range is the last that has any. */
export interface ReuseHistogram {
  /** The least number of each range. */
  first: Float64Array;
  /** The greatest. */
  last: Float64Array;
  counts: Float64Array;
}

/** Working sets by window; the arrays are of one length. */
export interface WorkingSets {
  /** Lengths in references, ascending. */
  windows: Float64Array;
  /** Distinct pages of the last so many references, on average over all references. */
  meanPages: Float64Array;
  /** References to a page that was not used within the window before. */
  misses: Float64Array;
}

/** The document of `pagewalk reuse --json`, which has lists in place of typed arrays. */
export interface ReuseResult {
  schema: typeof reuseSchema;
  /** Of pagewalk. */
  version: string;
  /** The trace's name: a file's up to its first dot. */
  trace: string;
  refs: Refs;
  requests: number;
  /** Distinct pages, and so also the first uses, which no histogram has. */
  pages: number;
  /** References since the page's last use, the present one included: from 1. */
  times: ReuseHistogram;
  /** Other pages since then, each once: from 0. LRU hits with more frames than that. */
  distances: ReuseHistogram;
  workingSets: WorkingSets;
}

const names = "bins windows refs limit signal onProgress".split(" ");
const mostBins = 64;
const mostWindows = 1_000_000;

function resolveWindows(problems: Problems, windows: ReuseOptions["windows"]): number[] {
  if (windows === undefined) return [];
  const list = typeof windows === "object" && windows !== null ? Array.from(windows) : [];
  if (list.length === 0 || list.length > mostWindows) {
    problems.add("windows", "INVALID_ARGUMENT", `expected a list of lengths in references, got ${show(windows)}`);
    return [];
  }
  const wrong = list.find((one, index) => !Number.isSafeInteger(one) || one <= (index > 0 ? list[index - 1]! : 0));
  if (wrong !== undefined)
    problems.add("windows", "OUT_OF_RANGE", `expected whole numbers from 1 up, ascending; got ${show(wrong)}`);
  return list;
}

/** Reuse times, reuse distances and working sets of a trace. */
export async function reuseOf(native: NativeTrace, options: ReuseOptions): Promise<ReuseResult> {
  checkNames("options", options, names);
  checkHooks(options);
  const problems = new Problems();
  const { bins = 1, refs = "all", limit } = options;
  const asked = {
    bins: wholeIn(problems, "bins", bins, 1, mostBins),
    windows: resolveWindows(problems, options.windows),
  };
  const selection = {
    refs: oneOf(problems, "refs", refs, ["all", "data", "fetch"]),
    limit: limit === undefined ? undefined : wholeIn(problems, "limit", limit, 1, Number.MAX_SAFE_INTEGER),
  };
  problems.throwIfAny();
  const { name } = native;
  const outcome = await follow(native.reuse(selection, asked), "reuse analysis", options);
  return { schema: reuseSchema, version: version(), trace: name, refs: selection.refs, ...outcome };
}
