// SPDX-License-Identifier: MIT
// The types of what crosses to the addon for systems of processes, and the orders of its closed sets.
import type { AccessKind } from "./native-config.js";
import type { NativeBootStep, NativeHealthCheck, NativeStats } from "./native.js";

/** What processes add to a machine's configuration, resolved. Latencies and costs are nanoseconds of simulated time. */
export interface NativeSystemConfig {
  contents: boolean;
  zeroPage: boolean;
  swap: { slots: number; readLatency: number; writeLatency: number }[];
  overcommit: { mode: "heuristic" | "always" | "never"; ratio: number; adminReserve: number; userReserve: number };
  maxMapCount: number;
  onViolation: "end-process" | "record";
  violationsKept: number;
  faultCost: { minor: number; major: number; zero: number; copy: number };
  fileReadLatency: number;
  protectionKeys: boolean;
}

/** Why an access faulted. */
export type FaultReason =
  | "demand-zero"
  | "file-read"
  | "copy-on-write"
  | "swap-in"
  | "swap-cache-hit"
  | "stack-growth"
  | "spurious"
  | "guard-page"
  | "kernel-access"
  | "write-to-read-only"
  | "execute-of-no-execute"
  | "protection-key"
  | "reserved-bit"
  | "bad-address"
  | "beyond-object"
  | "out-of-memory"
  | "refused-by-hook"
  | "user-fault";

/** Reasons in the order of mm::FaultReason. */
export const faultReasons = [
  "demand-zero",
  "file-read",
  "copy-on-write",
  "swap-in",
  "swap-cache-hit",
  "stack-growth",
  "spurious",
  "guard-page",
  "kernel-access",
  "write-to-read-only",
  "execute-of-no-execute",
  "protection-key",
  "reserved-bit",
  "bad-address",
  "beyond-object",
  "out-of-memory",
  "refused-by-hook",
  "user-fault",
] as const satisfies FaultReason[];

/** How an access ended: os::AccessEnd of the native side, in its order. */
export const AccessEnd = {
  Done: 0,
  Signaled: 1,
  OutOfMemory: 2,
  NotRunning: 3,
  Halted: 4,
  HookFailed: 5,
  Failed: 6,
  Refused: 7,
  Pending: 8,
  Blocked: 9,
  Unhealthy: 10,
} as const;

/** Numbers of calls on x86-64 Linux: os::call of the native side. */
export const systemCalls = {
  close: 3,
  mmap: 9,
  mprotect: 10,
  munmap: 11,
  brk: 12,
  mremap: 25,
  msync: 26,
  madvise: 28,
  shmget: 29,
  shmat: 30,
  shmctl: 31,
  fork: 57,
  vfork: 58,
  execve: 59,
  exit: 60,
  shmdt: 67,
  ftruncate: 77,
  munlock: 150,
  mlockall: 151,
  munlockall: 152,
  mlock2: 325,
  pkey_mprotect: 329,
} as const;

/** Faults, by how they ended and by reason; `time` is nanoseconds of simulated time. */
export interface FaultCounts {
  total: number;
  minor: number;
  major: number;
  refused: number;
  time: number;
  byReason: Record<FaultReason, number>;
}

/** Pages of a process; `vmas` is a number of VMAs. */
export interface ProcessPages {
  virtual: number;
  data: number;
  code: number;
  stack: number;
  locked: number;
  anonymous: number;
  file: number;
  shared: number;
  swapped: number;
  tables: number;
  vmas: number;
}

export interface NativeProcess {
  state: "running" | "suspended" | "blocked" | "ended";
  parent: number;
  endSignal: number;
  exitStatus: number;
  oomScoreAdjustment: number;
  pkru: number;
  faults: FaultCounts;
  /** This and the limits are absent once it has ended. */
  memory?: ProcessPages;
  limits?: NativeLimits;
}

export interface NativeVma {
  start: bigint;
  end: bigint;
  rights: string;
  offset: bigint;
  name: string;
  growsDown: boolean;
  locked: boolean;
  protectionKey: number;
}

export interface NativeViolation {
  pid: number;
  address: bigint;
  instructionPointer: bigint;
  kind: AccessKind;
  errorCode: number;
  reason: FaultReason;
  signal: number;
  siCode: number;
  time: number;
}

