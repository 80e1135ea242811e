// SPDX-License-Identifier: MIT
// A stream of memory accesses: a file in any supported format, addresses of a script, or a generator.
import { type Address, addressArray, safeAddress } from "./addresses.js";
import type { CompareOptions, CompareResult } from "./comparison.js";
import type { CurveOptions, CurveResult, MissRatioCurve } from "./curve.js";
import { PagewalkError, rangeError, typeError } from "./errors.js";
import type { GeneratorName } from "./generated/generators.js";
import { addon, type NativeSelection, type NativeTrace, type PageSize } from "./native.js";
import { checkedPath } from "./options/path.js";
import type { Refs } from "./options/types.js";
import type { ReuseOptions, ReuseResult } from "./reuse.js";
import { follow, type TaskHooks, type TaskProgress } from "./task.js";

/** How a trace file is opened. */
export interface TraceOptions {
  /** The format, where it is not to be told by the first bytes. */
  format?: string;
  /** The compression that is expected: `"none"`, `"gzip"`, `"xz"` or `"zstd"`. */
  compression?: string;
  /** A line that does not parse ends the run (`"stop"`, the default) or is left out (`"skip"`). */
  onError?: "stop" | "skip";
}

/** What accompanies plain addresses. */
export interface AddressOptions {
  /** 0 fetch, 1 load, 2 store, 3 modify; loads where there are none. */
  kinds?: Uint8Array;
  /** Bytes of each access; an access that crosses a page boundary touches both pages. */
  sizes?: Uint8Array | Uint16Array | Uint32Array;
}

/** A synthetic trace; what is absent keeps the generator's default (`pagewalk.generators()`). */
export interface GenerateOptions {
  name: GeneratorName;
  accesses?: number;
  /** The footprint. */
  bytes?: number;
  /** The first byte of the footprint. */
  base?: number;
  /** The share of stores. */
  stores?: number;
  seed?: number | bigint;
  /** Of `zipf`. */
  exponent?: number;
  /** Of `strided`. */
  stride?: number;
  /** Of `phases`. */
  phase?: number;
}

/** Which accesses of a trace are meant. */
export interface PagesOptions {
  /** Trace lines to read. */
  limit?: number | undefined;
  refs?: Refs;
  pageSize?: PageSize;
}

/** How far a conversion is. */
export type ConvertProgress = TaskProgress;

export interface ConvertOptions extends TaskHooks {
  /** Compresses the packed form with zstd's relatives; smaller, and no longer mapped into memory. */
  compress?: boolean;
  /** Writes text as valgrind's lackey prints it, memory calls included, in place of the packed form. */
  text?: boolean;
  limit?: number | undefined;
}

/** Distinct pages or regions. */
export interface DistinctPages {
  data: number;
  instruction: number;
  either: number;
  in_both: number;
}

/** What a whole trace holds; the keys are those of `pagewalk trace info --json`. */
export interface TraceInfo {
  format: string;
  compression: string;
  /** Of the decompressed trace; null where it is no text. */
  sha256_of_text: string | null;
  lines: {
    I: number;
    L: number;
    S: number;
    M: number;
    references: number;
    data_references: number;
    /** Lines that are no access, such as a banner. */
    other: number;
    /** Lines that do not parse, under `onError: "skip"`. */
    skipped: number;
  };
  /** Fetches less those that repeat the fetch before them (steps of a `rep` instruction). */
  instructions: number;
  text_bytes: number | null;
  distinct_4KiB_pages: { by_start: DistinctPages; by_span: DistinctPages };
  distinct_2MiB_regions: { by_start: DistinctPages; by_span: DistinctPages };
  distinct_1GiB_regions: { by_start: DistinctPages };
  references_crossing: { "4KiB_page": number; "64B_line": number | null };
  address_range: { data: AddressRange | null; instruction: AddressRange | null };
  /** Accesses by size in bytes. */
  access_sizes: { data: Record<string, number>; instruction: Record<string, number> };
  /** Events by kind, calls that failed, that have no event, and whose result is not shown; absent where there are none. */
  events?: Record<string, number>;
}

/** First and last byte, in hexadecimal. */
export interface AddressRange {
  lowest: string;
  highest: string;
}

/** The addon's trace behind a Trace; not part of the public API. */
export let nativeTraceOf: (trace: Trace) => NativeTrace;

const closed = (): PagewalkError => new PagewalkError("ERR_PAGEWALK_CLOSED", "the trace was closed");

function seedBits(seed: number | bigint | undefined): bigint | undefined {
  if (seed === undefined || typeof seed === "bigint") return seed;
  if (safeAddress(seed, "seed") >= 0) return BigInt(seed);
  throw rangeError("ERR_PAGEWALK_OUT_OF_RANGE", `seed: expected a whole number from 0, got ${seed}`);
}

function sizesOf(sizes: AddressOptions["sizes"]): Uint32Array | undefined {
  if (sizes === undefined || sizes instanceof Uint32Array) return sizes;
  if (sizes instanceof Uint8Array || sizes instanceof Uint16Array) return Uint32Array.from(sizes);
  throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", "sizes: expected a Uint8Array, a Uint16Array or a Uint32Array");
}

