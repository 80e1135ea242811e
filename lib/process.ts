// SPDX-License-Identifier: MIT
// A process of a machine: memory calls with Linux's semantics, accesses, bytes, what its faults were.
import { type Address, addressArray, addressBits, byteBits } from "./addresses.js";
import { codeOf } from "./errors.js";
import { kindNumber } from "./mailbox.js";
import type { AccessKind } from "./native-config.js";
import type { NativeLimits, systemCalls } from "./native-system.js";
import { bytesOf, functionOf, lengthOf, objectOf, textOf, wholeIn } from "./arguments.js";
import { changedLimits, mapBits, noDescriptor, signalNumber } from "./process-arguments.js";
import {
  type Advice,
  advices,
  type AttachFlag,
  attachFlags,
  type Flags,
  flagBits,
  type LockAllFlag,
  lockAllFlags,
  type LockFlag,
  lockFlags,
  openBits,
  type OpenFlag,
  type Protection,
  protectionBits,
  remapFlags,
  type SegmentFlag,
  segmentFlags,
  type SignalName,
  signalNames,
  type SyncFlag,
  syncFlags,
} from "./process-names.js";
import {
  type LimitChanges,
  type MmapOptions,
  type MremapOptions,
  type ProcessLimits,
  type ProcessState,
  type ProcessStats,
  processStats,
  type Region,
  type RemoteRange,
  type Vma,
} from "./process-types.js";
import type { RangeOptions, UserRange } from "./ranges.js";
import type { SignalHandler } from "./signals.js";
import type { ProcessAccess, ProcessBatch } from "./process-accesses.js";
import type { System } from "./system.js";
import type { Violation } from "./violation.js";

let make: (system: System, pid: number) => Process;

/** The object of a process, one for each, so that what is known of it stays with it. */
export function processOf(system: System, pid: number): Process {
  const known = system.objects.get(pid) ?? make(system, pid);
  system.objects.set(pid, known);
  return known;
}

