// SPDX-License-Identifier: MIT
// 64-bit paging as the manual tells it, for one access at a time and with nothing cached: the whole path is read
// first, then every rule looks at the whole path.

export interface Cpu {
  wp: boolean;
  nxe: boolean;
  smep: boolean;
  smap: boolean;
  pke: boolean;
  pks: boolean;
  la57: boolean;
  pages1GiB: boolean;
  maxPhysAddr: number;
  pkru: bigint;
  pkrs: bigint;
}

export interface Access {
  va: bigint;
  operation: "read" | "write" | "fetch";
  size: number;
  cpl: number;
  ac: boolean;
}

/** Entries that are not zero, by physical address. */
export type Memory = Map<bigint, bigint>;

export type Outcome =
  | { ok: true; pa: bigint; pageSize: number; pa2?: bigint; pageSize2?: number }
  | { ok: false; vector: number; errorCode: number; cr2?: bigint };

export interface Entry {
  level: number;
  address: bigint;
  value: bigint;
}

interface Translation {
  pa: bigint;
  pageSize: number;
}

const P = 1n;
const RW = 2n;
const US = 4n;
const A = 0x20n;
const D = 0x40n;
const PS = 0x80n;
const NX = 1n << 63n;
const addressField = 0x000f_ffff_ffff_f000n;

export const pageBits = (level: number): bigint => 12n + 9n * BigInt(level - 1);
export const isLeaf = ({ level, value }: Entry): boolean => level === 1 || (value & PS) !== 0n;

export const isCanonical = (va: bigint, cpu: Cpu): boolean =>
  BigInt.asUintN(64, BigInt.asIntN(cpu.la57 ? 57 : 48, va)) === va;

function readPath(memory: Memory, cpu: Cpu, cr3: bigint, va: bigint): Entry[] {
  const path: Entry[] = [];
  let table = cr3 & addressField;
  for (let level = cpu.la57 ? 5 : 4; level >= 1; level--) {
    const address = table + 8n * ((va >> pageBits(level)) & 511n);
    const entry = { level, address, value: memory.get(address) ?? 0n };
    path.push(entry);
    if ((entry.value & P) === 0n || breaksARule(entry, cpu) || isLeaf(entry)) return path;
    table = entry.value & addressField;
  }
  return path;
}

export function breaksARule(entry: Entry, cpu: Cpu): boolean {
  const { level, value } = entry;
  if (((value & addressField) >> BigInt(cpu.maxPhysAddr)) << BigInt(cpu.maxPhysAddr) !== 0n) return true;
  if (!cpu.nxe && (value & NX) !== 0n) return true;
  if (level === 1 || (value & PS) === 0n) return false;
  if (level > 3 || (level === 3 && !cpu.pages1GiB)) return true;
  const offset = (1n << pageBits(level)) - 1n;
  return (value & offset & addressField & ~0x1000n) !== 0n;
}

/** Which keys forbid the access; fetches have none. */
function keyForbids(path: Entry[], cpu: Cpu, access: Access): boolean {
  if (access.operation === "fetch") return false;
  const userPage = path.every(({ value }) => (value & US) !== 0n);
  if (!(userPage ? cpu.pke : cpu.pks)) return false;
  const key = (path[path.length - 1]!.value >> 59n) & 15n;
  const [accessDisable, writeDisable] = [2n * key, 2n * key + 1n].map(
    (bit) => (((userPage ? cpu.pkru : cpu.pkrs) >> bit) & 1n) === 1n,
  );
  return accessDisable! || (writeDisable! && access.operation === "write" && (access.cpl === 3 || cpu.wp));
}

function rightsForbid(path: Entry[], cpu: Cpu, { operation, cpl, ac }: Access): boolean {
  const userPage = path.every(({ value }) => (value & US) !== 0n);
  const writable = path.every(({ value }) => (value & RW) !== 0n);
  if (operation === "fetch" && path.some(({ value }) => (value & NX) !== 0n)) return true;
  if (cpl === 3) return !userPage || (operation === "write" && !writable);
  if (operation === "fetch") return userPage && cpu.smep;
  if (userPage && cpu.smap && !ac) return true;
  return operation === "write" && !writable && cpu.wp;
}

/** The error code of the page fault that the access takes on this path; undefined if it takes none. */
export function faultOf(path: Entry[], cpu: Cpu, access: Access): number | undefined {
  const last = path[path.length - 1]!;
  const of =
    (access.operation === "write" ? 2 : 0) +
    (access.cpl === 3 ? 4 : 0) +
    (access.operation === "fetch" && (cpu.nxe || cpu.smep) ? 16 : 0);
  if ((last.value & P) === 0n) return of;
  if (breaksARule(last, cpu)) return of + 1 + 8;
  const key = keyForbids(path, cpu, access);
  if (key || rightsForbid(path, cpu, access)) return of + 1 + (key ? 32 : 0);
  return undefined;
}

function translate(memory: Memory, cpu: Cpu, cr3: bigint, access: Access, va: bigint): Translation | Outcome {
  const path = readPath(memory, cpu, cr3, va);
  const errorCode = faultOf(path, cpu, access);
  if (errorCode !== undefined) return { ok: false, vector: 14, errorCode, cr2: va };
  const leaf = path[path.length - 1]!;
  for (const { address } of path) memory.set(address, memory.get(address)! | A);
  if (access.operation === "write") memory.set(leaf.address, memory.get(leaf.address)! | D);
  const offset = (1n << pageBits(leaf.level)) - 1n;
  return { pa: (leaf.value & addressField & ~offset) | (va & offset), pageSize: Number(offset) + 1 };
}

/** One access. What it changes of A and D stands in `memory` afterwards; a half that faults changes nothing. */
export function accessOf(memory: Memory, cpu: Cpu, cr3: bigint, access: Access): Outcome {
  const last = BigInt.asUintN(64, access.va + BigInt(access.size - 1));
  if (!isCanonical(access.va, cpu) || !isCanonical(last, cpu)) return { ok: false, vector: 13, errorCode: 0 };
  const first = translate(memory, cpu, cr3, access, access.va);
  if ("ok" in first) return first;
  const page = BigInt(first.pageSize);
  if (access.va / page === last / page) return { ok: true, ...first };
  const second = translate(memory, cpu, cr3, access, last & ~4095n);
  if ("ok" in second) return second;
  return { ok: true, ...first, pa2: second.pa, pageSize2: second.pageSize };
}
