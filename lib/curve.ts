// SPDX-License-Identifier: MIT
// Miss-ratio curves: how often replacement policies miss at every size.
import { rangeError } from "./errors.js";
import type { NativeTrace } from "./native.js";
import type { NativeCurve, NativeCurveSizes } from "./native-analysis.js";
import { oneOf, wholeIn } from "./options/choice.js";
import { resolveFrames } from "./options/frame-list.js";
import { checkNames } from "./options/names.js";
import { resolvePolicies } from "./options/policy-list.js";
import { Problems, show } from "./options/problems.js";
import type { Refs } from "./options/types.js";
import { mrcSchema } from "./schemas.js";
import { checkHooks, follow, type TaskHooks } from "./task.js";
import { version } from "./version.js";

const methods = ["exact", "shards", "miniature"] as const;
/**
 * How a curve is made: counted over all references; estimated from the reuse distances among a sample of the pages
 * (SHARDS, of LRU only); or by simulating the policy on such a sample with as small a share of the frames.
 */
export type CurveMethod = (typeof methods)[number];

/** Which curves of which stream: one request for each selected trace line, to the page of its first byte. */
export interface CurveOptions extends TaskHooks {
  /** Policies of fixed allocation: one text with commas, or a list of `"name:key=value"`. Default `"lru"`. */
  policy?: string | readonly string[] | undefined;
  /** Default `"exact"`. */
  method?: CurveMethod | undefined;
  /** Of a sampling method: the share of the pages that is sampled, above 0 and at most 1. */
  rate?: number | undefined;
  /** Instead: at most so many pages are sampled, 256 to 2^26. Default 8192. */
  samples?: number | undefined;
  /** Numbers of frames, or shares of the stream's distinct pages, or `"all"` for every size from 0 to all pages. */
  frames?: number | string | readonly (number | string)[] | undefined;
  /**
   * So many sizes instead, evenly spaced on a logarithmic scale from 1 to all pages. With neither, LRU and
   * OPT have every size, SHARDS has 200, and a policy that has to be simulated at each has 50.
   */
  points?: number | undefined;
  /** References that count. Default `"all"`. */
  refs?: Refs | undefined;
  /** Trace lines to read. Default: all. */
  limit?: number | undefined;
  /** The source of every random choice. Default 0. */
  seed?: number | bigint | undefined;
  /** Threads to simulate on. Default: as many as there are cores. */
  threads?: number | undefined;
}

/** The curve of one policy; the arrays are of one length, a size at each index. */
export interface MissRatioCurve {
  /** The policy as it was asked for. */
  policy: string;
  /** Its name in `pagewalk.policies()`. */
  canonical: string;
  /** All its parameters, the defaults among them. */
  params: Record<string, number>;
  method: CurveMethod;
  /** References of the stream. */
  requests: number;
  /** Distinct pages of the stream; of a sample an estimate. */
  pages: number;
  /** Pages that the curve was made from. */
  sampledPages: number;
  /** Their share of all pages: 1 where nothing was sampled. */
  rate: number;
  /** Numbers of frames, ascending. */
  frames: Float64Array;
  /** Of all requests; of a sample estimates, and no whole numbers. */
  misses: Float64Array;
  /** Misses by requests. */
  missRatios: Float64Array;
  /** Half the width of the 95 % confidence interval of each miss ratio; null where misses were counted. */
  errorBars: Float64Array | null;
}

/** The curves of one trace: the document of `pagewalk mrc --json`, which has lists in place of typed arrays. */
export interface CurveResult {
  schema: typeof mrcSchema;
  /** Of pagewalk. */
  version: string;
  /** The trace's name: a file's up to its first dot. */
  trace: string;
  refs: Refs;
  requests: number;
  /** Distinct pages of the stream; of a sample an estimate. */
  pages: number;
  /** By policy, as asked for. */
  curves: MissRatioCurve[];
}

const names = "policy method rate samples frames points refs limit seed threads signal onProgress".split(" ");
const mostThreads = 1024;
const mostPoints = 1_000_000;
const usualSamples = 8192;
const leastSamples = 256;
const mostSamples = 2 ** 26;