/**
 * A trace of memory accesses. It is read anew by every run.
 *
 * @example
 * const trace = await Trace.open("sqlite.lackey.zst");
 * const { instructions } = await trace.info();
 */
export class Trace {
  #native: NativeTrace | undefined;
  readonly #path: string | null;
  readonly #name: string;
  readonly #format: string;
  readonly #compression: string;
  readonly #hasMemoryCalls: boolean;

  static {
    nativeTraceOf = (trace) => trace.#open();
  }

  private constructor(native: NativeTrace, path: string | null) {
    this.#native = native;
    this.#path = path;
    this.#name = native.name;
    this.#format = native.format;
    this.#compression = native.compression;
    this.#hasMemoryCalls = native.hasEvents;
  }

  /** Opens a trace file; `"-"` is standard input. Format and compression are told by the first bytes. */
  static async open(path: string, options: TraceOptions = {}): Promise<Trace> {
    const { format, compression, onError } = options;
    const checked = checkedPath(path, "path");
    return new Trace(await addon().openTrace(checked, { format, compression, onError }).promise, checked);
  }

  /** A trace of addresses: copied, so that the arrays may be reused. */
  static fromAddresses(
    addresses: BigUint64Array | Float64Array | readonly Address[],
    options: AddressOptions = {},
  ): Trace {
    const sizes = sizesOf(options.sizes);
    return new Trace(addon().traceFromAddresses(addressArray(addresses), options.kinds, sizes), null);
  }

  /** A synthetic trace; the same options give the same accesses. */
  static generate(options: GenerateOptions): Trace {
    if (typeof options !== "object" || options === null)
      throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", "options: expected an object with the name of a generator");
    return new Trace(addon().generateTrace({ ...options, seed: seedBits(options.seed) }), null);
  }

  /** The file; null for a trace that is none. */
  get path(): string | null {
    return this.#path;
  }
  /** The file's name up to its first dot, or what kind of trace it is. */
  get name(): string {
    return this.#name;
  }
  get format(): string {
    return this.#format;
  }
  get compression(): string {
    return this.#compression;
  }

  /**
   * Whether there are memory calls among the accesses: as a packed trace tells, or the first MiB of a text (the first 64 KiB
   * of a pipe).
   */
  get hasMemoryCalls(): boolean {
    return this.#hasMemoryCalls;
  }

  /** Reads the whole trace and counts what it holds. */
  async info(): Promise<TraceInfo> {
    const counted = await this.#open().info().promise;
    return { format: this.#format, compression: this.#compression, ...counted } as unknown as TraceInfo;
  }

  /** Distinct pages of the selected accesses, each by its first byte. */
  async distinctPages(options: PagesOptions = {}): Promise<number> {
    const { limit, refs = "all", pageSize = "4KiB" } = options;
    const selection: NativeSelection = { limit, refs, crossing: "first" };
    return this.#open().distinctPages(selection, pageSize).promise;
  }

  /** Writes the trace in pagewalk's packed form: indexed, checksummed, many times faster to read. */
  async convert(path: string, options: ConvertOptions = {}): Promise<void> {
    const native = this.#open();
    const { compress = false, text = false, limit } = options;
    await follow(native.convert(checkedPath(path, "path"), { compress, text, limit }), "conversion", options);
  }

  /**
   * Replays the trace's pages under every policy at every size, decoding it once, on all cores.
   *
   * @example
   * const { results } = await trace.compare({ policy: "lru,arc,opt", frames: "10%", refs: "data" });
   */
  async compare(options: CompareOptions = {}): Promise<CompareResult> {
    const native = this.#open();
    return (await import("./comparison.js")).compareTrace(native, options);
  }

  /**
   * A policy's misses by number of frames; those of LRU and OPT at every size from one pass.
   *
   * @example
   * const { misses, requests } = await trace.missRatioCurve({ refs: "data" });
   * console.log("miss ratio with 1000 frames:", misses[1000] / requests);
   */
  async missRatioCurve(options: CurveOptions = {}): Promise<MissRatioCurve> {
    const native = this.#open();
    return (await import("./curve.js")).missRatioCurve(native, options);
  }

  /**
   * The curves of several policies, with the trace decoded once, on all cores.
   *
   * @example
   * const { curves } = await trace.missRatioCurves({ policy: "lru,arc,opt", points: 50 });
   */
  async missRatioCurves(options: CurveOptions = {}): Promise<CurveResult> {
    const native = this.#open();
    return (await import("./curve.js")).missRatioCurves(native, options);
  }

  /**
   * How the trace comes back to its pages: histograms of reuse times and reuse distances, and the mean size of the working
   * set by the length of its window.
   *
   * @example
   * const { distances, workingSets } = await trace.reuse({ refs: "data", windows: [1000, 1_000_000] });
   */
  async reuse(options: ReuseOptions = {}): Promise<ReuseResult> {
    const native = this.#open();
    return (await import("./reuse.js")).reuseOf(native, options);
  }

  /** Gives the memory or the file back; runs that have begun go on to their end. */
  close(): void {
    this.#native?.close();
    this.#native = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): NativeTrace {
    if (!this.#native) throw closed();
    return this.#native;
  }
}
