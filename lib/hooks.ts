// SPDX-License-Identifier: MIT
// Hooks of a machine that runs processes: who decides about frames, mappings, evictions, swap and lost memory.
import { type Address, addressBits, byteBits } from "./addresses.js";
import { type Asked, answerNumber, askHandler, Question } from "./asked.js";
import { PagewalkError } from "./errors.js";
import type { Mailbox } from "./mailbox.js";
import type { AccessKind } from "./native-config.js";
import type { NativeSystem } from "./native-system.js";
import { show } from "./options/problems.js";
import { functionOf } from "./arguments.js";

/** A page of data, as hooks are told of it. */
export interface HookedPage {
  readonly kind: "anonymous" | "file" | "shared";
  /** Of anonymous memory: the process that got it first; 0 while that is being made. */
  readonly pid?: number;
  /** Of anonymous memory. */
  readonly address?: bigint;
  /** Of a file or shared memory. */
  readonly name?: string;
  /** In the file or shared memory, in bytes. */
  readonly offset?: bigint;
}

/** A page that is about to be brought in. */
export interface MappingRequest {
  readonly pid: number;
  /** Of the page. */
  readonly address: bigint;
  readonly access: AccessKind;
}

/** A page that the replacement policy has chosen to leave. */
export interface EvictionRequest extends HookedPage {
  readonly frame: number;
  /** Whether it has to be written to its swap slot or file. */
  readonly dirty: boolean;
  /** Entries that map it, and the object that caches it. */
  readonly references: number;
}

/** A page that is about to be written to swap or read from it. */
export interface SwapRequest extends HookedPage {
  readonly slot: number;
  /** What the device takes unless the hook says otherwise, in nanoseconds of simulated time. */
  readonly latency: number;
}

/** Memory has run out: nothing is free and nothing can leave. */
export interface OutOfMemoryRequest {
  /** The process whose access or call it is; 0 for a new process. */
  readonly pid: number;
}

/** A frame number; nothing: the next hook, and at last the allocator's choice. */
export type FrameHook = (request: HookedPage) => number | undefined | void;
/** `"refuse"` ends the access with SIGSEGV, or the call with EFAULT. */
export type MappingHook = (request: MappingRequest) => "allow" | "refuse" | undefined | void;
/** `"keep"` has another page chosen; `{ instead }` names the frame whose page leaves in its place. */
export type EvictionHook = (request: EvictionRequest) => "evict" | "keep" | { instead: number } | undefined | void;
/** The latency in nanoseconds of simulated time; nothing: the device's. */
export type SwapHook = (request: SwapRequest) => number | undefined | void;
/** Who is killed, or which pages are given up; `"refuse"`: the operation fails, nothing: the killer chooses. */
export type OutOfMemoryHook = (
  request: OutOfMemoryRequest,
) => "refuse" | { kill: number } | { discard: { pid: number; address: Address; length: Address } } | undefined | void;

const points = ["frameAllocation", "mapping", "eviction", "swapOut", "swapIn", "outOfMemory"] as const;

/** Where hooks are asked, in the order of mm::HookPoint. */
export type HookPoint = (typeof points)[number];

type Hook = (request: never) => unknown;
type Decide = (answer: unknown, mailbox: Mailbox, what: string) => number;

function wrong(what: string, answer: unknown, expected: string): never {
  throw new PagewalkError("ERR_PAGEWALK_HANDLER_ANSWER", `${what} answered ${show(answer)}; expected ${expected}`);
}

// The number behind a property of an answer object with nothing else in it.
function only(answer: unknown, name: string): unknown {
  if (typeof answer !== "object" || answer === null) return undefined;
  const keys = Object.keys(answer);
  return keys.length === 1 && keys[0] === name ? (answer as Record<string, unknown>)[name] : undefined;
}
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

// Answers with one number: 1 and the number by mailbox.
const numbered =
  (expected: string): Decide =>
  (answer, mailbox, what) => {
    if (!isWhole(answer)) return wrong(what, answer, expected);
    mailbox.putAnswer([BigInt(answer)]);
    return 1;
  };

