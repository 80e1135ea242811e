// SPDX-License-Identifier: MIT
// Arguments of memory calls, checked as far as Linux does not judge them.
import { byteBits } from "./addresses.js";
import { objectOf } from "./arguments.js";
import { rangeError, typeError } from "./errors.js";
import type { NativeAttributes, NativeLimits } from "./native-system.js";
import { show } from "./options/problems.js";
import { didYouMean } from "./options/suggest.js";
import { type Flags, flagBits, type MapFlag, mapFlags } from "./process-names.js";
import type { LimitChanges } from "./process-types.js";
import type { Violation } from "./violation.js";

/** A descriptor that is none: -1. */
export const noDescriptor = (1n << 64n) - 1n;
/** Bits of mmap's flags. */
export function mapBits(flags: Flags<MapFlag> | undefined, hasFile: boolean): bigint {
  const bits = flagBits(flags ?? 0n, mapFlags, "flags");
  if (flags !== undefined && (typeof flags === "number" || typeof flags === "bigint")) return bits;
  const type = bits & 3n ? 0n : BigInt(mapFlags.private);
  return bits | type | (hasFile ? 0n : BigInt(mapFlags.anonymous));
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
