// SPDX-License-Identifier: MIT
// Refuses objects with fields that nobody reads.
import { rangeError, typeError } from "../errors.js";
import { show } from "./problems.js";
import { didYouMean } from "./suggest.js";

/** Throws unless `value` is an object that has no other fields than these. */
export function checkNames(what: string, value: object, names: readonly string[]): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `${what}: expected an object, got ${show(value)}`);
  const unknown = Object.keys(value).find((key) => !names.includes(key));
  if (unknown === undefined) return;
  const text = `expected fields among ${names.join(", ")}; got ${show(unknown)}${didYouMean(unknown, names)}`;
  throw rangeError("ERR_PAGEWALK_UNKNOWN_NAME", `${what}: ${text}`);
}
