// SPDX-License-Identifier: MIT
// The bits of a paging-structure entry by name.

/** What an entry's bits say. */
export interface EntryFlags {
  present: boolean;
  writable: boolean;
  user: boolean;
  writeThrough: boolean;
  cacheDisable: boolean;
  accessed: boolean;
  /** PS: a PDE or PDPTE that maps a page. */
  pageSize: boolean;
  noExecute: boolean;
  /** Only where the entry maps a page. */
  dirty?: boolean;
  global?: boolean;
  pat?: boolean;
  protectionKey?: number;
}

/** The flags of an entry at a level (1 is the PT). */
export function decodeEntry(entry: bigint, level: number): EntryFlags {
  const bit = (position: number): boolean => ((entry >> BigInt(position)) & 1n) === 1n;
  const pageSize = level > 1 && bit(7);
  const flags: EntryFlags = {
    present: bit(0),
    writable: bit(1),
    user: bit(2),
    writeThrough: bit(3),
    cacheDisable: bit(4),
    accessed: bit(5),
    pageSize,
    noExecute: bit(63),
  };
  if (level > 1 && !pageSize) return flags;
  const protectionKey = Number((entry >> 59n) & 15n);
  return { ...flags, dirty: bit(6), global: bit(8), pat: bit(level === 1 ? 7 : 12), protectionKey };
}
