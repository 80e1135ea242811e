// SPDX-License-Identifier: MIT
// Outcomes, changed entries and references of nested walks equal those of a naive one, on random tables of guests
// under random tables of hosts, with pages of every size in both, while entries change and virtual machines switch.
import { describe, expect, it } from "vitest";
import { NestedMmu, type NestedMmuOptions, PhysicalMemory } from "../../lib/index.js";
import { type Host, NestedWalk } from "../reference/nested-walk.js";
import type { Access, Cpu, Memory } from "../reference/x86-walk.js";
import { RandomTables } from "../support/random-tables.js";

type Caches = Pick<NestedMmuOptions, "tlb" | "psc" | "tlbPolicy" | "nestedTlb">;
const settings: Record<string, Caches> = {
  "nothing cached": { tlb: "none", psc: "none", nestedTlb: 0 },
  "combined pointers alone": { tlb: "none", psc: { pml4e: 1, pdpte: 2, pde: 3 }, nestedTlb: 0 },
  "guest-physical translations alone": { tlb: "none", psc: "none", nestedTlb: "4x2" },
  "tiny TLBs": { tlb: { l1i: 1, l1d: 2, "l1d.2MiB": 1, "l1d.1GiB": 1, l2: "4x2" }, psc: { pde: 1 }, nestedTlb: 2 },
  "a processor": { tlb: "intel-skylake-sp" },
};

const gib = 1n << 30n;
/** With the keys of objects in order. */
const written = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === "bigint") return `0x${part.toString(16)}`;
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

interface Machine {
  vmid: number;
  host: Host;
  eptp: bigint;
  cr3: bigint;
  /** Where entries of the host's and of the guest's tables stand, by host-physical address. */
  hostPlaces: bigint[];
  guestPlaces: bigint[];
}

class Pair {
  readonly random: RandomTables;
  readonly #memory = new PhysicalMemory({ size: "16GiB" });
  readonly #twin: Memory = new Map();
  readonly #cpu: Cpu;
  readonly #mmu: NestedMmu;
  readonly #machines: Machine[];
  #machine: Machine;
  readonly #isPlain: boolean;
  readonly #recent: bigint[] = [];
  readonly problems: string[] = [];
  readonly ends = { reached: 0, faults: 0, violations: 0, misconfigurations: 0 };
  readonly sizes = new Set<number>();

  constructor(seed: number, caches: Caches) {
    this.random = new RandomTables(seed);
    this.#cpu = { ...this.random.cpu(), pke: false, pks: false, nxe: true };
    this.#isPlain = caches.tlb === "none" && caches.psc === "none" && caches.nestedTlb === 0;
    const executeOnly = this.random.often(0.7);
    this.#machines = [1, 2].map((vmid) => this.#machineOf(vmid, executeOnly));
    this.#machine = this.#machines[0]!;
    for (const [address, value] of this.#twin) this.#memory.write64(address, value);
    const { pages1GiB, maxPhysAddr, pkru, pkrs, ...control } = this.#cpu;
    const processor = { pages1GiB, maxPhysAddr, executeOnly };
    const { eptp, vmid } = this.#machine;
    const options = { memory: this.#memory, processor, control: { ...control, pcide: true }, eptp, vmid };
    this.#mmu = new NestedMmu({ ...options, ...caches });
    this.#mmu.setProtectionKeys({ pkru, pkrs });
    this.#mmu.writeCr3(this.#machine.cr3);
  }

  /** Guest tables in guest frames 0 to 23, wherever the host puts those; pages of up to 1 GiB beyond. */
  #machineOf(vmid: number, executeOnly: boolean): Machine {
    const { random } = this;
    const levels = random.pick([4, 5]);
    const accessedDirty = random.often(0.5);
    const at = (frame: number): bigint => 0x20_0000n * BigInt(vmid) + BigInt(frame) * 4096n;
    const hostPlaces: bigint[] = [];
    const put = (place: bigint, value: bigint): void => {
      hostPlaces.push(place);
      this.#twin.set(place, value);
    };
    for (let level = levels; level > 3; level--) put(at(level), at(level - 1) | 7n);
    const pages1GiB = this.#cpu.pages1GiB;
    const smallest = random.pick(pages1GiB ? [1, 2, 3] : [1, 2]);
    const base = BigInt(4 * vmid) * gib;
    const leaf = (): bigint => this.#leafFlags();
    for (let i = 1n; i < 4n; i++) {
      if (pages1GiB && random.often(0.6)) put(at(3) + 8n * i, (base + i * gib) | 0x80n | leaf());
      else {
        put(at(3) + 8n * i, at(6 + Number(i)) | 7n);
        for (const slot of [0n, 1n, 255n, 511n])
          put(at(6 + Number(i)) + 8n * slot, (base + i * gib + slot * 0x20_0000n) | 0x80n | leaf());
      }
    }
    let where = (frame: bigint): bigint => base + frame * 4096n;
    if (smallest === 3) put(at(3), base | 0x80n | 0x37n);
    else {
      put(at(3), at(2) | 7n);
      if (smallest === 2) put(at(2), base | 0x80n | 0x37n);
      else {
        put(at(2), at(1) | 7n);
        where = (frame) => base + ((frame * 7n) % 32n) * 4096n;
        for (let frame = 0n; frame < 32n; frame++)
          put(at(1) + 8n * frame, where(frame) | (random.often(0.9) ? 0x37n : leaf()));
      }
    }
    const guestPlaces: bigint[] = [];
    for (const [address, value] of random.tables()) {
      guestPlaces.push(where(address >> 12n) | (address & 4095n));
      this.#twin.set(guestPlaces.at(-1)!, value);
    }
    const host = { root: at(levels), levels, accessedDirty, executeOnly };
    const eptp = host.root | 6n | (BigInt(levels - 1) << 3n) | (accessedDirty ? 0x40n : 0n);
    return { vmid, host, eptp, cr3: random.frame() | BigInt(vmid), hostPlaces, guestPlaces };
  }
  /** Rights, memory type, A and D of a leaf: mostly as they should be. */
  #leafFlags(): bigint {
    const { random } = this;
    const rights = random.often(0.75) ? 7 : random.pick([0, 1, 3, 4, 5, 5, 2, 6]);
    const type = random.often(0.96) ? 6 : random.below(8);
    return BigInt(rights | (type << 3) | (random.below(4) << 8));
  }

