// SPDX-License-Identifier: MIT
// The processes of one machine behind its public objects: who calls the addon, and what its answers become.
import { Asked, Question } from "./asked.js";
import { PagewalkError, rangeError } from "./errors.js";
import { type ExceptionHandler, ExceptionHandlers } from "./exceptions.js";
import { type Health, healthOf } from "./health.js";
import { type AccessResult, Mailbox } from "./mailbox.js";
import { addon, type NativeStats } from "./native.js";
import {
  AccessEnd,
  type FaultReason,
  faultReasons,
  type KernelStats,
  type NativeAttributes,
  type NativeProcess,
  type NativeSystem,
  type NativeVma,
  systemCalls,
  type TripleFault,
} from "./native-system.js";
import type { ResolvedOptions } from "./options/types.js";
import type { Process } from "./process.js";
import { errnos } from "./process-names.js";
import { SignalHandlers } from "./signals.js";
import { refusal, type Violation, violationOf } from "./violation.js";

const esrch = 3;

/** What one access of a process did. */
export interface ProcessAccess extends AccessResult {
  /** Why it faulted, the last time if it did so more than once; null where it did not. */
  reason: FaultReason | null;
}

/** What a batch of accesses of a process did. */
export interface ProcessBatch {
  accesses: number;
  /** Look-ups that missed the first level of TLBs. */
  misses: number;
  walks: number;
  faults: number;
}

export class System {
  /** The public objects of processes that were not reaped. */
  readonly objects = new Map<number, Process>();
  readonly #mailbox = new Mailbox();
  readonly signals = new SignalHandlers();
  /** Where hooks say who answers for them. */
  readonly asked = new Asked();
  readonly #exceptions = new ExceptionHandlers(this.#mailbox);
  readonly #native: NativeSystem;
  readonly #hasContents: boolean;

  constructor(options: ResolvedOptions) {
    this.#hasContents = options.system.contents;
    const { asked } = this;
    this.#native = new (addon().NativeSystem)(options.native, options.system, this.#mailbox.buffer, asked.ask);
    asked.on(Question.Signal, this.signals.answer);
    asked.on(Question.Exception, this.#exceptions.answer);
  }

  createProcess(): number {
    const pid = this.#native.createProcess();
    this.asked.throwFailure();
    if (pid !== 0) return pid;
    throw new PagewalkError("ERR_PAGEWALK_OUT_OF_MEMORY", "no frame is free for the page tables of a new process");
  }

  pids(): number[] {
    return this.#native.processes();
  }
  process(pid: number): NativeProcess {
    return this.#native.process(pid);
  }
  vmas(pid: number): NativeVma[] {
    return this.#native.vmas(pid);
  }
  reap(pid: number): boolean {
    const reaped = this.#native.reap(pid);
    if (reaped) {
      this.objects.delete(pid);
      this.signals.forget(pid);
    }
    return reaped;
  }

  /** A system call. `name` is what errors call it, where that is not the name of the number. */
  call(pid: number, call: keyof typeof systemCalls, args: readonly bigint[], name: string = call): bigint {
    this.#mailbox.putArguments(args);
    return this.#value(pid, name, this.#native.call(pid, systemCalls[call]));
  }

  open(pid: number, how: "open" | "shm_open" | "memfd_create", name: string, flags: bigint): bigint {
    return this.#value(pid, how, this.#native.open(pid, how, name, flags));
  }
  shmUnlink(pid: number, name: string): void {
    this.#value(pid, "shm_unlink", this.#native.shmUnlink(name));
  }
  mincore(pid: number, address: bigint, length: bigint): Uint8Array {
    return this.#bytes(pid, "mincore", this.#native.mincore(pid, address, length));
  }
  allocateRegion(pid: number, size: bigint, rights: bigint): bigint {
    return this.#value(pid, "mmap", this.#native.allocateRegion(pid, size, rights));
  }
  freeRegion(pid: number, address: bigint, size: bigint): void {
    this.#value(pid, "munmap", this.#native.freeRegion(pid, address, size));
  }

  createFile(path: string, size: bigint): void {
    this.#value(0, "open", this.#native.createFile(path, size));
  }
  writeFile(path: string, offset: number, bytes: Uint8Array): void {
    this.#requireContents("writeFile");
    this.#value(0, "write", this.#native.writeFile(path, offset, bytes));
  }
  readFile(path: string, offset: number, length: number): Uint8Array {
    this.#requireContents("readFile");
    return this.#bytes(0, "read", this.#native.readFile(path, offset, length));
  }

  /** `remote` is the process whose memory it is, `pid` the one that asks. */
  readRemote(pid: number, remote: number, address: bigint, length: number): Uint8Array {
    this.#requireContents("processVmReadv");
    this.#requireRemote(pid, remote, "process_vm_readv");
    return this.#bytes(pid, "process_vm_readv", this.#native.readRemote(remote, address, length));
  }
  writeRemote(pid: number, remote: number, address: bigint, bytes: Uint8Array): number {
    this.#requireContents("processVmWritev");
    this.#requireRemote(pid, remote, "process_vm_writev");
    return Number(this.#value(pid, "process_vm_writev", this.#native.writeRemote(remote, address, bytes)));
  }

  /** Throws the error of what only a process that has not ended can be asked. */
  notRunning(pid: number): never {
    throw new PagewalkError("ERR_PAGEWALK_NOT_RUNNING", `process ${pid} has ended`);
  }
  setAttributes(pid: number, attributes: NativeAttributes): void {
    this.#native.setAttributes(pid, attributes);
  }
  /** Whether JavaScript is asked about the signal. */
  setSignalHandled(pid: number, signal: number, handled: boolean): void {
    this.#native.setSignalHandler(pid, signal, handled);
  }
  setExceptionHandler(vector: number, handler: ExceptionHandler | null | undefined): void {
    this.#exceptions.set(this.#native, vector, handler);
  }
  tripleFault(): TripleFault | null {
    return this.#native.tripleFault();
  }

  #value(pid: number, name: string, errno: number): bigint {
    this.asked.throwFailure();
    if (errno === 0) return this.#mailbox.value;
    throw this.#systemCallError(pid, name, errno);
  }
  #bytes(pid: number, name: string, answer: Uint8Array | number): Uint8Array {
    this.asked.throwFailure();
    if (typeof answer !== "number") return answer;
    throw this.#systemCallError(pid, name, answer);
  }

