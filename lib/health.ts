// SPDX-License-Identifier: MIT
// What machine.health() answers.
import type { NativeHealthCheck } from "./native.js";

/** One invariant, or a few that belong together. */
export interface HealthCheck {
  readonly name: string;
  /** How many things were looked at, and what they are. */
  readonly checked: number;
  readonly unit: string;
  /** One sentence for each violation. */
  readonly problems: readonly string[];
}

/** Whether memory is as it has to be, and how much of it there is. */
export interface Health {
  readonly healthy: boolean;
  /** One sentence for each violation of an invariant. */
  readonly problems: readonly string[];
  /** Every check with what it looked at. */
  readonly checks: readonly HealthCheck[];
  /** Frames, tables, pages, slots, processes and so on, by name. */
  readonly counts: Readonly<Record<string, number>>;
}

export function healthOf(checks: readonly NativeHealthCheck[], counts: object): Health {
  const problems = Object.freeze(checks.flatMap((check) => check.problems));
  return Object.freeze({
    healthy: problems.length === 0,
    problems,
    checks: Object.freeze(
      checks.map(({ name, checked, unit, problems: found }) =>
        Object.freeze({ name, checked, unit, problems: Object.freeze([...found]) }),
      ),
    ),
    counts: Object.freeze({ ...counts }) as Health["counts"],
  });
}
