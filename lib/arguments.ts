// SPDX-License-Identifier: MIT
// Arguments from scripts: of the type that is expected, or an error that says so.
import { rangeError, typeError } from "./errors.js";
import { show } from "./options/problems.js";

/** What is copied at once at most. */
export const mostBytes = 2 ** 30;

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
