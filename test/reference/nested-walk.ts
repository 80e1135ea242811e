// SPDX-License-Identifier: MIT
// Nested paging as the manual tells it, with nothing cached: every address that a guest's walk makes goes through the
// host's tables first.
import { type Access, breaksARule, type Cpu, type Entry, faultOf, isCanonical, isLeaf, pageBits } from "./x86-walk.js";
import type { Memory, Outcome } from "./x86-walk.js";

export interface Host {
  root: bigint;
  levels: number;
  accessedDirty: boolean;
  executeOnly: boolean;
}

interface Exit {
  access: string;
  during: "walk" | "access";
  guestPhysical: bigint;
  guestLinear: bigint;
  level: number;
  entryAddress: bigint;
  entry: bigint;
  rights?: { read: boolean; write: boolean; execute: boolean };
  qualification?: number;
}
export type NestedOutcome = Outcome | { ok: false; violation: Exit } | { ok: false; misconfiguration: Exit };

const [R, W, X] = [1n, 2n, 4n];
const field = 0x000f_ffff_ffff_f000n;

export class NestedWalk {
  guestReferences = 0;
  hostReferences = 0;

  constructor(
    readonly memory: Memory,
    readonly cpu: Cpu,
    readonly host: Host,
    readonly cr3: bigint,
  ) {}

  /** One access; what it changes of A and D stands in memory afterwards. */
  access(access: Access): NestedOutcome {
    const last = BigInt.asUintN(64, access.va + BigInt(access.size - 1));
    if (!isCanonical(access.va, this.cpu) || !isCanonical(last, this.cpu))
      return { ok: false, vector: 13, errorCode: 0 };
    const first = this.#translate(access, access.va);
    if ("ok" in first) return first;
    const page = BigInt(first.pageSize);
    if (access.va / page === last / page) return { ok: true, ...first };
    const second = this.#translate(access, last & ~4095n);
    if ("ok" in second) return second;
    return { ok: true, ...first, pa2: second.pa, pageSize2: second.pageSize };
  }

  #translate(access: Access, va: bigint): { pa: bigint; pageSize: number } | Exclude<NestedOutcome, { ok: true }> {
    const path: Entry[] = [];
    let table = this.cr3 & field;
    for (let level = this.cpu.la57 ? 5 : 4; ; level--) {
      const guest = table + 8n * ((va >> pageBits(level)) & 511n);
      const place = this.#through(guest, this.host.accessedDirty ? R | W : R, "walk", va);
      if ("ok" in place) return place;
      this.guestReferences++;
      const entry: Entry = { level, address: place.pa, value: this.memory.get(place.pa) ?? 0n };
      path.push(entry);
      const ends = (entry.value & 1n) === 0n || breaksARule(entry, this.cpu) || isLeaf(entry);
      if (ends) {
        const errorCode = faultOf(path, this.cpu, access);
        if (errorCode !== undefined) return { ok: false, vector: 14, errorCode, cr2: va };
      }
      const marks = ends && access.operation === "write" ? 0x60n : 0x20n;
      if ((entry.value & marks) !== marks) {
        const before = this.hostReferences;
        const marked = this.#through(guest, W, "walk", va);
        if ("ok" in marked) return marked;
        this.hostReferences = before; // the entry's address is known already
        this.memory.set(place.pa, entry.value | marks);
      }
      table = entry.value & field;
      if (ends) return this.#finish(entry, access, va);
    }
  }

  #finish(leaf: Entry, access: Access, va: bigint) {
    const offset = (1n << pageBits(leaf.level)) - 1n;
    const guest = (leaf.value & field & ~offset) | (va & offset);
    const needed = { read: R, write: W, fetch: X }[access.operation];
    const place = this.#through(guest, needed, "access", va);
    if ("ok" in place) return place;
    return { pa: place.pa, pageSize: Math.min(place.pageSize, Number(offset) + 1) };
  }

  /** The host-physical address; sets the host's A and D. */
  #through(guest: bigint, needed: bigint, during: "walk" | "access", guestLinear: bigint) {
    const { host, memory } = this;
    let rights = R | W | X;
    let table = host.root;
    const path: bigint[] = [];
    const exit = (level: number, misconfigured: boolean) => {
      const entryAddress = path.at(-1) ?? 0n;
      const details: Exit = {
        access: needed === X ? "fetch" : (needed & W) !== 0n ? "write" : "read",
        during,
        guestPhysical: guest,
        guestLinear,
        level,
        entryAddress,
        entry: memory.get(entryAddress) ?? 0n,
      };
      if (misconfigured) return { ok: false as const, misconfiguration: details };
      const qualification = Number(needed + rights * 8n) + 128 + (during === "access" ? 256 : 0);
      const [read, write, execute] = [R, W, X].map((right) => (rights & right) !== 0n) as [boolean, boolean, boolean];
      return { ok: false as const, violation: { ...details, rights: { read, write, execute }, qualification } };
    };
    if (guest >> pageBits(host.levels + 1) !== 0n) {
      rights = 0n;
      return exit(host.levels, false);
    }
    for (let level = host.levels; ; level--) {
      path.push(table + 8n * ((guest >> pageBits(level)) & 511n));
      this.hostReferences++;
      const entry = memory.get(path.at(-1)!) ?? 0n;
      rights &= entry;
      if ((entry & 7n) === 0n) return exit(level, false);
      if (this.#isMisconfigured(entry, level)) return exit(level, true);
      table = entry & field;
      if (level > 1 && (entry & 0x80n) === 0n) continue;
      if ((rights & needed) !== needed) return exit(level, false);
      if (host.accessedDirty) {
        for (const place of path) memory.set(place, memory.get(place)! | 0x100n);
        if ((needed & W) !== 0n) memory.set(path.at(-1)!, memory.get(path.at(-1)!)! | 0x200n);
      }
      const offset = (1n << pageBits(level)) - 1n;
      return { pa: (table & ~offset) | (guest & offset), pageSize: Number(offset) + 1 };
    }
  }

  #isMisconfigured(entry: bigint, level: number): boolean {
    if ((entry & 3n) === 2n || ((entry & 1n) === 0n && !this.host.executeOnly)) return true;
    if ((entry & field) >> BigInt(this.cpu.maxPhysAddr) !== 0n) return true;
    if (level >= 4) return (entry & 0xf8n) !== 0n;
    if (level === 3 && !this.cpu.pages1GiB && (entry & 0x80n) !== 0n) return true;
    const isPage = level === 1 || (entry & 0x80n) !== 0n;
    if (!isPage) return (entry & 0x78n) !== 0n;
    const offset = (1n << pageBits(level)) - 1n;
    return [2n, 3n, 7n].includes((entry >> 3n) & 7n) || (entry & offset & field) !== 0n;
  }
}