/**
 * A process of a machine, made by `machine.createProcess()`, `fork()` and `vfork()`. Calls that Linux would refuse throw
 * ERR_PAGEWALK_SYSTEM_CALL with `errno` and `syscall`; accesses that are refused throw ERR_PAGEWALK_SEGV or
 * ERR_PAGEWALK_BUS with the `violation`. Lengths are bytes, or sizes such as `"64KiB"`.
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
  /**
   * Suspended: until a child made with vfork execs or exits. Blocked: in an access, until a page-fault handler has
   * answered; it can only exit meanwhile.
   */
  get state(): ProcessState {
    const { state } = this.#system.process(this.pid);
    return state === "running" && this.#system.isBlocked(this.pid) ? "blocked" : state;
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
    return this.#call("mmap", [
      addressBits(address ?? 0, "address"),
      byteBits(length, "length"),
      protectionBits(protection ?? "read|write"),
      mapBits(flags, file !== undefined),
      file === undefined ? noDescriptor : addressBits(file, "file"),
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
  /** pkey_mprotect(2): also gives the pages a protection key from 0 to 15. What keys refuse is up to `pkru`. */
  pkeyMprotect(address: Address, length: Address, protection: Flags<Protection>, key: number): void {
    const range = [addressBits(address), byteBits(length, "length")];
    this.#call("pkey_mprotect", [...range, protectionBits(protection), addressBits(key, "key")]);
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
  /** mlock2(2); without flags mlock(2). */
  mlock(address: Address, length: Address, flags: Flags<LockFlag> = 0): void {
    this.#call(
      "mlock2",
      [addressBits(address), byteBits(length, "length"), flagBits(flags, lockFlags, "flags")],
      "mlock",
    );
  }
  /** munlock(2). */
  munlock(address: Address, length: Address): void {
    this.#call("munlock", [addressBits(address), byteBits(length, "length")]);
  }
  /** mlockall(2). */
  mlockall(flags: Flags<LockAllFlag> = "current"): void {
    this.#call("mlockall", [flagBits(flags, lockAllFlags, "flags")]);
  }
  /** munlockall(2). */
  munlockall(): void {
    this.#call("munlockall", []);
  }
  /** msync(2). */
  msync(address: Address, length: Address, flags: Flags<SyncFlag> = "sync"): void {
    this.#call("msync", [addressBits(address), byteBits(length, "length"), flagBits(flags, syncFlags, "flags")]);
  }
  /** mincore(2): a byte for each page, 1 where an access would need no device; at most 1 TiB at a time. */
  mincore(address: Address, length: Address): Uint8Array {
    return this.#system.mincore(this.pid, addressBits(address), byteBits(length, "length"));
  }
  /** brk(2): moves the end of the heap, and returns where it is then; without an address only where it is. */
  brk(end: Address = 0): bigint {
    return this.#call("brk", [addressBits(end, "end")]);
  }

  /** A mapping of so many bytes, private and zero: all of it or, with an error, nothing. */
  allocateRegion(size: Address, rights: Flags<Protection> = "read|write"): Region {
    const bytes = byteBits(size, "size");
    const address = this.#system.allocateRegion(this.pid, bytes, protectionBits(rights, "rights"));
    return Object.freeze({ address, size: bytes });
  }
  /** Gives a whole region back; EINVAL, and nothing changed, where a part of it is mapped no more. */
  freeRegion(region: Region): void {
    const { address, size } = objectOf(region, "region");
    this.#system.freeRegion(this.pid, addressBits(address, "region.address"), byteBits(size, "region.size"));
  }

  /** fork(2): a copy that shares every page until one of both stores to it. */
  fork(): Process {
    return this.#child("fork");
  }
  /** vfork(2): a child in this address space; this process waits until the child execs or exits. */
  vfork(): Process {
    return this.#child("vfork");
  }
  /** What execve(2) does to memory: a new, empty address space, and no signal handlers. */
  exec(): void {
    this.#call("execve", []);
    this.#system.signals.forget(this.pid);
  }
  /** _exit(2): every frame, table and slot of its own goes back. */
  exit(status = 0): void {
    this.#call("exit", [BigInt(wholeIn(status, 0, 255, "status"))]);
  }
  /** Forgets a process that has ended, as wait(2) does; false if it has not. */
  reap(): boolean {
    return this.#system.reap(this.pid);
  }

  /** open(2) of a file that the machine has, or creates: a descriptor. */
  open(path: string, flags: Flags<OpenFlag> = "read|write"): number {
    return Number(this.#system.open(this.pid, "open", textOf(path, "path"), openBits(flags)));
  }
  /** shm_open(3): a descriptor. */
  shmOpen(name: string, flags: Flags<OpenFlag> = "read|write|create"): number {
    return Number(this.#system.open(this.pid, "shm_open", textOf(name, "name"), openBits(flags)));
  }
  /** shm_unlink(3). */
  shmUnlink(name: string): void {
    this.#system.shmUnlink(this.pid, textOf(name, "name"));
  }
  /** memfd_create(2): a descriptor. */
  memfdCreate(name: string): number {
    return Number(this.#system.open(this.pid, "memfd_create", textOf(name, "name"), 0n));
  }
  /** close(2). */
  close(descriptor: number): void {
    this.#call("close", [addressBits(descriptor, "descriptor")]);
  }
  /** ftruncate(2). */
  ftruncate(descriptor: number, length: Address): void {
    this.#call("ftruncate", [addressBits(descriptor, "descriptor"), byteBits(length, "length")]);
  }

  /** shmget(2): the id of a System V segment. Key 0 is IPC_PRIVATE. */
  shmget(key: number, size: Address, flags: Flags<SegmentFlag> = "create"): number {
    const bits = flagBits(flags, segmentFlags, "flags");
    return Number(this.#call("shmget", [addressBits(key, "key"), byteBits(size, "size"), bits]));
  }
  /** shmat(2): where the segment is attached. */
  shmat(id: number, options: { address?: Address; flags?: Flags<AttachFlag> } = {}): bigint {
    const { address, flags } = objectOf(options, "options");
    const bits = flagBits(flags ?? 0, attachFlags, "flags");
    return this.#call("shmat", [addressBits(id, "id"), addressBits(address ?? 0, "address"), bits]);
  }
  /** shmdt(2). */
  shmdt(address: Address): void {
    this.#call("shmdt", [addressBits(address)]);
  }
  /** shmctl(2) with IPC_RMID: the segment goes with its last attachment. */
  shmRemove(id: number): void {
    this.#call("shmctl", [addressBits(id, "id"), 0n]);
  }

  /** process_vm_readv(2): bytes of another process; fewer than asked for where a later page cannot be read. */
  processVmReadv(remote: Process | number, ranges: RemoteRange | readonly RemoteRange[]): Uint8Array {
    const parts: Uint8Array[] = [];
    for (const range of listOf(ranges)) {
      const { address, length } = objectOf(range, "ranges");
      const wanted = lengthOf(length);
      const read = (): Uint8Array => this.#system.readRemote(this.pid, pidOf(remote), addressBits(address), wanted);
      const bytes = orNothing(parts.length > 0, read) ?? new Uint8Array();
      parts.push(bytes);
      if (bytes.length < wanted) break;
    }
    return parts.length === 1 ? parts[0]! : new Uint8Array(Buffer.concat(parts));
  }
  /** process_vm_writev(2): how many bytes were written; fewer than given where a later page cannot be. */
  processVmWritev(remote: Process | number, address: Address, bytes: Uint8Array): number {
    return this.#system.writeRemote(this.pid, pidOf(remote), addressBits(address), bytesOf(bytes));
  }

  /** getrlimit(2), as far as it concerns memory. */
  get limits(): ProcessLimits {
    return this.#limits();
  }
  /** setrlimit(2): what is absent stays. */
  setLimits(changes: LimitChanges): void {
    this.#system.setAttributes(this.pid, { limits: changedLimits(this.#limits(), changes) });
  }
  /** From -1000 (never killed for memory) to 1000: /proc/PID/oom_score_adj. */
  get oomScoreAdjustment(): number {
    return this.#system.process(this.pid).oomScoreAdjustment;
  }
  set oomScoreAdjustment(adjustment: number) {
    this.#system.setAttributes(this.pid, {
      oomScoreAdjustment: wholeIn(adjustment, -1000, 1000, "oomScoreAdjustment"),
    });
  }
  /** Two bits for each protection key: access and write disabled. Default 0. In force with `protectionKeys: true`. */
  get pkru(): number {
    return this.#system.process(this.pid).pkru;
  }
  set pkru(rights: number) {
    this.#system.setAttributes(this.pid, { pkru: wholeIn(rights, 0, 2 ** 32 - 1, "pkru") });
  }

  /**
   * sigaction(2): who is asked when an access of the process is refused. The function returned takes the handler away, if
   * no other has taken its place. A child begins with its parent's handlers, exec takes them away, and while one runs,
   * its signal is blocked.
   */
  onSignal(signal: Violation["signal"], handler: SignalHandler): () => void {
    const number = signalNumber(signal);
    functionOf(handler, "handler");
    this.#system.setSignalHandled(this.pid, number, true);
    const { signals } = this.#system;
    signals.set(this.pid, signal, handler);
    return () => {
      if (signals.find(this.pid, signal) !== handler) return;
      if (this.state === "running" || this.state === "blocked") this.#system.setSignalHandled(this.pid, number, false);
      signals.remove(this.pid, signal);
    };
  }

  /** One access in user mode. */
  access(address: Address, kind: AccessKind = "load"): ProcessAccess {
    return this.#system.accesses.access(this.pid, addressBits(address), kindNumber(kind));
  }
  /** Accesses in order; kinds are 0 fetch, 1 load, 2 store, 3 modify, and loads where there are none. */
  accessMany(addresses: BigUint64Array | Float64Array | readonly Address[], kinds?: Uint8Array): ProcessBatch {
    return this.#system.accesses.accessMany(this.pid, addressArray(addresses), kinds);
  }
  /** Bytes as the process loads them. The machine needs `contents: true`. */
  read(address: Address, length: number): Uint8Array {
    return this.#system.accesses.read(this.pid, addressBits(address), lengthOf(length));
  }
  /** Stores bytes as the process does. The machine needs `contents: true`. */
  write(address: Address, bytes: Uint8Array): void {
    this.#system.accesses.write(this.pid, addressBits(address), bytesOf(bytes));
  }
  /**
   * Hands the page faults of a range to a handler, as userfaultfd(2) does. The range is registered with no one in a forked
   * child and where mremap moves it to. Faults of memory calls cannot wait: they end the call with EFAULT.
   */
  registerRange(address: Address, length: Address, options: RangeOptions = {}): UserRange {
    return this.#system.ranges.open(this.pid, address, length, options);
  }

  /** The same as `access`, where page-fault handlers may answer with promises: the process is blocked meanwhile. */
  async accessAsync(address: Address, kind: AccessKind = "load"): Promise<ProcessAccess> {
    return this.#system.accesses.accessAsync(this.pid, addressBits(address), kindNumber(kind));
  }
  /** The same as `read`, where page-fault handlers may answer with promises. */
  async readAsync(address: Address, length: number): Promise<Uint8Array> {
    return this.#system.accesses.readAsync(this.pid, addressBits(address), lengthOf(length));
  }
  /** The same as `write`, where page-fault handlers may answer with promises. */
  async writeAsync(address: Address, bytes: Uint8Array): Promise<void> {
    return this.#system.accesses.writeAsync(this.pid, addressBits(address), bytesOf(bytes));
  }

  /** What is mapped, by address, as /proc/self/maps shows it; nothing once it has ended. */
  vmas(): Vma[] {
    return this.#system.vmas(this.pid);
  }
  /** A snapshot of its counters. */
  stats(): ProcessStats {
    return processStats(this.pid, this.#system.process(this.pid));
  }

  /**
   * PSS: resident pages, each divided by the number of mappings that share it. Looks at every page, unlike `stats()`,
   * which counts RSS as it changes.
   */
  proportionalSetSize(): number {
    return this.#system.proportionalPages(this.pid);
  }

  #call(call: keyof typeof systemCalls, args: readonly bigint[], name?: string): bigint {
    return this.#system.call(this.pid, call, args, name);
  }
  #child(call: "fork" | "vfork"): Process {
    const pid = Number(this.#call(call, []));
    this.#system.signals.inherit(this.pid, pid);
    return processOf(this.#system, pid);
  }
  // Nothing may be asked of a process that has ended.
  #limits(): NativeLimits {
    const { limits } = this.#system.process(this.pid);
    return limits ?? this.#system.notRunning(this.pid);
  }
}

const listOf = <T>(one: T | readonly T[]): readonly T[] => (Array.isArray(one) ? one : [one as T]);
const pidOf = (process: Process | number): number =>
  process instanceof Process ? process.pid : wholeIn(process, 0, 2 ** 32 - 1, "remote");

// Of several ranges the first one's error counts, and ends the call; a later one's only ends it.
function orNothing<T>(isLater: boolean, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isLater && codeOf(error) === "ERR_PAGEWALK_SYSTEM_CALL") return undefined;
    throw error;
  }
}
