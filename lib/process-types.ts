// SPDX-License-Identifier: MIT
// What calls of processes take and answer.
import type { Address } from "./addresses.js";
import type { FaultCounts, NativeProcess, ProcessPages } from "./native-system.js";
import type { Flags, MapFlag, Protection, RemapFlag } from "./process-names.js";

/** What mmap is asked for. */
export interface MmapOptions {
  /** Bytes, or a size such as `"64KiB"`. */
  length: Address;
  /** Where, or a hint where. Default: anywhere. */
  address?: Address;
  /** Default `"read|write"`. */
  protection?: Flags<Protection>;
  /**
   * Default `"private|anonymous"`, or `"private"` with a file. Names without shared or private mean private, and
   * anonymous where there is no file; a number is taken as it is.
   */
  flags?: Flags<MapFlag>;
  /** A descriptor of the process. */
  file?: number;
  /** Bytes from the beginning of the file. Default 0. */
  offset?: Address;
}

/** How mremap may do it. */
export interface MremapOptions {
  /** Default `"maymove"`. */
  flags?: Flags<RemapFlag>;
  /** Where to, with `"fixed"` or `"dontunmap"`. */
  address?: Address;
}

/** A VMA, as a line of /proc/self/maps. */
export interface Vma {
  readonly start: bigint;
  readonly end: bigint;
  /** Such as `"rw-p"`; `s` for shared. */
  readonly rights: string;
  /** In the file, in bytes. */
  readonly offset: bigint;
  /** Of the file or shared memory; `""` for private anonymous memory. */
  readonly name: string;
  readonly growsDown: boolean;
  readonly locked: boolean;
  readonly protectionKey: number;
}

/** Pages of a process. */
export interface ProcessMemory extends ProcessPages {
  /** Resident pages: anonymous, of files and of shared memory. */
  rss: number;
}

/** What a process has counted. */
export interface ProcessStats {
  pid: number;
  state: ProcessState;
  faults: FaultCounts;
  /** All zero once it has ended. */
  memory: ProcessMemory;
}

/** How a process is: see `process.state`. */
export type ProcessState = "running" | "blocked" | "suspended" | "ended";

/** A mapping made by `allocateRegion`. */
export interface Region {
  readonly address: bigint;
  /** Bytes, as asked for. */
  readonly size: bigint;
}

/** Bytes of another process. */
export interface RemoteRange {
  address: Address;
  length: number;
}

/** What a process may have (getrlimit(2)), in bytes; null: no limit. */
export interface ProcessLimits {
  /** RLIMIT_AS. Default none. */
  addressSpace: bigint | null;
  /** RLIMIT_DATA. Default none. */
  data: bigint | null;
  /** RLIMIT_STACK. Default 8 MiB. */
  stack: bigint | null;
  /** RLIMIT_MEMLOCK. Default 8 MiB. */
  locked: bigint | null;
  /** CAP_IPC_LOCK: `locked` does not matter. Default false. */
  mayLockAny: boolean;
}

/** What a process begins with. */
export interface CreateProcessOptions {
  limits?: LimitChanges | undefined;
  /** From -1000 (never killed for memory) to 1000. Default 0. */
  oomScoreAdjustment?: number | undefined;
}

/** Limits to change: bytes or sizes such as `"64MiB"`. */
export type LimitChanges = { [Name in "addressSpace" | "data" | "stack" | "locked"]?: Address | null | undefined } & {
  mayLockAny?: boolean | undefined;
};

const noMemory: ProcessMemory = {
  virtual: 0,
  data: 0,
  code: 0,
  stack: 0,
  locked: 0,
  anonymous: 0,
  file: 0,
  shared: 0,
  swapped: 0,
  tables: 0,
  vmas: 0,
  rss: 0,
};

/** A snapshot of a process's counters. */
export function processStats(pid: number, { state, faults, memory }: NativeProcess): ProcessStats {
  const pages = memory ? { ...memory, rss: memory.anonymous + memory.file + memory.shared } : { ...noMemory };
  return { pid, state, faults, memory: pages };
}
