// SPDX-License-Identifier: MIT
// Values that must be one of a few names, and numbers that must lie in a range.
import { type Problems, show } from "./problems.js";
import { didYouMean } from "./suggest.js";

/** `value` if it is one of `names`; otherwise notes the violation with the nearest name. */
export function oneOf<T extends string>(problems: Problems, option: string, value: string, names: readonly T[]): T {
  const found = names.find((name) => name === value);
  if (found !== undefined) return found;
  const list = names.join(", ");
  problems.add(option, "UNKNOWN_NAME", `expected one of ${list}; got ${show(value)}${didYouMean(value, names)}`);
  return names[0]!;
}

/** A whole number in the range of an option; otherwise notes the violation. */
export const numberIn = (
  problems: Problems,
  option: string,
  value: number,
  { min, max, unit }: { min: number; max: number; unit: string },
): number => wholeIn(problems, option, value, min, max, unit);

/** A whole number in [low, high]; otherwise notes the violation. */
export function wholeIn(
  problems: Problems,
  option: string,
  value: number,
  low: number,
  high: number,
  unit = "",
): number {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return value;
  problems.add(
    option,
    "OUT_OF_RANGE",
    `expected a whole number from ${low} to ${high}${unit && ` ${unit}`}, got ${show(value)}`,
  );
  return low;
}
