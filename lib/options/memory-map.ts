// SPDX-License-Identifier: MIT
// A machine's memory map: ranges in order, as firmware's E820 table gives them.
import type { NativeMemoryRange } from "../native-config.js";
import { checkMemoryMap } from "../native.js";
import { oneOf } from "./choice.js";
import { type Problems, show } from "./problems.js";
import { parseSize } from "./sizes.js";
import { optionTables } from "../generated/options.js";

/** One range of physical memory. */
export interface MemoryMapRange {
  /** The first byte: a number, or a text such as `"0x100000"` or `"1MiB"`. A multiple of 4 KiB. */
  start: number | bigint | string;
  /** Bytes, or a size such as `"1GiB"`. A multiple of 4 KiB. */
  size: number | bigint | string;
  /** What is there. Only usable memory is ever given out; what lies between ranges is a hole. Default `"usable"`. */
  type?: "usable" | "reserved" | "hole";
}

const types = optionTables.choices["memoryMap.type"];
const most = 1n << 52n;

function bytesOf(value: number | bigint | string): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (/^0x[0-9a-f]{1,16}$/i.test(value.trim())) return BigInt(value.trim());
  const size = parseSize(value);
  return typeof size === "bigint" ? size : undefined;
}

function checkedBytes(problems: Problems, name: string, value: number | bigint | string, what: string): bigint {
  const bytes = bytesOf(value);
  if (bytes !== undefined && bytes >= 0n && bytes <= most) return bytes;
  problems.add(name, "INVALID_ARGUMENT", `expected ${what}, at most 2^52; got ${show(value)}`);
  return 0n;
}

/** The ranges for the addon, which checks them; violations go to `problems`. */
export function resolveMemoryMap(
  problems: Problems,
  ranges: readonly MemoryMapRange[] | undefined,
): NativeMemoryRange[] {
  if (ranges === undefined) return [];
  if (ranges.length === 0) problems.add("memoryMap", "INVALID_ARGUMENT", "expected at least one range, got none");
  const local = problems.child();
  const resolved = ranges.map(({ start, size, type = "usable" }, index): NativeMemoryRange => {
    const name = `memoryMap[${index}]`;
    return [
      checkedBytes(local, `${name}.start`, start, 'an address such as "0x100000"'),
      checkedBytes(local, `${name}.size`, size, 'a size such as "1GiB"'),
      oneOf(local, `${name}.type`, type, types),
    ];
  });
  if (local.any || resolved.length === 0) return [];
  for (const { index, code, text } of checkMemoryMap(resolved))
    problems.add(index === undefined ? "memoryMap" : `memoryMap[${index}]`, code, text);
  return resolved;
}

/** Bytes that may be given out. */
export const usableBytes = (map: readonly NativeMemoryRange[]): bigint =>
  map.reduce((sum, [, bytes, type]) => (type === "usable" ? sum + bytes : sum), 0n);