function resolveSampling(problems: Problems, options: CurveOptions) {
  const { rate, samples } = options;
  const method = oneOf(problems, "method", options.method ?? "exact", methods);
  if (method === "exact") {
    for (const [name, value] of Object.entries({ rate, samples }))
      if (value !== undefined) problems.add(name, "INVALID_CONFIG", "expected only with a method that samples");
    return { method };
  }
  if (rate !== undefined && samples !== undefined)
    problems.add("samples", "INVALID_CONFIG", "expected rate or samples, got both");
  if (options.frames === "all")
    problems.add(
      "frames",
      "INVALID_CONFIG",
      "expected all only with the method exact; a sample has no such resolution",
    );
  if (rate === undefined) {
    return { method, samples: wholeIn(problems, "samples", samples ?? usualSamples, leastSamples, mostSamples) };
  }
  if (typeof rate !== "number" || !(rate > 0 && rate <= 1))
    problems.add("rate", "OUT_OF_RANGE", `expected a share of the pages above 0 and at most 1, got ${show(rate)}`);
  return { method, rate };
}

function resolveSizes(problems: Problems, { frames, points }: CurveOptions): NativeCurveSizes {
  if (points !== undefined && frames !== undefined)
    problems.add("points", "INVALID_CONFIG", "expected frames or points, got both");
  if (points !== undefined) return { rule: "points", points: wholeIn(problems, "points", points, 2, mostPoints) };
  if (frames === "all") return { rule: "every" };
  if (frames === undefined) return { rule: "usual" };
  return { rule: "listed", frames: resolveFrames(problems, frames).map((one) => one.native) };
}

function resolved(options: CurveOptions) {
  checkNames("options", options, names);
  checkHooks(options);
  const problems = new Problems();
  const { policy = "lru", refs = "all", limit, seed = 0, threads = 0 } = options;
  const request = {
    policies: resolvePolicies(problems, policy),
    sampling: resolveSampling(problems, options),
    sizes: resolveSizes(problems, options),
    refs: oneOf(problems, "refs", refs, ["all", "data", "fetch"]),
    limit: limit === undefined ? undefined : wholeIn(problems, "limit", limit, 1, Number.MAX_SAFE_INTEGER),
    threads: wholeIn(problems, "threads", threads, 0, mostThreads),
    seed,
  };
  problems.throwIfAny();
  return request;
}

type Request = ReturnType<typeof resolved>;

async function curvesOf(native: NativeTrace, request: Request, hooks: TaskHooks): Promise<CurveResult> {
  const { policies, sampling, sizes, refs, limit, seed, threads } = request;
  const { name } = native;
  const asked = { policies, ...sampling, sizes, seed, threads };
  const { requests, curves } = await follow(native.missRatioCurves({ limit, refs }, asked), "curve", hooks);
  const curve = (one: NativeCurve, index: number): MissRatioCurve => {
    const { canonical, params, pages, sampledPages, rate, frames, misses } = one;
    const ratios = (counts: Float64Array): Float64Array => counts.map((count) => count / requests);
    const errorBars = one.errorBars ? ratios(one.errorBars) : null;
    const how = { method: sampling.method, requests, pages, sampledPages, rate };
    const what = { policy: policies[index]!, canonical, params, ...how };
    return { ...what, frames, misses, missRatios: ratios(misses), errorBars };
  };
  const stream = { trace: name, refs, requests, pages: curves[0]!.pages };
  return { schema: mrcSchema, version: version(), ...stream, curves: curves.map(curve) };
}

/** The miss-ratio curves of policies on a trace, which is decoded once. */
export const missRatioCurves = async (native: NativeTrace, options: CurveOptions): Promise<CurveResult> =>
  curvesOf(native, resolved(options), options);

/** The curve of one policy. */
export async function missRatioCurve(native: NativeTrace, options: CurveOptions): Promise<MissRatioCurve> {
  const request = resolved(options);
  const { length } = request.policies;
  if (length !== 1) {
    const message = `policy: expected one policy, got ${length} (missRatioCurves takes several)`;
    throw rangeError("ERR_PAGEWALK_OUT_OF_RANGE", message);
  }
  const { curves } = await curvesOf(native, request, options);
  return curves[0]!;
}
