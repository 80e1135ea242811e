// SPDX-License-Identifier: MIT
// Replacement policies side by side: every policy at every size over one trace, decoded once, on all cores.
import type { NativeTrace } from "./native.js";
import type { NativeCompared } from "./native-analysis.js";
import { oneOf, wholeIn } from "./options/choice.js";
import { resolveFrames } from "./options/frame-list.js";
import { checkNames } from "./options/names.js";
import { resolvePolicies } from "./options/policy-list.js";
import { Problems } from "./options/problems.js";
import type { Refs } from "./options/types.js";
import { compareSchema } from "./schemas.js";
import { checkHooks, follow, type TaskHooks } from "./task.js";
import { version } from "./version.js";

/** What is compared. */
export interface CompareOptions extends TaskHooks {
  /** Policies: `"all"`, one text with commas, or a list of `"name:key=value,key=value"`. Default `"all"`. */
  policy?: string | readonly string[] | undefined;
  /** Numbers of frames, or shares of the trace's distinct pages. Default `"1%,5%,10%,25%,50%"`. */
  frames?: number | string | readonly (number | string)[] | undefined;
  /** References that count; one request each, to the page of the first byte. Default `"all"`. */
  refs?: Refs | undefined;
  /** What policies see: every reference, or Accessed bits. Default `"exact"`. */
  observe?: "exact" | "hardware" | undefined;
  /** Trace lines to read. Default: all. */
  limit?: number | undefined;
  /** The source of every random choice. Default 0. */
  seed?: number | bigint | undefined;
  /** Threads to simulate on. Default: as many as there are cores. */
  threads?: number | undefined;
}

/** One policy at one size. */
export interface CompareRow {
  /** The trace's name: a file's up to its first dot. */
  trace: string;
  /** The policy as it was asked for. */
  policy: string;
  /** Its name in `pagewalk.policies()`. */
  canonical: string;
  /** All its parameters, the defaults among them. */
  params: Record<string, number>;
  frames: number;
  framesAsked: string;
  observe: "exact" | "hardware";
  /** Policies of variable allocation decide for themselves how many pages are resident, and do not look at frames. */
  allocation: "fixed" | "variable";
  requests: number;
  misses: number;
  evictions: number;
  /** Evictions of pages stored to since they were loaded. */
  writebacks: number;
  /** Resident pages, on average over the requests. */
  meanResident: number;
  /** Wall time of the simulation. */
  seconds: number;
}

/** The result of a comparison: exactly the document of `pagewalk compare --json`. */
export interface CompareResult {
  schema: typeof compareSchema;
  /** Of pagewalk. */
  version: string;
  refs: Refs;
  /** Distinct pages of the stream. */
  pages: number;
  requests: number;
  /** By policy, then by size, as asked for. */
  results: CompareRow[];
}

const names = "policy frames refs observe limit seed threads signal onProgress".split(" ");
const mostThreads = 1024;

function resolved(options: CompareOptions) {
  checkNames("options", options, names);
  checkHooks(options);
  const problems = new Problems();
  const { refs = "all", observe = "exact", limit, seed = 0, threads = 0 } = options;
  const request = {
    specs: resolvePolicies(problems, options.policy ?? "all"),
    frames: resolveFrames(problems, options.frames ?? "1%,5%,10%,25%,50%"),
    refs: oneOf(problems, "refs", refs, ["all", "data", "fetch"]),
    observe: oneOf(problems, "observe", observe, ["exact", "hardware"]),
    limit: limit === undefined ? undefined : wholeIn(problems, "limit", limit, 1, Number.MAX_SAFE_INTEGER),
    threads: wholeIn(problems, "threads", threads, 0, mostThreads),
    seed,
  };
  problems.throwIfAny();
  return request;
}

/** Compares policies on a trace. */
export async function compareTrace(native: NativeTrace, options: CompareOptions): Promise<CompareResult> {
  const { specs, frames, refs, observe, limit, threads, seed } = resolved(options);
  const asked = { policies: specs, frames: frames.map((one) => one.native), observe, seed, threads };
  const { name } = native;
  const outcome = await follow(native.compare({ limit, refs }, asked), "comparison", options);
  const row = (one: NativeCompared): CompareRow => {
    const { policy, asked: size, canonical, params, frames: number, ...others } = one;
    const framesAsked = frames[size]!.text;
    return { trace: name, policy: specs[policy]!, canonical, params, frames: number, framesAsked, observe, ...others };
  };
  const { pages, requests } = outcome;
  return { schema: compareSchema, version: version(), refs, pages, requests, results: outcome.results.map(row) };
}
