// SPDX-License-Identifier: MIT
// A policy written in JavaScript as the addon sees it: takes batches of events and questions from the columns that both
// share, calls the policy's functions, and checks what they answer. The layout is repeated in binding/policy_host_wrap.cc.
import { PagewalkError } from "./errors.js";
import { addon, type NativePolicyHost } from "./native.js";
import { show } from "./options/problems.js";
import type { PageBits, ReplacementPolicy } from "./policy.js";

const rows = 4096;
const mostVictims = 1024;
const headerDoubles = 8;
const failed = -1;
// Batches up to this size get arrays that exist already; making views costs more than copying a few rows.
const smallBatch = 32;

const Question = { Deliver: 0, Choose: 1, Refuse: 2 } as const;
const Event = { Insert: 0, Access: 1, Remove: 2, Reset: 3 } as const;

const hooks = ["onInsert", "onAccess", "onRemove", "onReset"] as const;

// Arrays of each length up to that of a small batch, over the same memory.
function viewsOf<T extends { subarray(from: number, to: number): T }>(array: T): readonly T[] {
  return Array.from({ length: smallBatch + 1 }, (_, length) => array.subarray(0, length));
}

// Rows of a column for the policy to read. Never the column itself: a script could take its memory away.
function copied<T extends Float64Array | Uint32Array>(column: T, few: readonly T[], from: number, to: number): T {
  const length = to - from;
  if (length > smallBatch) return column.slice(from, to) as T;
  const copy = few[length]!;
  for (let i = 0; i < length; ++i) copy[i] = column[from + i]!;
  return copy;
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && typeof (value as PromiseLike<unknown>).then === "function";

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

/** One policy on its way into a machine or a simulation; it serves one of them at a time. */
export class PolicyHost {
  readonly native: NativePolicyHost;
  readonly #policy: ReplacementPolicy;
  readonly #observe: "exact" | "hardware";
  readonly #bits: PageBits;
  readonly #buffer = new ArrayBuffer(8 * (headerDoubles + rows + mostVictims) + (4 + 4 + 1) * rows);
  readonly #header = new Float64Array(this.#buffer, 0, headerDoubles);
  readonly #pages = new Float64Array(this.#buffer, this.#header.byteLength, rows);
  readonly #victims = new Float64Array(this.#buffer, this.#pages.byteOffset + 8 * rows, mostVictims);
  readonly #slots = new Uint32Array(this.#buffer, this.#victims.byteOffset + 8 * mostVictims, rows);
  readonly #counts = new Uint32Array(this.#buffer, this.#slots.byteOffset + 4 * rows, rows);
  readonly #kinds = new Uint8Array(this.#buffer, this.#counts.byteOffset + 4 * rows, rows);
  readonly #fewPages = viewsOf(new Float64Array(smallBatch));
  readonly #fewSlots = viewsOf(new Uint32Array(smallBatch));
  readonly #fewCounts = viewsOf(new Uint32Array(smallBatch));
  #failure: PagewalkError | undefined;

  constructor(policy: ReplacementPolicy, observe: "exact" | "hardware") {
    this.#policy = policy;
    this.#observe = observe;
    const native = new (addon().NativePolicyHost)(this.#ask, this.#buffer, policy.onAccess !== undefined);
    this.native = native;
    this.#bits = Object.freeze({
      testAndClearAccessed: (page: number) => native.testAndClearAccessed(page),
      isDirty: (page: number) => native.isDirty(page),
    });
  }

  get name(): string {
    return this.#policy.name;
  }
  /** Whether the policy broke down, and nobody was told yet. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }
  /** What the policy broke down with, if it did. */
  takeFailure(): PagewalkError | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  // What the addon calls; never throws.
  readonly #ask = (): number => {
    const question = this.#header[0];
    const detail = this.#header[2]!;
    if (question === Question.Refuse) return this.#refuse(this.#victims[detail]!);
    this.#deliver(this.#header[1]!);
    return question === Question.Choose ? this.#choose(detail) : 0;
  };

  // The first batch that breaks down is reported; those after it are delivered all the same, so that the policy's
  // books miss as little as possible.
  #deliver(count: number): void {
    const kinds = this.#kinds;
    for (let from = 0; from < count; ) {
      const kind = kinds[from]!;
      let to = from + 1;
      while (to < count && kinds[to] === kind) ++to;
      try {
        const answer: unknown = this.#tell(kind, from, to);
        if (isPromise(answer)) this.#refusePromise(hooks[kind]!, answer);
      } catch (error) {
        this.#threw(hooks[kind]!, error);
      }
      from = to;
    }
  }

  #tell(kind: number, from: number, to: number): unknown {
    const policy = this.#policy;
    const pages = copied(this.#pages, this.#fewPages, from, to);
    if (kind === Event.Reset) return policy.onReset?.({ capacity: pages[0]!, observe: this.#observe });
    const slots = copied(this.#slots, this.#fewSlots, from, to);
    if (kind === Event.Insert) return policy.onInsert(pages, slots);
    if (kind === Event.Remove) return policy.onRemove(pages, slots);
    return policy.onAccess!(pages, slots, copied(this.#counts, this.#fewCounts, from, to));
  }

  #choose(page: number): number {
    if (this.#failure) return failed;
    try {
      const answer: unknown = this.#policy.chooseVictim(page, this.#bits);
      if (typeof answer === "number") {
        this.#victims[0] = answer;
        return 1;
      }
      return isPromise(answer) ? this.#refusePromise("chooseVictim", answer) : this.#takeList(answer, page);
    } catch (error) {
      return this.#threw("chooseVictim", error);
    }
  }

  #takeList(answer: unknown, page: number): number {
    if (!isList(answer) || answer.length === 0 || answer.length > mostVictims) {
      const came = isList(answer) ? `${answer.length} pages` : show(answer);
      return this.#refuseAnswer(`chooseVictim answered ${came} for page ${page}`);
    }
    for (let i = 0; i < answer.length; ++i) {
      const victim = answer[i];
      if (typeof victim !== "number")
        return this.#refuseAnswer(`chooseVictim answered an array with ${show(victim)} in it for page ${page}`);
      this.#victims[i] = victim;
    }
    return answer.length;
  }

  #refuse(victim: number): number {
    return this.#refuseAnswer(`chooseVictim answered ${victim}, which is no resident page`);
  }

  #refuseAnswer(what: string): number {
    const expected = `expected the number of a resident page, or an array of 1 to ${mostVictims} of them`;
    return this.#fail(
      new PagewalkError("ERR_PAGEWALK_POLICY_ANSWER", `policy ${show(this.name)}: ${what}; ${expected}`),
    );
  }

  #refusePromise(hook: string, promise: PromiseLike<unknown>): number {
    promise.then(undefined, () => {}); // what becomes of it is of no interest any more
    const message = `policy ${show(this.name)}: ${hook} answered with a promise; a policy has to answer at once`;
    return this.#fail(new PagewalkError("ERR_PAGEWALK_POLICY_ANSWER", message));
  }

  #threw(hook: string, cause: unknown): number {
    const text = cause instanceof Error ? cause.message : String(cause);
    const message = `policy ${show(this.name)}: ${hook} threw: ${text}`;
    return this.#fail(new PagewalkError("ERR_PAGEWALK_POLICY_FAILED", message, { cause }));
  }

  #fail(failure: PagewalkError): number {
    this.#failure ??= failure;
    return failed;
  }
}
