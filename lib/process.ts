// SPDX-License-Identifier: MIT
// A process of a machine: memory calls with Linux's semantics, accesses, bytes, what its faults were.
import { type Address, addressArray, addressBits, byteBits } from "./addresses.js";
import { rangeError, typeError } from "./errors.js";
import { kindNumber } from "./mailbox.js";
import type { AccessKind } from "./native-config.js";
import type { FaultCounts, ProcessPages } from "./native-system.js";
import { show } from "./options/problems.js";
import {
  type Advice,
  advices,
  type Flags,
  flagBits,
  type MapFlag,
  mapFlags,
  type Protection,
  protectionBits,
  type RemapFlag,
  remapFlags,
  type SignalName,
  signalNames,
} from "./process-names.js";
import type { ProcessAccess, ProcessBatch, System } from "./system.js";

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

/** Suspended: until a child made with vfork execs or exits. */
export type ProcessState = "running" | "suspended" | "ended";

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

const noDescriptor = (1n << 64n) - 1n;
const mostBytes = 2 ** 30;

function mapBits(flags: Flags<MapFlag> | undefined, hasFile: boolean): bigint {
  const bits = flagBits(flags ?? 0n, mapFlags, "flags");
  if (flags !== undefined && (typeof flags === "number" || typeof flags === "bigint")) return bits;
  const type = bits & 3n ? 0n : BigInt(mapFlags.private);
  return bits | type | (hasFile ? 0n : BigInt(mapFlags.anonymous));
}

function lengthOf(length: unknown): number {
  if (Number.isSafeInteger(length) && (length as number) >= 0 && (length as number) <= mostBytes)
    return length as number;
  const text = `length: expected a whole number of bytes from 0 to ${mostBytes}, got ${show(length)}`;
  throw rangeError("ERR_PAGEWALK_OUT_OF_RANGE", text);
}

function objectOf<T extends object>(value: T, name: string): T {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `${name}: expected an object, got ${show(value)}`);
}

let make: (system: System, pid: number) => Process;

/** The object of a process, one for each, so that what is known of it stays with it. */
export function processOf(system: System, pid: number): Process {
  const known = system.objects.get(pid) ?? make(system, pid);
  system.objects.set(pid, known);
  return known;
}

/**
 * A process of a machine, made by `machine.createProcess()`, `fork()` and `vfork()`. Calls that Linux would refuse throw ERR_PAGEWALK_SYSTEM_CALL with `errno` and `syscall`;
 * accesses that are refused throw ERR_PAGEWALK_SEGV or ERR_PAGEWALK_BUS with the `violation`.
 */
export class Process {
  /** From 1 on, never given twice. */
  readonly pid: number;
  readonly #system: System;

  static {
    make = (system, pid) => new Process(system, pid);
  }
  private constructor(system: System, pid: number) {
    this.#system = system;
    this.pid = pid;
  }

  /** The pid of the process that forked it, or 0. */
  get parent(): number {
    return this.#system.process(this.pid).parent;
  }
  get state(): ProcessState {
    return this.#system.process(this.pid).state;
  }
  /** The signal that ended it; null while it lives, and where it exited. */
  get endSignal(): SignalName | null {
    return signalNames[this.#system.process(this.pid).endSignal] ?? null;
  }
  /** What it exited with; null while it lives, and where a signal ended it. */
  get exitStatus(): number | null {
    const { state, endSignal, exitStatus } = this.#system.process(this.pid);
    return state === "ended" && endSignal === 0 ? exitStatus : null;
  }

  /** mmap(2): the address of the mapping. */
  mmap(options: MmapOptions): bigint {
    const { address, length, protection, flags, file, offset } = objectOf(options, "options");
    const descriptor = file === undefined ? noDescriptor : addressBits(file, "file");
    return this.#call("mmap", [
      addressBits(address ?? 0, "address"),
      byteBits(length, "length"),
      protectionBits(protection ?? "read|write"),
      mapBits(flags, file !== undefined),
      descriptor,
      byteBits(offset ?? 0, "offset"),
    ]);
  }

  /** munmap(2). */
  munmap(address: Address, length: Address): void {
    this.#call("munmap", [addressBits(address), byteBits(length, "length")]);
  }

  /** mprotect(2). */
  mprotect(address: Address, length: Address, protection: Flags<Protection>): void {
    this.#call("mprotect", [addressBits(address), byteBits(length, "length"), protectionBits(protection)]);
  }

  /** mremap(2): where the mapping is now. */
  mremap(address: Address, oldLength: Address, newLength: Address, options: MremapOptions = {}): bigint {
    const { flags, address: target } = objectOf(options, "options");
    return this.#call("mremap", [
      addressBits(address),
      byteBits(oldLength, "oldLength"),
      byteBits(newLength, "newLength"),
      flagBits(flags ?? "maymove", remapFlags, "flags"),
      addressBits(target ?? 0, "options.address"),
    ]);
  }

  /** madvise(2). */
  madvise(address: Address, length: Address, advice: Advice | (string & {}) | number): void {
    this.#call("madvise", [addressBits(address), byteBits(length, "length"), flagBits(advice, advices, "advice")]);
  }

  /** brk(2): moves the end of the heap, and returns where it is then; without an address only where it is. */
  brk(end: Address = 0): bigint {
    return this.#call("brk", [addressBits(end, "end")]);
  }

  /** fork(2): a copy that shares every page until one of both stores to it. */
  fork(): Process {
    return processOf(this.#system, Number(this.#call("fork", [])));
  }

  /** _exit(2): every frame, table and slot of its own goes back. */
  exit(status = 0): void {
    this.#call("exit", [flagBits(status, {}, "status")]);
  }

  /** Forgets a process that has ended, as wait(2) does; false if it has not. */
  reap(): boolean {
    return this.#system.reap(this.pid);
  }

  /** One access in user mode. */
  access(address: Address, kind: AccessKind = "load"): ProcessAccess {
    return this.#system.access(this.pid, addressBits(address), kindNumber(kind));
  }

  /** Accesses in order; kinds are 0 fetch, 1 load, 2 store, 3 modify, and loads where there are none. */
  accessMany(addresses: BigUint64Array | Float64Array | readonly Address[], kinds?: Uint8Array): ProcessBatch {
    return this.#system.accessMany(this.pid, addressArray(addresses), kinds);
  }

  /** Bytes as the process loads them. The machine needs `contents: true`. */
  read(address: Address, length: number): Uint8Array {
    return this.#system.read(this.pid, addressBits(address), lengthOf(length));
  }

  /** Stores bytes as the process does. The machine needs `contents: true`. */
  write(address: Address, bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array))
      throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `bytes: expected a Uint8Array, got ${show(bytes)}`);
    this.#system.write(this.pid, addressBits(address), bytes);
  }

  /** What is mapped, by address, as /proc/self/maps shows it; nothing once it has ended. */
  vmas(): Vma[] {
    return this.#system.vmas(this.pid);
  }

  /** A snapshot of its counters. */
  stats(): ProcessStats {
    const { state, faults, memory } = this.#system.process(this.pid);
    const pages = memory ? { ...memory, rss: memory.anonymous + memory.file + memory.shared } : { ...noMemory };
    return { pid: this.pid, state, faults, memory: pages };
  }

  #call(call: Parameters<System["call"]>[1], args: readonly bigint[]): bigint {
    return this.#system.call(this.pid, call, args);
  }
}
