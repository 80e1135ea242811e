// SPDX-License-Identifier: MIT
// The bitmap frame allocator, usable without a machine.
import { type Address, addressBits } from "./addresses.js";
import { typeError } from "./errors.js";
import { addon, type NativeFrameAllocator } from "./native.js";

/** A part of physical memory, as firmware reports it. */
export interface MemoryRange {
  start: Address;
  bytes: number | bigint;
  /** Default `"usable"`. */
  kind?: "usable" | "reserved" | "hole";
}

/** From which end of memory frames are taken. */
export type End = "low" | "high";

/** The addon's allocator behind a BitmapFrameAllocator; not part of the public API. */
export let nativeAllocatorOf: (allocator: BitmapFrameAllocator) => NativeFrameAllocator;

function memoryMap(memory: number | bigint | readonly MemoryRange[]): [bigint, number | bigint, string][] {
  if (typeof memory === "number" || typeof memory === "bigint") return [[0n, memory, "usable"]];
  if (Array.isArray(memory)) {
    const ranges = memory as readonly MemoryRange[];
    return ranges.map(({ start, bytes, kind = "usable" }, i) => [
      addressBits(start, `memory[${i}].start`),
      bytes,
      kind,
    ]);
  }
  throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", "memory: expected a number of bytes or an array of ranges");
}

/**
 * Gives out frames of 4 KiB, always the lowest (or highest) run that fits: the same calls give the same frames. Frames
 * are plain numbers.
 */
export class BitmapFrameAllocator {
  readonly #native: NativeFrameAllocator;

  static {
    nativeAllocatorOf = (allocator) => allocator.#native;
  }

  /** @param memory bytes of memory, or a memory map with reserved ranges and holes */
  constructor(memory: number | bigint | readonly MemoryRange[]) {
    this.#native = new (addon().NativeFrameAllocator)(memoryMap(memory));
  }

  get frames(): number {
    return this.#native.frames();
  }
  get freeCount(): number {
    return this.#native.freeCount();
  }

  /** The first of 2^order frames, aligned to as many; null where there is no such run. */
  allocate(order = 0, end: End = "low"): number | null {
    return this.#native.allocate(order, end);
  }
  /** The first of `count` frames that start at a multiple of `alignment`; null where there is no such run. */
  allocateRun(count: number, alignment = 1, end: End = "low"): number | null {
    return this.#native.allocateRun(count, alignment, end);
  }
  /** Exactly these frames; an error names the first that is not to be had. */
  allocateAt(first: number, count = 1): void {
    this.#native.allocateAt(first, count);
  }
  free(first: number, order = 0): void {
    this.#native.free(first, order);
  }
  freeRun(first: number, count: number): void {
    this.#native.freeRun(first, count);
  }
  isFree(frame: number): boolean {
    return this.#native.isFree(frame);
  }
  /** Recounts everything; each violated invariant is one sentence. */
  validate(): string[] {
    return this.#native.validate();
  }
}
