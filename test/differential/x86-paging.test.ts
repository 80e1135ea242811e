// SPDX-License-Identifier: MIT
// Outcomes and changed entries equal those of a naive walker without caches, on random tables that lead into each
// other, while entries, registers and address spaces change at random and are invalidated as software has to.
import { describe, expect, it } from "vitest";
import { Mmu, type MmuOptions, PhysicalMemory } from "../../lib/index.js";
import { type Access, accessOf, type Cpu, type Memory } from "../reference/x86-walk.js";
import { RandomTables } from "../support/random-tables.js";

const settings: Record<string, Pick<MmuOptions, "tlb" | "psc" | "tlbPolicy">> = {
  "nothing cached": { tlb: "none", psc: "none" },
  "structure caches alone": { tlb: "none", psc: { pml4e: 1, pdpte: 2, pde: 3 } },
  "tiny TLBs": { tlb: { l1i: 1, l1d: 2, "l1d.2MiB": 1, "l1d.1GiB": 1, l2: "4x2" }, psc: "none", tlbPolicy: "random" },
  "a processor": { tlb: "intel-skylake-sp" },
  "another processor": { tlb: "amd-zen2", tlbPolicy: "srrip" },
};

const keepTranslations = 1n << 63n;

const written = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `0x${part.toString(16)}` : part));

/** An MMU and its twin over the same tables. */
class Pair {
  readonly random: RandomTables;
  readonly #memory = new PhysicalMemory({ size: "64MiB" });
  readonly #twin: Memory;
  readonly #cpu: Cpu;
  readonly #mmu: Mmu;
  readonly #roots: bigint[];
  #root: bigint;
  #pge = false;
  readonly #recent: bigint[] = [];
  readonly problems: string[] = [];
  reached = 0;
  faults = 0;

