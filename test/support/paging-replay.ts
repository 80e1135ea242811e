// SPDX-License-Identifier: MIT
// Replays a paging vector on the package's MMU and tells what differs from what was observed.
import { type Mmu, type MmuOptions, PhysicalMemory } from "../../lib/index.js";
import {
  accessesOf,
  type AccessStep,
  doStep,
  type Step,
  type Vector,
  vectorMmu,
  vectorOperations,
} from "../../lib/paging-vectors.js";
import { isObserved, written } from "./paging-vectors.js";

export type Caches = Pick<MmuOptions, "tlb" | "psc">;

const bytes = 8 * 2 ** 30;

/** One memory and its MMUs, reused from case to case: what a case wrote is zero again afterwards. */
export class Replay {
  readonly #memory = new PhysicalMemory({ size: bytes });
  readonly #caches: Caches;
  /** The tables as they stand, by the address of the entry. */
  readonly #entries = new Map<string, bigint>();
  accesses = 0;

  constructor(caches: Caches) {
    this.#caches = caches;
  }

  /** What differs, one line each; empty if nothing does. */
  run(vector: Vector): string[] {
    for (const [address, value] of vector.mem) this.#poke(address, value);
    const mmu = vectorMmu(vector, this.#memory, this.#caches);
    const problems = vector.steps
      ? vector.steps.flatMap((step, index) => this.#step(mmu, step).map((problem) => `step ${index}: ${problem}`))
      : accessesOf(vector).flatMap(([, access]) => this.#access(mmu, access));
    for (const address of this.#entries.keys()) this.#memory.write64(address, 0);
    this.#entries.clear();
    return problems.map((problem) => `${vector.id}: ${problem}`);
  }

  #poke(address: string, value: string): void {
    this.#entries.set(address, BigInt(value));
    this.#memory.write64(address, value);
  }

  #step(mmu: Mmu, step: Step): string[] {
    if (step.op === "access") return this.#access(mmu, step);
    if (step.op === "poke") this.#entries.set(step.pa, BigInt(step.value));
    doStep(mmu, this.#memory, step);
    return [];
  }

  #access(mmu: Mmu, expected: Omit<AccessStep, "op">): string[] {
    this.accesses++;
    const { va, type, size, cpl, ac } = expected;
    const result = mmu.access(va, vectorOperations[type], { size, cpl, ac });
    const { value } = expected.result;
    const problems: string[] = [];
    if (!isObserved(result, expected.result))
      problems.push(`${JSON.stringify(written(result))} is not ${JSON.stringify(expected.result)}`);
    if (value !== undefined && result.ok && this.#memory.read64(result.pa) !== BigInt(value))
      problems.push(`the entry read is not ${value}`);
    const changed = this.#changes();
    const after = expected.after.map((pair) => pair.join("=")).sort();
    if (expected.result.ok && changed.join() !== after.join())
      problems.push(`changed ${changed.join(", ") || "nothing"} instead of ${after.join(", ") || "nothing"}`);
    this.#settle(expected.after);
    return problems;
  }

  /** The entries that differ from how they stood before the access. */
  #changes(): string[] {
    const changed: string[] = [];
    for (const [address, before] of this.#entries) {
      const now = this.#memory.read64(address);
      if (now !== before) changed.push(`${address}=0x${now.toString(16)}`);
    }
    return changed.sort();
  }

  /** Memory as it was observed after the access: what a fault sets is the implementation's choice. */
  #settle(after: readonly [string, string][]): void {
    for (const [address, value] of after) this.#entries.set(address, BigInt(value));
    for (const [address, value] of this.#entries) this.#memory.write64(address, value);
  }
}
