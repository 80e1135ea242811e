// SPDX-License-Identifier: MIT
// What was counted between two snapshots of statistics.
import { typeError } from "./errors.js";
import { show } from "./options/problems.js";

function differenceOf(now: unknown, before: unknown): unknown {
  if (typeof now === "number") return typeof before === "number" ? now - before : now;
  if (typeof now !== "object" || now === null || Array.isArray(now)) return now;
  const old = (typeof before === "object" && before !== null ? before : {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(now).map(([name, value]) => [name, differenceOf(value, old[name])]));
}

/**
 * Every number of a snapshot (of `machine.stats()` or `process.stats()`) less that of an earlier one; what is no number is
 * as it is now. Sizes, such as resident pages, become how much they grew.
 */
export function statsDelta<T extends object>(now: T, before: T): T {
  for (const [name, snapshot] of Object.entries({ now, before }))
    if (typeof snapshot !== "object" || snapshot === null)
      throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `${name}: expected a snapshot, got ${show(snapshot)}`);
  return differenceOf(now, before) as T;
}
