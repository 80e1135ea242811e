// SPDX-License-Identifier: MIT
// Miss-ratio curves: how often replacement policies miss at every size.
import { rangeError } from "./errors.js";
import type { NativeCurve, NativeCurveSizes, NativeTrace } from "./native.js";
import { oneOf, wholeIn } from "./options/choice.js";
import { resolveFrames } from "./options/frame-list.js";
import { checkNames } from "./options/names.js";
import { resolvePolicies } from "./options/policy-list.js";
import { Problems } from "./options/problems.js";
import type { Refs } from "./options/types.js";
import { checkHooks, follow, type TaskHooks } from "./task.js";
import { version } from "./version.js";

export const mrcSchema = "pagewalk.mrc/1";

/** How a curve was made: counted over all references. */
export type CurveMethod = "exact";

/** Which curves of which stream: one request for each selected trace line, to the page of its first byte. */
export interface CurveOptions extends TaskHooks {
  /** Policies of fixed allocation: one text with commas, or a list of `"name:key=value"`. Default `"lru"`. */
  policy?: string | readonly string[] | undefined;
  /** Numbers of frames, or shares of the stream's distinct pages, or `"all"` for every size from 0 to all pages. */
  frames?: number | string | readonly (number | string)[] | undefined;
  /**
   * So many sizes instead, evenly spaced on a logarithmic scale from 1 to all pages. With neither, LRU and
   * OPT have every size, and a policy that has to be simulated at each has 50.
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
  /** Distinct pages of the stream. */
  pages: number;
  /** Numbers of frames, ascending. */
  frames: Float64Array;
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
  /** Distinct pages of the stream. */
  pages: number;
  /** By policy, as asked for. */
  curves: MissRatioCurve[];
}

const names = "policy frames points refs limit seed threads signal onProgress".split(" ");
const mostThreads = 1024;
const mostPoints = 1_000_000;

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
  const { policies, sizes, refs, limit, seed, threads } = request;
  const { name } = native;
  const asked = { policies, sizes, seed, threads };
  const { requests, pages, curves } = await follow(native.missRatioCurves({ limit, refs }, asked), "curve", hooks);
  const curve = (one: NativeCurve, index: number): MissRatioCurve => {
    const { canonical, params, frames, misses } = one;
    const missRatios = misses.map((count) => count / requests);
    const what = { policy: policies[index]!, canonical, params, method: "exact" as const, requests, pages };
    return { ...what, frames, misses, missRatios, errorBars: null };
  };
  const stream = { trace: name, refs, requests, pages };
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
