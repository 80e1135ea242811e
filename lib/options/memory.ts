// SPDX-License-Identifier: MIT
// The size of physical memory and the resident limit.
import type { PageSize } from "../native-config.js";
import { optionTables } from "../generated/options.js";
import { type Problems, show } from "./problems.js";
import { pageBytes, parseSize } from "./sizes.js";

// What 32-bit frame numbers of policies reach.
const { memory, residentLimit } = optionTables.numbers;

/** Bytes of `memory`; violations go to `problems`. */
export function resolveMemory(problems: Problems, value: number | bigint | string): bigint {
  const bytes = typeof value === "string" ? parseSize(value) : wholeBytes(value);
  if (typeof bytes !== "bigint") {
    problems.add("memory", "INVALID_ARGUMENT", `${bytes.problem}; got ${show(value)}`);
    return 0n;
  }
  if (bytes < memory.min || bytes > memory.max || bytes % 4096n !== 0n) {
    const text = `expected a multiple of 4 KiB, at least 4 KiB and at most 8 TiB; got ${show(value)}`;
    problems.add("memory", "OUT_OF_RANGE", text);
  }
  return bytes;
}

function wholeBytes(value: number | bigint): bigint | { problem: string } {
  if (typeof value === "bigint") return value;
  if (Number.isSafeInteger(value)) return BigInt(value);
  return { problem: "expected a whole number of bytes" };
}

/** The limit in pages (0: none), or as a share of the trace's pages. */
export interface ResidentLimit {
  pages: number;
  percent?: number;
}

const expected = "expected a number of pages, a size such as 64MiB, or a share of the trace's pages such as 25%";

/** The resident limit in pages of `pageSize`; violations go to `problems`. */
export function resolveResidentLimit(
  problems: Problems,
  value: number | string | undefined,
  pageSize: PageSize,
): ResidentLimit {
  if (value === undefined) return { pages: 0 };
  if (typeof value === "number") return checkedPages(problems, value, value);
  const text = value.trim();
  if (/^\d+$/.test(text)) return checkedPages(problems, Number(text), value);
  if (text.endsWith("%")) return checkedPercent(problems, text);
  const bytes = parseSize(text);
  if (typeof bytes !== "bigint") {
    problems.add("residentLimit", "INVALID_ARGUMENT", `${expected}; got ${show(value)}`);
    return { pages: 0 };
  }
  // "16384p" names pages whatever their size.
  const unit = /\dp$/i.test(text) ? 4096n : pageBytes[pageSize];
  if (bytes > 0n && bytes < unit) {
    problems.add("residentLimit", "OUT_OF_RANGE", `expected at least one page of ${pageSize}; got ${show(value)}`);
    return { pages: 0 };
  }
  return checkedPages(problems, Number(bytes / unit), value);
}

function checkedPages(problems: Problems, pages: number, given: number | string): ResidentLimit {
  if (Number.isSafeInteger(pages) && pages >= 1 && pages <= residentLimit.max) return { pages };
  problems.add("residentLimit", "OUT_OF_RANGE", `${expected}, at least one page; got ${show(given)}`);
  return { pages: 0 };
}

function checkedPercent(problems: Problems, text: string): ResidentLimit {
  const percent = /^\d+(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) : Number.NaN;
  if (percent > 0 && percent <= 100) return { pages: 0, percent };
  problems.add("residentLimit", "OUT_OF_RANGE", `expected a share above 0% and at most 100%, got ${show(text)}`);
  return { pages: 0 };
}