  access(): void {
    const access = this.#nextAccess();
    const { va, operation, ...options } = access;
    const before = this.#mmu.stats().walks;
    const result = this.#mmu.access(va, operation, options);
    const after = this.#mmu.stats().walks;
    const walk = new NestedWalk(this.#twin, this.#cpu, this.#machine.host, this.#machine.cr3);
    const expected = walk.access(access);
    this.#compare("access", access, result, expected);
    if (!expected.ok) {
      if ("violation" in expected) this.ends.violations++;
      else if ("misconfiguration" in expected) this.ends.misconfigurations++;
      else this.ends.faults++;
      return this.#settle();
    }
    this.ends.reached++;
    this.sizes.add(expected.pageSize);
    const came = [after.guestReferences - before.guestReferences, after.hostReferences - before.hostReferences];
    const references = [walk.guestReferences, walk.hostReferences];
    if (this.#isPlain) this.#compare("references", access, came, references);
    for (const [address, value] of this.#twin) {
      const entry = this.#memory.read64(address);
      if (this.#isPlain) this.#compare(`entry 0x${address.toString(16)} after`, access, entry, value);
    }
    if (!this.#isPlain) this.#settle();
  }

  disturb(): void {
    const steps = [() => this.#changeHost(), () => this.#changeGuest(), () => this.#enter(), () => this.#forget()];
    this.random.pick(steps)();
  }

  #nextAccess(): Access {
    const access = this.random.access(this.#cpu.la57);
    if (this.#recent.length > 0 && this.random.often(0.6)) access.va = this.random.pick(this.#recent);
    else this.#recent.push(access.va);
    if (this.#recent.length > 8) this.#recent.shift();
    return access;
  }
  #compare(what: string, access: Access, came: unknown, expected: unknown): void {
    const [text, wanted] = [written(came), written(expected)];
    if (text === wanted) return;
    this.problems.push(
      `${what} ${written({ ...this.#cpu, ...access, ...this.#machine.host })}: ${text} is not ${wanted}`,
    );
  }

  #write(place: bigint, value: bigint): void {
    this.#twin.set(place, value);
    this.#memory.write64(place, value);
  }
  #changeHost(): void {
    const machine = this.random.pick(this.#machines);
    const place = this.random.pick(machine.hostPlaces);
    const before = this.#twin.get(place)!;
    if (this.random.often(0.5)) this.#write(place, before ^ BigInt(1 << this.random.below(3)));
    else this.#write(place, (before & ~0x7n) | 7n);
    if (this.random.often(0.5)) this.#mmu.invept(2);
    else this.#mmu.invept(1, { eptp: machine.eptp });
  }
  #changeGuest(): void {
    const machine = this.random.pick(this.#machines);
    this.#write(this.random.pick(machine.guestPlaces), this.random.entry());
    if (machine === this.#machine && this.random.often(0.4)) this.#mmu.invpcid(this.random.pick([2, 3]));
    else if (machine === this.#machine && this.random.often(0.3)) this.#mmu.writeCr3(machine.cr3);
    else this.#mmu.invvpid(this.random.pick([1, 2, 3]), { vmid: machine.vmid });
  }
  #enter(): void {
    this.#machine = this.random.pick(this.#machines);
    const { eptp, vmid } = this.#machine;
    this.#mmu.enter({ eptp, vmid });
    this.#mmu.writeCr3(this.#machine.cr3 | (1n << 63n));
  }
  #forget(): void {
    this.#mmu.invvpid(0, {
      vmid: this.#machine.vmid,
      va: BigInt.asUintN(64, BigInt.asIntN(48, this.#recent[0] ?? 0n)),
    });
  }
  /** What a refused access, or one that was served from a cache, marks as accessed: as the twin has it. */
  #settle(): void {
    for (const [address, value] of this.#twin) this.#memory.write64(address, value);
  }
}

const seeds = 40;
const accesses = 250;

describe.each(Object.entries(settings))("with %s", (name, caches) => {
  it(`${seeds * accesses} random accesses of guests end as the twin's`, () => {
    const problems: string[] = [];
    const ends = { reached: 0, faults: 0, violations: 0, misconfigurations: 0 };
    const sizes = new Set<number>();
    for (let seed = 0; seed < seeds; seed++) {
      const pair = new Pair(seed * 1000 + name.length, caches);
      for (let i = 0; i < accesses && pair.problems.length === 0; i++) {
        pair.access();
        if (pair.random.often(0.1)) pair.disturb();
      }
      problems.push(...pair.problems);
      for (const end of Object.keys(ends) as (keyof typeof ends)[]) ends[end] += pair.ends[end];
      for (const size of pair.sizes) sizes.add(size);
    }
    expect(problems.slice(0, 3)).toEqual([]);
    expect(Math.min(ends.reached, ends.faults, ends.violations)).toBeGreaterThan(500);
    expect(ends.misconfigurations).toBeGreaterThan(20);
    expect([...sizes].sort((a, b) => a - b)).toEqual([4096, 2 ** 21, 2 ** 30]);
  });
});
