// SPDX-License-Identifier: MIT
// A replacement policy over page numbers as they come, without a machine.
import { addon, type NativePolicySimulation } from "./native.js";
import { oneOf, wholeIn } from "./options/choice.js";
import { checkNames } from "./options/names.js";
import { Problems, show } from "./options/problems.js";
import { typeError } from "./errors.js";

/** What is simulated. */
export interface PolicySimulationOptions {
  /** A policy of `pagewalk.policies()`, such as `"lru"` or `"clock:bits=2"`. Default `"lru"`. */
  policy?: string | undefined;
  /** Pages that are resident at most: 1 to 2^31 - 1. */
  frames: number;
  /** What the policy sees: every reference, or Accessed bits. Default `"exact"`. */
  observe?: "exact" | "hardware" | undefined;
  /** The source of every random choice. Default 0. */
  seed?: number | bigint | undefined;
}

/** Counts since the simulation began. */
export interface PolicyOutcome {
  /** Distinct pages so far. */
  pages: number;
  requests: number;
  misses: number;
  evictions: number;
  /** Evictions of pages stored to since they were loaded. */
  writebacks: number;
  /** Resident pages, on average over the requests. */
  meanResident: number;
  peakResident: number;
}

const names = ["policy", "frames", "observe", "seed"];
const mostFrames = 2 ** 31 - 1;

/** Page numbers in bulk, as the addon takes them. */
function pageArray(pages: unknown): BigUint64Array | Float64Array {
  if (pages instanceof BigUint64Array || pages instanceof Float64Array) return pages;
  if (Array.isArray(pages) && pages.every((page) => typeof page === "number")) return Float64Array.from(pages);
  const expected = "expected a BigUint64Array, a Float64Array or an array of numbers";
  throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `pages: ${expected}, got ${show(pages)}`);
}

/**
 * Simulates one policy on a stream of page numbers, which may be as long as you like: nothing is kept of it but which
 * pages came. One request per page number. The bounds, which need the future, are for `trace.compare()`; policies of
 * variable allocation keep at most `frames` pages here.
 */
export class PolicySimulation {
  readonly #native: NativePolicySimulation;

  /** @throws PagewalkError UNKNOWN_NAME, INVALID_ARGUMENT (needs the future, unknown parameter), OUT_OF_RANGE. */
  constructor(options: PolicySimulationOptions) {
    checkNames("options", options, names);
    const problems = new Problems();
    const { policy = "lru", frames, observe = "exact", seed = 0 } = options;
    wholeIn(problems, "frames", frames, 1, mostFrames);
    oneOf(problems, "observe", observe, ["exact", "hardware"]);
    problems.throwIfAny();
    this.#native = new (addon().NativePolicySimulation)(policy, frames, observe, seed);
  }

  /**
   * Serves page numbers, in order: below 2^53, or below 2^63 in a BigUint64Array. `stores` says which of them are
   * stored to (not 0). If one is wrong, none is served.
   */
  feed(pages: BigUint64Array | Float64Array | readonly number[], stores?: Uint8Array): this {
    this.#native.feed(pageArray(pages), stores);
    return this;
  }

  outcome(): PolicyOutcome {
    return this.#native.outcome();
  }
}
