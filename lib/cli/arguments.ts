// SPDX-License-Identifier: MIT
// Values of flags that become numbers; what is wrong with one is a usage error.
import { InvalidArgumentError } from "commander";

/** A whole number from `least` up that a double holds exactly. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  };

/** A seed: any whole number of 64 bits, decimal or 0x hexadecimal. */
export function seedNumber(text: string): bigint {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? BigInt(text) : -1n;
  if (value >= 0n && value < 1n << 64n) return value;
  throw new InvalidArgumentError("Expected a whole number from 0 to 2^64 - 1.");
}
