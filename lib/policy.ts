// SPDX-License-Identifier: MIT
// Replacement policies written in JavaScript: what one looks like, and the check that a given object is one.
import { rangeError, typeError } from "./errors.js";
import { knownPolicies } from "./native.js";
import { show } from "./options/problems.js";
import { didYouMean } from "./options/suggest.js";

/** What a policy is told before its first event, and whenever everything begins anew. */
export interface PolicyStart {
  /** Pages that may be resident at once; slots are below it. */
  readonly capacity: number;
  /** `"exact"`: `onAccess` is told of every reference. `"hardware"`: see `PageBits`. */
  readonly observe: "exact" | "hardware";
}

/** The bits of resident pages. They can be tested only while `chooseVictim` is asked. */
export interface PageBits {
  /**
   * Whether the page was accessed since its bit was cleared last, as the page tables say; clears the bit. Only with
   * hardware observation.
   */
  testAndClearAccessed(page: number): boolean;
  /** Whether the page would have to be written back. */
  isDirty(page: number): boolean;
}

/**
 * A replacement policy written in JavaScript.
 *
 * Events come in order, in batches of consecutive events of one kind, and all that happened before a fault comes before
 * `chooseVictim` is asked for it. Pages are page numbers in units of the machine's page size. A slot is a number below
 * the capacity that a page keeps while it is resident, so that a policy can keep its books in typed arrays. The arrays
 * of a call are used again afterwards: copy what is to be kept.
 */
export interface ReplacementPolicy {
  /** Letters, digits, `-`, `_` and `.`; not the name of another policy. */
  readonly name: string;
  /**
   * Before the first event, and when the machine is reset: forget everything. A policy without it is told at a reset
   * that every page is removed.
   */
  onReset?(start: PolicyStart): void;
  /** Pages were loaded. The reference that faulted is part of it. */
  onInsert(pages: Float64Array, slots: Uint32Array): void;
  /**
   * References to resident pages, with how many there were in a row. Without it references cost nothing. With hardware
   * observation it is told of the page that `chooseVictim` names if that was accessed since, and another is asked for.
   */
  onAccess?(pages: Float64Array, slots: Uint32Array, counts: Uint32Array): void;
  /** Pages left; mostly because they were chosen. */
  onRemove(pages: Float64Array, slots: Uint32Array): void;
  /**
   * The resident page to evict so that `page` can be loaded; or several, at most 1024, the others for the faults to come.
   */
  chooseVictim(page: number, bits: PageBits): number | ArrayLike<number>;
}

const needed = ["onInsert", "onRemove", "chooseVictim"] as const;
const optional = ["onReset", "onAccess"] as const;
const functionNames: readonly string[] = [...needed, ...optional];

// A misspelled hook would never be called: names like those of hooks must be hooks.
function checkSpelling(policy: object): void {
  for (let owner = policy; owner && owner !== Object.prototype; owner = Object.getPrototypeOf(owner) as object) {
    const unknown = Object.getOwnPropertyNames(owner).find(
      (key) => /^(on|choose)[A-Z_]?/.test(key) && !functionNames.includes(key) && didYouMean(key, functionNames),
    );
    if (unknown === undefined) continue;
    const text = `no hook has the name ${show(unknown)}${didYouMean(unknown, functionNames)}`;
    throw rangeError("ERR_PAGEWALK_UNKNOWN_NAME", `policy: ${text}`);
  }
}

function checkFunctions(policy: ReplacementPolicy): void {
  for (const name of functionNames as readonly (typeof needed)[number][]) {
    const value: unknown = policy[name];
    if (typeof value === "function") continue;
    const isOptional = (optional as readonly string[]).includes(name);
    if (isOptional && value === undefined) continue;
    const expected = isOptional ? "expected a function or nothing" : "expected a function";
    throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `policy.${name}: ${expected}, got ${show(value)}`);
  }
}

function checkName(name: unknown): void {
  if (typeof name !== "string" || !/^[\w.-]+$/.test(name)) {
    const text = `expected letters, digits, "-", "_" and ".", got ${show(name)}`;
    throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `policy.name: ${text}`);
  }
  const taken = knownPolicies().some((known) => known.name === name || known.aliases.includes(name));
  if (taken)
    throw rangeError(
      "ERR_PAGEWALK_NAME_TAKEN",
      `policy.name: expected a new name, got ${show(name)}, a policy of pagewalk's`,
    );
}

/** Throws unless the value is a policy that can be registered. */
export function checkPolicyObject(policy: ReplacementPolicy): void {
  if (typeof policy !== "object" || policy === null)
    throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `policy: expected an object, got ${show(policy)}`);
  checkName(policy.name);
  checkSpelling(policy);
  checkFunctions(policy);
}
