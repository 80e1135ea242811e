// SPDX-License-Identifier: MIT
// Seeded random streams of page numbers, and the trace that touches them.
import { Trace } from "../../lib/trace.js";

/** mulberry32: enough chance for a test. In [0, 1). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Uniform, skewed and looping by turns; `stride` pages apart. */
export function pagesOf(seed: number, length: number, distinct: number, stride = 1): number[] {
  const next = chance(seed);
  const loop = 1 + Math.floor(next() * distinct);
  const draw = [
    () => Math.floor(next() * distinct),
    () => Math.floor(next() * next() * distinct),
    (i: number) => i % loop,
  ][seed % 3]!;
  return Array.from({ length }, (_, i) => draw(i) * stride);
}

/** One load of each page. */
export const traceOf = (pages: readonly number[]): Trace =>
  Trace.fromAddresses(Float64Array.from(pages, (page) => page * 4096 + (page % 4096)));
