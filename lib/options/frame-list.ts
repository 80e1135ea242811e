// SPDX-License-Identifier: MIT
// Numbers of frames, some of them as shares of a trace's distinct pages: "1%,12.5%,4096".
import { type Problems, show } from "./problems.js";

/** One size: the text it was asked for by, and [count, of] as the native side takes it; `of` 0 is a plain number. */
export interface FrameRequest {
  text: string;
  native: [count: number, of: number];
}

const expected = "expected numbers of frames from 1 up, or shares of the trace's pages above 0% and at most 100%";
const mostFrames = 2 ** 31 - 1; // of the simulator

// In integers, so that no share is rounded before it is applied.
function shareOf(text: string): [number, number] | undefined {
  const [, whole, decimals = ""] = /^(\d{1,3})(?:\.(\d{1,6}))?%$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const count = Number(whole + decimals);
  const of = 100 * 10 ** decimals.length;
  return count >= 1 && count <= of ? [count, of] : undefined;
}

function countOf(text: string): [number, number] | undefined {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return count >= 1 && count <= mostFrames ? [count, 0] : undefined;
}

/** The sizes of a comparison or curve; violations go to `problems`. */
export function resolveFrames(
  problems: Problems,
  value: number | string | readonly (number | string)[],
): FrameRequest[] {
  const list = typeof value === "string" ? value.split(",") : typeof value === "number" ? [value] : value;
  if (!Array.isArray(list) || list.length === 0) {
    problems.add("frames", "INVALID_ARGUMENT", `${expected}; got ${show(value)}`);
    return [];
  }
  return list.flatMap((one: unknown) => {
    const text = String(one).trim();
    const native = text.endsWith("%") ? shareOf(text) : countOf(text);
    if (native) return { text, native };
    const isNumber = /^\d+(\.\d+)?%?$/.test(text);
    problems.add("frames", isNumber ? "OUT_OF_RANGE" : "INVALID_ARGUMENT", `${expected}; got ${show(one)}`);
    return [];
  });
}
