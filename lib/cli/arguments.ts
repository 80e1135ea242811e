// SPDX-License-Identifier: MIT
// Values of flags that become numbers; what is wrong with one is a usage error.
import { InvalidArgumentError } from "commander";
import { parseSize } from "../options/sizes.js";

/** A whole number from `least` up that a double holds exactly. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  };

/** A list such as 1000,1000000 of whole numbers from `least` up. */
export const wholeNumbers =
  (least: number) =>
  (text: string): number[] =>
    text.split(",").map((one) => wholeNumber(least)(one.trim()));

/** A seed: any whole number of 64 bits, decimal or 0x hexadecimal. */
export function seedNumber(text: string): bigint {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? BigInt(text) : -1n;
  if (value >= 0n && value < 1n << 64n) return value;
  throw new InvalidArgumentError("Expected a whole number from 0 to 2^64 - 1.");
}

/** A size such as 64MiB in bytes. */
export function sizeInBytes(text: string): number {
  const bytes = parseSize(text);
  if (typeof bytes === "bigint" && bytes > 0n && bytes <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(bytes);
  throw new InvalidArgumentError("Expected a size such as 64MiB.");
}

/** An address that a double holds exactly, decimal or 0x hexadecimal. */
export function addressNumber(text: string): number {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("Expected an address such as 0x7f0000000000.");
}

/** Any 64-bit address, hexadecimal with 0x or decimal. */
export function wideAddress(text: string): bigint {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? BigInt(text) : -1n;
  if (value >= 0n && value < 1n << 64n) return value;
  throw new InvalidArgumentError("Expected an address of at most 64 bits such as 0xffff800000001000.");
}

/** A whole number between two others. */
export const numberBetween =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };

/** A number that is not negative. */
export function realNumber(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isNaN(value)) return value;
  throw new InvalidArgumentError("Expected a number such as 0.5.");
}
