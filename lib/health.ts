// SPDX-License-Identifier: MIT
// What machine.health() answers.

/** Whether memory is as it has to be, and how much of it there is. */
export interface Health {
  readonly healthy: boolean;
  /** One sentence for each violation of an invariant. */
  readonly problems: readonly string[];
  /** Frames, tables, pages, slots, processes and so on, by name. */
  readonly counts: Readonly<Record<string, number>>;
}

export function healthOf(problems: readonly string[], counts: object): Health {
  const frozen = Object.freeze([...problems]);
  return Object.freeze({
    healthy: frozen.length === 0,
    problems: frozen,
    counts: Object.freeze({ ...counts }) as Health["counts"],
  });
}