const mappingAnswers = new Map<unknown, number>([
  ["allow", 0],
  ["refuse", 1],
]);
const evictionAnswers = new Map<unknown, number>([
  ["evict", 0],
  ["keep", 1],
]);

const decideEviction: Decide = (answer, mailbox, what) => {
  const instead = only(answer, "instead");
  if (!isWhole(instead)) {
    const number = evictionAnswers.get(answer);
    return number ?? wrong(what, answer, "'evict', 'keep', { instead: a frame number } or nothing");
  }
  mailbox.putAnswer([BigInt(instead)]);
  return 2;
};

const decideOutOfMemory: Decide = (answer, mailbox, what) => {
  if (answer === "refuse") return 3;
  const kill = only(answer, "kill");
  const discard = only(answer, "discard") as { pid?: unknown; address?: unknown; length?: unknown } | undefined;
  if (isWhole(kill)) {
    mailbox.putAnswer([BigInt(kill)]);
    return 1;
  }
  if (typeof discard !== "object" || discard === null || !isWhole(discard.pid))
    return wrong(what, answer, "'refuse', { kill: pid }, { discard: { pid, address, length } } or nothing");
  const range = [addressBits(discard.address as Address), byteBits(discard.length as Address, "discard.length")];
  mailbox.putAnswer([BigInt(discard.pid), ...range]);
  return 2;
};

const latencies = "a whole number of nanoseconds or nothing";
const deciders: Record<HookPoint, { what: string; decide: Decide }> = {
  frameAllocation: { what: "a frame-allocation hook", decide: numbered("a frame number or nothing") },
  mapping: { what: "a mapping hook", decide: (answer, _, what) => answerNumber(what, mappingAnswers, answer) },
  eviction: { what: "an eviction hook", decide: decideEviction },
  swapOut: { what: "a swap-out hook", decide: numbered(latencies) },
  swapIn: { what: "a swap-in hook", decide: numbered(latencies) },
  outOfMemory: { what: "an out-of-memory hook", decide: decideOutOfMemory },
};

/** The hooks of one machine, asked in the order in which they were added until one decides. */
export class Hooks {
  readonly #hooks = new Map<HookPoint, readonly Hook[]>();
  #native: NativeSystem | undefined;

  /** Whether nobody was ever added, so that nothing is asked. */
  get isEmpty(): boolean {
    return this.#hooks.size === 0;
  }

  /** Adds a hook; the function returned removes it. */
  add(point: HookPoint, hook: Hook): () => void {
    functionOf(hook, "hook");
    const entry: Hook = (request) => hook(request); // its own identity, so that removing finds this one
    const before = this.#at(point);
    this.#hooks.set(point, [...before, entry]);
    try {
      if (before.length === 0) this.#tell();
    } catch (error) {
      this.#hooks.set(point, before); // from within a hook, say
      throw error;
    }
    return () => {
      const others = this.#at(point).filter((other) => other !== entry);
      this.#hooks.set(point, others);
    };
  }

  /** The system that asks from now on. */
  attach(native: NativeSystem, asked: Asked, mailbox: Mailbox): void {
    this.#native = native;
    points.forEach((point, index) =>
      asked.on(Question.Hooks + index, (request: never) => this.#decide(point, request, mailbox)),
    );
    this.#tell();
  }
  detach(): void {
    this.#native = undefined;
  }

  #at(point: HookPoint): readonly Hook[] {
    return this.#hooks.get(point) ?? [];
  }

  // Points where somebody was added are asked until the next machine boots.
  #tell(): void {
    this.#native?.setHooks(points.reduce((bits, point, index) => bits | (this.#hooks.has(point) ? 1 << index : 0), 0));
  }

  #decide(point: HookPoint, request: never, mailbox: Mailbox): number {
    const { what, decide } = deciders[point];
    for (const hook of this.#at(point)) {
      const answer = askHandler(what, hook, request);
      if (answer !== undefined) return decide(answer, mailbox, what);
    }
    return 0;
  }
}
