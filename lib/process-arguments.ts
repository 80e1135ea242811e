// SPDX-License-Identifier: MIT
// Arguments of calls of processes, checked as far as Linux does not judge them.
import { byteBits } from "./addresses.js";
import { rangeError, typeError } from "./errors.js";
import type { NativeAttributes, NativeLimits } from "./native-system.js";
import { show } from "./options/problems.js";
import { didYouMean } from "./options/suggest.js";
import { type Flags, flagBits, type MapFlag, mapFlags } from "./process-names.js";
import type { LimitChanges } from "./process-types.js";
import type { Violation } from "./violation.js";

/** A descriptor that is none: -1. */
export const noDescriptor = (1n << 64n) - 1n;
/** What is copied at once at most. */
export const mostBytes = 2 ** 30;

/** Bits of mmap's flags. */
export function mapBits(flags: Flags<MapFlag> | undefined, hasFile: boolean): bigint {
  const bits = flagBits(flags ?? 0n, mapFlags, "flags");
  if (flags !== undefined && (typeof flags === "number" || typeof flags === "bigint")) return bits;
  const type = bits & 3n ? 0n : BigInt(mapFlags.private);
  return bits | type | (hasFile ? 0n : BigInt(mapFlags.anonymous));
}

/** A number of bytes that are copied. */
export function lengthOf(length: unknown): number {
  if (Number.isSafeInteger(length) && (length as number) >= 0 && (length as number) <= mostBytes)
    return length as number;
  const text = `length: expected a whole number of bytes from 0 to ${mostBytes}, got ${show(length)}`;
  throw rangeError("ERR_PAGEWALK_OUT_OF_RANGE", text);
}

export function objectOf<T extends object>(value: T, name: string): T {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `${name}: expected an object, got ${show(value)}`);
}

/** Bytes, in an array that is not longer than what is copied at once. */
export function bytesOf(bytes: Uint8Array, name = "bytes"): Uint8Array {
  if (!(bytes instanceof Uint8Array))
    throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `${name}: expected a Uint8Array, got ${show(bytes)}`);
  lengthOf(bytes.length);
  return bytes;
}

export function textOf(text: string, name: string): string {
  if (typeof text === "string") return text;
  throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `${name}: expected a string, got ${show(text)}`);
}

export function wholeIn(value: number, low: number, high: number, name: string): number {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return value;
  const text = `${name}: expected a whole number from ${low} to ${high}, got ${show(value)}`;
  throw rangeError("ERR_PAGEWALK_OUT_OF_RANGE", text);
}

export function functionOf<T>(value: T, name: string): T {
  if (typeof value === "function") return value;
  throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `${name}: expected a function, got ${show(value)}`);
}

const numbers = { SIGBUS: 7, SIGSEGV: 11 };

/** The number of a signal that can be handled. */
export function signalNumber(signal: Violation["signal"]): number {
  if (Object.hasOwn(numbers, signal)) return numbers[signal];
  const text = `signal: expected SIGSEGV or SIGBUS, got ${show(signal)}`;
  throw rangeError("ERR_PAGEWALK_UNKNOWN_NAME", text);
}

const infinity = (1n << 64n) - 1n;
const limitNames = ["addressSpace", "data", "stack", "locked"] as const;

/** Limits with changes, as the addon takes them. */
export function changedLimits(now: NativeLimits, changes: LimitChanges): NonNullable<NativeAttributes["limits"]> {
  const known = [...limitNames, "mayLockAny"];
  for (const name of Object.keys(objectOf(changes, "limits")))
    if (!known.includes(name))
      throw rangeError("ERR_PAGEWALK_UNKNOWN_NAME", `limits.${name}: no limit has this name${didYouMean(name, known)}`);
  const bytes = (name: (typeof limitNames)[number]): bigint => {
    const asked = changes[name];
    if (asked === undefined) return now[name] ?? infinity;
    return asked === null ? infinity : byteBits(asked, `limits.${name}`);
  };
  const mayLockAny = changes.mayLockAny ?? now.mayLockAny;
  if (typeof mayLockAny !== "boolean")
    throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `limits.mayLockAny: expected a boolean, got ${show(mayLockAny)}`);
  return {
    addressSpace: bytes("addressSpace"),
    data: bytes("data"),
    stack: bytes("stack"),
    locked: bytes("locked"),
    mayLockAny,
  };
}