  constructor(seed: number, caches: Pick<MmuOptions, "tlb" | "psc" | "tlbPolicy">) {
    this.random = new RandomTables(seed);
    this.#twin = this.random.tables();
    this.#cpu = this.random.cpu();
    const { pages1GiB, maxPhysAddr, pkru, pkrs, ...control } = this.#cpu;
    const processor = { pages1GiB, maxPhysAddr };
    this.#mmu = new Mmu({ memory: this.#memory, processor, control: { ...control, pcide: 1 }, ...caches });
    this.#mmu.setProtectionKeys({ pkru, pkrs });
    for (const [address, value] of this.#twin) this.#memory.write64(address, value);
    this.#roots = [1n, 2n, 3n].map((pcid) => this.random.frame() | pcid);
    this.#root = this.#roots[0]!;
    this.#mmu.writeCr3(this.#root);
  }

  access(): void {
    const access = this.#nextAccess();
    const { va, operation, ...options } = access;
    const result = this.#mmu.access(va, operation, options);
    const expected = accessOf(this.#twin, this.#cpu, this.#root, access);
    this.#compare("access", access, result, expected);
    if (expected.ok) {
      this.reached++;
      this.#compareEntries(access);
    } else {
      this.faults++;
      this.#settle();
    }
  }

  /** The walk that is shown ends as an access would if nothing were cached. */
  walk(): void {
    const { va, operation, cpl, ac } = this.#nextAccess();
    const { result, steps } = this.#mmu.walk(va, operation, { cpl, ac });
    const access = { va, operation, cpl, ac, size: 1 };
    this.#compare("walk", access, result, accessOf(new Map(this.#twin), this.#cpu, this.#root, access));
    const read = steps.map(({ entryAddress }) => this.#twin.get(entryAddress) ?? 0n);
    const shown = steps.map(({ entry }) => entry);
    this.#compare("steps", access, shown, read);
    this.#compareEntries(access);
  }

  /** Anything but an access. */
  disturb(): void {
    const { random } = this;
    const steps = [
      () => this.#poke(),
      () => this.#widen(),
      () => this.#enter(),
      () => this.#keys(),
      () => this.#bits(),
    ];
    random.pick(steps)();
  }

  /** Often a page that was used lately, so that something is cached; any kind of access. */
  #nextAccess(): Access {
    const access = this.random.access(this.#cpu.la57);
    if (this.#recent.length > 0 && this.random.often(0.6)) access.va = this.random.pick(this.#recent);
    else this.#recent.push(access.va);
    if (this.#recent.length > 8) this.#recent.shift();
    return access;
  }

  #compare(what: string, access: Access, came: unknown, expected: unknown): void {
    const text = written(came);
    if (text === written(expected)) return;
    this.problems.push(`${what} ${this.#describe(access)}: ${text} is not ${written(expected)}`);
  }
  #describe(access: Access): string {
    return written({ ...this.#cpu, ...access, cr3: this.#root });
  }

  #poke(): void {
    this.#write(this.random.place(), this.random.entry());
    this.#flush();
  }
  /** More rights, or an entry that becomes present: nothing needs to be invalidated. */
  #widen(): void {
    const place = this.random.place();
    const before = this.#twin.get(place) ?? 0n;
    this.#write(place, before & 1n ? (before | 2n) & ~(1n << 63n) : this.random.entry() | 1n);
  }
  #write(place: bigint, value: bigint): void {
    this.#twin.set(place, value);
    this.#memory.write64(place, value);
  }
  /** Each of the ways in which software may make a processor forget everything. */
  #flush(): void {
    const ways = [() => this.#mmu.invpcid(2), () => this.#togglePge()];
    if (!this.#pge)
      ways.push(
        () => this.#mmu.invpcid(3),
        () => this.#flushEachPcid(),
      );
    this.random.pick(ways)();
  }
  #togglePge(): void {
    this.#pge = !this.#pge;
    this.#mmu.setControl({ pge: this.#pge });
  }
  #flushEachPcid(): void {
    for (const root of this.#roots) {
      if (this.random.often(0.5)) this.#mmu.writeCr3(root);
      else this.#mmu.invpcid(1, { pcid: root & 0xfffn });
    }
    this.#mmu.writeCr3(this.#root | keepTranslations);
  }
  /** Global pages are the same in all address spaces only if the tables are: software flushes before it switches. */
  #enter(): void {
    if (this.#pge) this.#mmu.invpcid(2);
    this.#root = this.random.pick(this.#roots);
    this.#mmu.writeCr3(this.random.often(0.7) ? this.#root | keepTranslations : this.#root);
  }
  #keys(): void {
    Object.assign(this.#cpu, this.random.keys());
    const { pkru, pkrs } = this.#cpu;
    this.#mmu.setProtectionKeys({ pkru, pkrs });
  }
  #bits(): void {
    const name = this.random.pick(["wp", "smep", "smap", "pke", "pks", "nxe"] as const);
    this.#cpu[name] = !this.#cpu[name];
    this.#mmu.setControl({ [name]: this.#cpu[name] });
  }

  #compareEntries(access: Access): void {
    for (const [address, value] of this.#twin) {
      const came = this.#memory.read64(address);
      if (came !== value) this.#compare(`entry 0x${address.toString(16)} after`, access, came, value);
    }
  }
  /** What a refused access marks as accessed is the processor's choice: as the twin has it. */
  #settle(): void {
    for (const [address, value] of this.#twin) this.#memory.write64(address, value);
  }
}

const seeds = 40;
const accesses = 300;

describe.each(Object.entries(settings))("with %s", (name, caches) => {
  it(`${seeds * accesses} random accesses end as the twin's`, () => {
    const problems: string[] = [];
    let [reached, faults] = [0, 0];
    for (let seed = 0; seed < seeds; seed++) {
      const pair = new Pair(seed * 1000 + name.length, caches);
      for (let i = 0; i < accesses && pair.problems.length === 0; i++) {
        pair.access();
        if (pair.random.often(0.2)) pair.disturb();
        if (pair.random.often(0.1)) pair.walk();
      }
      problems.push(...pair.problems);
      reached += pair.reached;
      faults += pair.faults;
    }
    expect(problems.slice(0, 5)).toEqual([]);
    // The tables are such that both happen often: a test of refusals alone would say little.
    expect(Math.min(reached, faults) / (seeds * accesses)).toBeGreaterThan(0.2);
  });
});
