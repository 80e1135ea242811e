// SPDX-License-Identifier: MIT
// What the addon's analyses of a trace's pages take and give: comparisons, curves, reuse.

/** What is compared; frames are [count, of], as analysis::FrameRequest of the native side has them. */
export interface NativeComparison {
  policies: readonly string[];
  frames: readonly [number, number][];
  observe: "exact" | "hardware";
  seed: number | bigint;
  threads: number;
}

/** One policy at one size, both by their places in what was asked for. */
export interface NativeCompared {
  policy: number;
  asked: number;
  canonical: string;
  params: Record<string, number>;
  allocation: "fixed" | "variable";
  frames: number;
  requests: number;
  misses: number;
  evictions: number;
  writebacks: number;
  meanResident: number;
  seconds: number;
}

export interface NativeComparisonResult {
  pages: number;
  requests: number;
  results: NativeCompared[];
}

/** At which numbers of frames a curve is given, as analysis::CurveSizes of the native side has them. */
export type NativeCurveSizes =
  | { rule: "usual" | "every" }
  | { rule: "points"; points: number }
  | { rule: "listed"; frames: readonly [number, number][] };

export interface NativeCurveRequest {
  policies: readonly string[];
  method: "exact" | "shards" | "miniature";
  /** Of a sampling method one of the two. */
  rate?: number | undefined;
  samples?: number | undefined;
  sizes: NativeCurveSizes;
  seed: number | bigint;
  threads: number;
}

export interface NativeCurve {
  canonical: string;
  params: Record<string, number>;
  frames: Float64Array;
  misses: Float64Array;
  /** In misses; of a sampling method only. */
  errorBars?: Float64Array;
  pages: number;
  sampledPages: number;
  rate: number;
}

export interface NativeCurveResult {
  requests: number;
  /** In the order of the policies asked for. */
  curves: NativeCurve[];
}

export interface NativeReuseRequest {
  bins: number;
  /** None: as the bins begin. */
  windows: readonly number[];
}

export interface NativeHistogram {
  first: Float64Array;
  last: Float64Array;
  counts: Float64Array;
}

export interface NativeReuseResult {
  requests: number;
  pages: number;
  times: NativeHistogram;
  distances: NativeHistogram;
  workingSets: { windows: Float64Array; meanPages: Float64Array; misses: Float64Array };
}
