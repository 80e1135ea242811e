// SPDX-License-Identifier: MIT
// Replays a paging vector on the package's MMU and tells what differs from what was observed.
import { type ControlChanges, Mmu, type MmuOptions, type MmuResult, PhysicalMemory } from "../../lib/index.js";
import {
  type Expected,
  operations,
  type Step,
  type Vector,
  type VectorAccess,
  type VectorCpu,
} from "./paging-vectors.js";

export type Caches = Pick<MmuOptions, "tlb" | "psc">;

const bytes = 8 * 2 ** 30;

/** How a result is written in the vectors. */
function written(result: MmuResult): object {
  const fields = Object.entries(result) as [string, unknown][];
  return Object.fromEntries(
    fields.map(([name, value]) => [name, typeof value === "bigint" ? `0x${value.toString(16)}` : value]),
  );
}

const sameFields = (a: object, b: object): boolean => {
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return left.length === right.length && left.every(([name, value]) => (b as Record<string, unknown>)[name] === value);
};

/** The control bits among a processor's fields. */
function controlOf(cpu: Partial<VectorCpu>): ControlChanges {
  const { wp, nxe, smep, smap, pke, pks, pge = 0, pcide = 0 } = cpu;
  return { wp, nxe, smep, smap, pke, pks, pge, pcide };
}

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
    const mmu = this.#boot(vector);
    const { cpl = 3, ac = 0 } = vector.cpu;
    const problems = vector.steps
      ? vector.steps.flatMap((step, index) => this.#step(mmu, step).map((problem) => `step ${index}: ${problem}`))
      : this.#access(mmu, { ...vector.access, cpl, ac }, vector);
    for (const address of this.#entries.keys()) this.#memory.write64(address, 0);
    this.#entries.clear();
    return problems.map((problem) => `${vector.id}: ${problem}`);
  }

  #boot({ cpu, cr3 }: Vector): Mmu {
    const mmu = new Mmu({
      memory: this.#memory,
      processor: { maxPhysAddr: cpu.maxphyaddr, pages1GiB: cpu.pdpe1gb },
      control: { ...controlOf(cpu), la57: cpu.la57 },
      ...this.#caches,
    });
    mmu.setProtectionKeys({ pkru: BigInt(cpu.pkru), pkrs: BigInt(cpu.pkrs) });
    mmu.writeCr3(cr3);
    return mmu;
  }

  #poke(address: string, value: string): void {
    this.#entries.set(address, BigInt(value));
    this.#memory.write64(address, value);
  }

  #step(mmu: Mmu, step: Step): string[] {
    switch (step.op) {
      case "access":
        return this.#access(mmu, step, step);
      case "poke":
        this.#poke(step.pa, step.value);
        break;
      case "invlpg":
        mmu.invlpg(step.va);
        break;
      case "invpcid":
        mmu.invpcid(step.type, { pcid: step.pcid, va: step.va });
        break;
      case "movcr3":
        mmu.writeCr3(step.value);
        break;
      case "cpu":
        mmu.setControl(controlOf(step.set));
        break;
      case "pk":
        mmu.setProtectionKeys({ pkru: BigInt(step.pkru), pkrs: BigInt(step.pkrs) });
        break;
    }
    return [];
  }

  #access(mmu: Mmu, access: VectorAccess & { cpl: number; ac: 0 | 1 }, expected: Expected): string[] {
    this.accesses++;
    const { va, type, size, cpl, ac } = access;
    const result = mmu.access(va, operations[type], { size, cpl, ac });
    const { value, ...where } = expected.result;
    const problems: string[] = [];
    if (!sameFields(written(result), where))
      problems.push(`${JSON.stringify(written(result))} is not ${JSON.stringify(where)}`);
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
