// SPDX-License-Identifier: MIT
// What machine.bootLog() answers.
import type { NativeBootStep } from "./native.js";

/** One step of a boot. */
export interface BootStep {
  readonly name: string;
  /** What it made: the same for the same configuration. */
  readonly made: string;
  /** What it took the host: not the same twice. */
  readonly hostMilliseconds: number;
}

export const bootLogOf = (steps: readonly NativeBootStep[]): readonly BootStep[] =>
  Object.freeze(
    steps.map(({ name, made, hostNanoseconds }) =>
      Object.freeze({ name, made, hostMilliseconds: hostNanoseconds / 1e6 }),
    ),
  );