  #systemCallError(pid: number, syscall: string, number: number): PagewalkError {
    const [errno, meaning] = errnos[number] ?? [`errno ${number}`, "unknown error"];
    const killed = pid !== 0 && this.#wasKilled(pid) ? "; the process was killed for memory" : "";
    const message = `${pid === 0 ? "" : `process ${pid}: `}${syscall}: ${errno}: ${meaning}${killed}`;
    return new PagewalkError("ERR_PAGEWALK_SYSTEM_CALL", message, { errno, syscall });
  }

  access(pid: number, address: bigint, kind: number): ProcessAccess {
    this.#mailbox.putAccess(address, kind);
    const end = this.#native.access(pid);
    if (end !== AccessEnd.Done) throw this.#failure(pid, end);
    const outcome = this.#mailbox.takeOutcome();
    return { ...outcome, reason: outcome.fault === null ? null : faultReasons[this.#mailbox.faultReason]! };
  }

  accessMany(pid: number, addresses: BigUint64Array | Float64Array, kinds: Uint8Array | undefined): ProcessBatch {
    const before = this.#native.totals();
    const end = this.#native.accessMany(pid, addresses, kinds);
    if (end !== AccessEnd.Done) throw this.#failure(pid, end, ` (access ${this.#mailbox.done} of the batch, from 0)`);
    const after = this.#native.totals();
    return {
      accesses: after.accesses - before.accesses,
      misses: after.misses - before.misses,
      walks: after.walks - before.walks,
      faults: after.faults - before.faults,
    };
  }

  read(pid: number, address: bigint, length: number): Uint8Array {
    this.#requireContents("read");
    const bytes = this.#native.read(pid, address, length);
    if (bytes.length < length) throw this.#failure(pid, this.#mailbox.done);
    return bytes;
  }

  write(pid: number, address: bigint, bytes: Uint8Array): void {
    this.#requireContents("write");
    const end = this.#native.write(pid, address, bytes);
    if (end !== AccessEnd.Done) throw this.#failure(pid, end);
  }

  violations(): Violation[] {
    return this.#native.violations().map(violationOf);
  }
  stats(): NativeStats & { kernel: KernelStats } {
    return this.#native.stats();
  }
  health(): Health {
    const { problems, counts } = this.#native.health();
    return healthOf(problems, counts);
  }
  close(): void {
    this.#native.close();
  }

  #requireContents(call: string): void {
    if (this.#hasContents) return;
    throw rangeError("ERR_PAGEWALK_INVALID_CONFIG", `${call}: expected a machine with contents: true`);
  }

  #wasKilled(pid: number): boolean {
    const { state, endSignal } = this.#native.process(pid);
    return state === "ended" && endSignal === 9;
  }

  #requireRemote(pid: number, remote: number, call: string): void {
    if (!this.#native.processes().includes(remote)) throw this.#systemCallError(pid, call, esrch);
  }

  // The error of an access that did not complete.
  #failure(pid: number, end: number, where = ""): PagewalkError {
    this.asked.throwFailure();
    const named = (code: string, text: string): PagewalkError =>
      new PagewalkError(`ERR_PAGEWALK_${code}`, `process ${pid}: ${text}${where}`);
    switch (end) {
      case AccessEnd.Signaled: {
        const ended = this.#native.process(pid).state === "ended";
        return refusal(violationOf(this.#native.lastViolation()!), ended, where);
      }
      case AccessEnd.OutOfMemory:
        return named("OUT_OF_MEMORY", this.#wasKilled(pid) ? "it was killed for memory" : "no frame can be had");
      case AccessEnd.NotRunning:
        return named("NOT_RUNNING", "it ended, or waits for its child, since the call began");
      case AccessEnd.Halted:
        return new PagewalkError("ERR_PAGEWALK_HALTED", `the machine stopped: ${this.#native.tripleFault()!.report}`);
      case AccessEnd.Refused:
        return named("EXCEPTION", "an exception handler did not let the access complete");
      default:
        return named("HANDLER_ANSWER", "a handler let the access be tried again and again without mending its cause");
    }
  }
}
