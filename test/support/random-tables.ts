// SPDX-License-Identifier: MIT
// Random page tables that lead into each other, cycles included, and random accesses that find their way through them.
import type { Access, Cpu, Memory } from "../reference/x86-walk.js";
import { chance } from "./streams.js";

const frames = 24;
// Few entries of each table are used, so that random addresses meet them: both halves of the address space.
const slots = [0n, 1n, 254n, 255n, 256n, 510n, 511n];

export class RandomTables {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = chance(seed);
  }

  below(count: number): number {
    return Math.floor(this.#next() * count);
  }
  often(share: number): boolean {
    return this.#next() < share;
  }
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
  frame(): bigint {
    return BigInt(this.below(frames)) * 4096n;
  }
  /** Where an entry of a table stands. */
  place(): bigint {
    return this.frame() + this.pick(slots) * 8n;
  }

  /** An entry that is mostly well-formed and mostly grants. */
  entry(): bigint {
    const flags: [number, number][] = [
      [0, 0.95],
      [1, 0.85],
      [2, 0.85],
      [3, 0.5],
      [4, 0.5],
      [5, 0.5],
      [6, 0.5],
      [7, 0.12],
      [8, 0.4],
      [63, 0.06],
    ];
    let entry = flags.reduce((bits, [bit, share]) => (this.often(share) ? bits | (1n << BigInt(bit)) : bits), 0n);
    entry |= BigInt(this.below(8)) << 9n;
    entry |= BigInt(this.below(2 ** 11)) << 52n;
    if (this.often(0.02)) entry |= 1n << BigInt(12 + this.below(40));
    const isLarge = (entry & 0x80n) !== 0n;
    if (!isLarge) return entry | this.frame();
    return entry | (BigInt(this.below(4)) << 30n) | (BigInt(this.below(2)) << 12n);
  }
  tables(): Memory {
    const memory: Memory = new Map();
    for (let frame = 0n; frame < BigInt(frames) * 4096n; frame += 4096n)
      for (const slot of slots) memory.set(frame + slot * 8n, this.entry());
    return memory;
  }

  cpu(): Cpu {
    const bit = (): boolean => this.often(0.5);
    return {
      wp: bit(),
      nxe: this.often(0.8),
      smep: bit(),
      smap: bit(),
      pke: bit(),
      pks: bit(),
      la57: bit(),
      pages1GiB: this.often(0.8),
      maxPhysAddr: this.pick([36, 40, 46, 52]),
      ...this.keys(),
    };
  }
  keys(): { pkru: bigint; pkrs: bigint } {
    const word = (): bigint => BigInt(this.below(2 ** 32) & this.below(2 ** 32) & this.below(2 ** 32)) & 0xffff_ffffn;
    return { pkru: word(), pkrs: word() };
  }

  access(la57: boolean): Access {
    let va = this.often(0.3) ? BigInt(this.pick([0xffd, 0xfff, 0xfc1])) : BigInt(this.below(4096));
    for (let level = la57 ? 5 : 4; level >= 1; level--) va |= this.pick(slots) << (12n + 9n * BigInt(level - 1));
    va = BigInt.asUintN(64, BigInt.asIntN(la57 ? 57 : 48, va));
    if (this.often(0.02)) va ^= 1n << BigInt(47 + this.below(17));
    return {
      va,
      operation: this.pick(["read", "write", "fetch"]),
      size: this.pick([1, 2, 4, 8, 16, 64]),
      cpl: this.pick([0, 3, 3, 1]),
      ac: this.often(0.5),
    };
  }
}