/** What a page fault will turn out to be, before the chain decides. */
export interface NativePageFault {
  pid: number;
  address: bigint;
  errorCode: number;
  instructionPointer: bigint;
  kind: AccessKind;
  type: "minor" | "major" | "protection";
  reason: FaultReason;
}

/** A fault of a range that JavaScript handles. */
export interface NativeRangeFault {
  range: number;
  pid: number;
  address: bigint;
  kind: "missing" | "write-protect" | "minor";
  write: boolean;
}

export type RangeCall = "register" | "unregister" | "copy" | "zero" | "continue" | "protect" | "wake" | "close";

export interface NativeTrapFrame {
  vector: number;
  errorCode: number;
  instructionPointer: bigint;
  /** Of a page fault. */
  address?: bigint;
}

/** Why a machine stopped. */
export interface TripleFault {
  /** In words. */
  report: string;
  /** The exceptions that led there, the first one first. */
  exceptions: NativeTrapFrame[];
}

/** Bytes; null: no limit. */
export interface NativeLimits {
  addressSpace: bigint | null;
  data: bigint | null;
  stack: bigint | null;
  locked: bigint | null;
  mayLockAny: boolean;
}

/** What a machine that runs processes counts besides. Times are nanoseconds of simulated time. */
export interface KernelStats {
  time: number;
  zeroedPages: number;
  fileReads: number;
  writebacks: number;
  violations: number;
  switches: number;
  faults: FaultCounts;
  copyOnWrite: { copied: number; reused: number };
  swap: { slots: number; used: number; out: number; in: number; cacheHits: number; writeTime: number };
  outOfMemory: { hookHelped: number; killed: number; failed: number };
}

/** How many there are of what health is about. */
export interface NativeSystemCounts {
  frames: number;
  freeFrames: number;
  tableFrames: number;
  residentPages: number;
  swapSlots: number;
  usedSwapSlots: number;
  committedPages: number;
  addressSpaces: number;
  objects: number;
  processes: number;
}

export interface NativeAttributes {
  limits?: { addressSpace: bigint; data: bigint; stack: bigint; locked: bigint; mayLockAny: boolean };
  oomScoreAdjustment?: number;
  pkru?: number;
}

export interface NativeSystem {
  createProcess(): number;
  call(pid: number, call: number): number;
  access(pid: number): number;
  accessMany(pid: number, addresses: BigUint64Array | Float64Array, kinds: Uint8Array | undefined): number;
  totals(): { accesses: number; misses: number; walks: number; faults: number };
  read(pid: number, address: bigint, length: number): Uint8Array;
  write(pid: number, address: bigint, bytes: Uint8Array): number;
  mincore(pid: number, address: bigint, length: bigint): Uint8Array | number;
  allocateRegion(pid: number, size: bigint, rights: bigint): number;
  freeRegion(pid: number, address: bigint, size: bigint): number;
  open(pid: number, how: "open" | "shm_open" | "memfd_create", name: string, flags: bigint): number;
  shmUnlink(name: string): number;
  createFile(path: string, size: bigint): number;
  writeFile(path: string, offset: number, bytes: Uint8Array): number;
  readFile(path: string, offset: number, length: number): Uint8Array | number;
  readRemote(pid: number, address: bigint, length: number): Uint8Array | number;
  writeRemote(pid: number, address: bigint, bytes: Uint8Array): number;
  setAttributes(pid: number, attributes: NativeAttributes): void;
  setSignalHandler(pid: number, signal: number, handled: boolean): void;
  setFaultHandler(asked: boolean): void;
  setExceptionHandler(vector: number, handler: "built-in" | "ask" | "none"): void;
  setHooks(points: number): void;
  openRange(pid: number, busErrors: boolean, protectUnpopulated: boolean): number;
  rangeCall(range: number, call: RangeCall, bytes: Uint8Array | undefined): number;
  vmas(pid: number): NativeVma[];
  proportionalPages(pid: number): number;
  process(pid: number): NativeProcess;
  processes(): number[];
  reap(pid: number): boolean;
  violations(): NativeViolation[];
  lastViolation(): NativeViolation | null;
  tripleFault(): TripleFault | null;
  stats(): NativeStats & { kernel: KernelStats };
  health(): { checks: NativeHealthCheck[]; counts: NativeSystemCounts };
  bootLog(): NativeBootStep[];
  unhealthy(): string;
  close(): void;
}
